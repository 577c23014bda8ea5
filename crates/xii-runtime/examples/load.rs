//! Loads a server of this machine for some seconds: `load URL [CONNECTIONS] [SECONDS]`.

use std::time::Duration;

use xii_runtime::load::{Load, Span, Switch, Target, run};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, default| words.get(at).map_or(Ok(default), |word| word.parse());
    let load = Load {
        connections: number(1, 64)?,
        span: Span::For(Duration::from_secs(number(2, 5)?.into())),
        ..Load::new(Target::new(words.get(..1).unwrap_or_default(), &[])?)
    };
    let report = run(&load, &Switch::default())?;
    println!("{}", serde_json::to_string_pretty(&report)?);
    Ok(())
}
