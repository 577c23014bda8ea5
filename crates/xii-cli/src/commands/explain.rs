//! `xii explain`: what a rule, a criterion or a factor is about.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use xii_model::{Criterion, Factor};
use xii_rules::{Entry, RULES};

use crate::error::Failure;
use crate::output::Color;
use crate::{output, page, settings};

/// Explain a rule, a criterion or a factor: what it asks, why, and how to keep it
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii explain                       list the factors, criteria and rules
  xii explain IX                    a factor
  xii explain IX.2                  a criterion
  xii explain hard-coded-secret     a rule")]
pub(crate) struct Arguments {
    /// A rule's name, a criterion's id, or a factor's numeral or name
    topic: Option<String>,
    /// When to colour
    #[arg(long, value_enum, default_value_t)]
    color: Color,
}

/// The pages about the factors, in order.
static PAGES: [&str; 15] = [
    include_str!("../../../../knowledge/factors/i-codebase.md"),
    include_str!("../../../../knowledge/factors/ii-dependencies.md"),
    include_str!("../../../../knowledge/factors/iii-config.md"),
    include_str!("../../../../knowledge/factors/iv-backing-services.md"),
    include_str!("../../../../knowledge/factors/v-build-release-run.md"),
    include_str!("../../../../knowledge/factors/vi-processes.md"),
    include_str!("../../../../knowledge/factors/vii-port-binding.md"),
    include_str!("../../../../knowledge/factors/viii-concurrency.md"),
    include_str!("../../../../knowledge/factors/ix-disposability.md"),
    include_str!("../../../../knowledge/factors/x-dev-prod-parity.md"),
    include_str!("../../../../knowledge/factors/xi-logs.md"),
    include_str!("../../../../knowledge/factors/xii-admin-processes.md"),
    include_str!("../../../../knowledge/factors/xiii-api-first.md"),
    include_str!("../../../../knowledge/factors/xiv-telemetry.md"),
    include_str!("../../../../knowledge/factors/xv-auth.md"),
];

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> Result<ExitCode, Failure> {
    let Some(topic) = arguments.topic.as_deref().map(str::trim) else {
        output::print(&contents())?;
        return Ok(ExitCode::SUCCESS);
    };
    let text = if let Some(entry) = Entry::find(&topic.to_lowercase()) {
        rule(entry)
    } else if let Some(found) = Criterion::find(topic) {
        criterion(found)
    } else if let Ok(found) = topic.parse::<Factor>() {
        factor(found)
    } else {
        let rules = RULES.iter().map(|entry| entry.rule.name);
        let names = rules
            .chain(Criterion::all().map(|one| one.id))
            .chain(Factor::ALL.map(Factor::name));
        let advice = settings::nearest(topic, names).map_or_else(
            || "`xii explain` lists what there is".to_owned(),
            |meant| format!("did you mean `{meant}`?"),
        );
        return Err(Failure::usage(format!(
            "nothing is known of `{topic}`; {advice}"
        )));
    };
    output::print(&page::show(&text, arguments.color.for_stdout()))?;
    Ok(ExitCode::SUCCESS)
}

/// Factors, criteria and rules as a list.
fn contents() -> String {
    let mut text = String::new();
    for factor in Factor::ALL {
        let _ = writeln!(text, "{factor} {}: {}", factor.name(), factor.principle());
        for criterion in Criterion::of(factor) {
            let rules: Vec<_> = Entry::answering(criterion.id)
                .map(|entry| entry.rule.name)
                .collect();
            let _ = writeln!(
                text,
                "  {:<8} {:<40} {}",
                criterion.id,
                criterion.title,
                rules.join(", ")
            );
        }
        text.push('\n');
    }
    text
}

fn rule(entry: &Entry) -> String {
    let rule = entry.rule;
    let mut text = format!("# {}\n\n{}\n\n", rule.name, entry.docs.trim());
    let _ = writeln!(
        text,
        "Severity: {}, unless a finding says otherwise.",
        rule.severity.name()
    );
    for id in rule.criteria {
        if let Some(criterion) = Criterion::find(id) {
            let _ = writeln!(text, "Answers {}: {}", criterion.id, criterion.statement);
        }
    }
    let _ = writeln!(
        text,
        "\nTo allow one: `xii: allow({}) why` in a comment on its line or above it.",
        rule.name
    );
    text
}

fn criterion(criterion: &Criterion) -> String {
    let mut text = format!("# {} {}\n\n", criterion.id, criterion.title);
    let _ = writeln!(
        text,
        "{}\n\n## Why\n\n{}\n\n## How\n\n{}\n",
        criterion.statement, criterion.why, criterion.how
    );
    text.push_str("## How it is told\n\n");
    let _ = writeln!(
        text,
        "- from the code: {}",
        criterion
            .from_code
            .unwrap_or("nothing; only a run shows it")
    );
    let _ = writeln!(
        text,
        "- from a run: {}",
        criterion.from_run.unwrap_or("nothing; the code shows it")
    );
    let rules: Vec<_> = Entry::answering(criterion.id)
        .map(|entry| format!("`{}`", entry.rule.name))
        .collect();
    if !rules.is_empty() {
        let _ = writeln!(text, "- rules: {}", rules.join(", "));
    }
    let profiles: Vec<_> = criterion
        .profiles
        .iter()
        .map(|profile| profile.name())
        .collect();
    let _ = writeln!(
        text,
        "\nFactor: {} {}\nProfiles: {}\nSource: {}",
        criterion.factor,
        criterion.factor.name(),
        profiles.join(", "),
        criterion.source
    );
    text
}

fn factor(factor: Factor) -> String {
    let page = Factor::ALL
        .iter()
        .position(|one| *one == factor)
        .and_then(|number| PAGES.get(number));
    let mut text = page.map_or(String::new(), |page| page.trim_end().to_owned());
    text.push_str("\n\n## Criteria\n\n");
    for criterion in Criterion::of(factor) {
        let _ = writeln!(text, "- {} {}", criterion.id, criterion.statement);
    }
    text
}
