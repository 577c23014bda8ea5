//! The router alone, in front of given addresses: to measure it, or to try it with curl.
//!
//! `cargo run --release -p xii-runtime --example route -- --listen 127.0.0.1:8080 --backend 127.0.0.1:8081`

use std::net::SocketAddr;
use std::process::ExitCode;

use xii_model::Instance;
use xii_runtime::router::{Backend, Router, Settings, Tls};

const USAGE: &str = "usage: route --listen ADDRESS --backend ADDRESS [--backend ADDRESS]… \
                     [--threads N] [--certificate FILE --key FILE]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("route: {message}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let mut settings = Settings::new(0);
    let mut addresses: Vec<SocketAddr> = Vec::new();
    let (mut certificate, mut key) = (None, None);
    let mut arguments = std::env::args().skip(1);
    while let Some(flag) = arguments.next() {
        let value = arguments.next().ok_or(USAGE)?;
        let address = || {
            value
                .parse()
                .map_err(|_| format!("`{value}` is no address: write 127.0.0.1:8080"))
        };
        match flag.as_str() {
            "--listen" => settings.listen = address()?,
            "--backend" => addresses.push(address()?),
            "--threads" => settings.threads = value.parse().map_err(|_| USAGE)?,
            "--certificate" => certificate = Some(value.into()),
            "--key" => key = Some(value.into()),
            _ => return Err(USAGE.to_owned()),
        }
    }
    if let (Some(certificate), Some(key)) = (certificate, key) {
        settings.tls = Some(Tls { certificate, key });
    }
    let handle = Router::start(settings).map_err(|error| error.to_string())?;
    let backends = addresses
        .into_iter()
        .zip(1..)
        .map(|(address, number)| Backend {
            id: u64::from(number),
            instance: Instance::new("web", number),
            address,
        });
    handle.set_backends(backends.collect());
    println!("listening on {}", handle.address());
    // Until a signal ends the process.
    loop {
        std::thread::park();
    }
}
