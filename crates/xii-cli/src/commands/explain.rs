//! `xii explain`: what a rule, a probe, a criterion or a factor is about.

use std::fmt::Write as _;
use std::process::ExitCode;

use clap::Args;
use xii_model::{Criterion, Factor};
use xii_probes::PROBES;
use xii_rules::RULES;

use crate::error::Failure;
use crate::output::Color;
use crate::{output, page, settings};

/// Explain a rule, a probe, a criterion or a factor: what it asks, why, and how to keep it
#[derive(Args)]
#[command(after_help = "\
Examples:
  xii explain                       list the factors, criteria, rules and probes
  xii explain IX                    a factor
  xii explain IX.2                  a criterion
  xii explain hard-coded-secret     a rule, which reads the code
  xii explain start-budget          a probe, which runs the app")]
pub(crate) struct Arguments {
    /// The name of a rule or a probe, a criterion's id, or a factor's numeral or name
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
    let name = topic.to_lowercase();
    let text = if let Some(entry) = xii_rules::Entry::find(&name) {
        rule(entry)
    } else if let Some(entry) = xii_probes::Entry::find(&name) {
        probe(entry)
    } else if let Some(found) = Criterion::find(topic) {
        criterion(found)
    } else if let Ok(found) = topic.parse::<Factor>() {
        factor(found)
    } else {
        let rules = RULES.iter().map(|entry| entry.rule.name);
        let names = rules
            .chain(PROBES.iter().map(|entry| entry.probe.name))
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

/// Factors, criteria, rules and probes as a list.
fn contents() -> String {
    let mut text = String::from(
        "The criteria by factor; behind each the rules that read the code and, after a dot, the probes that run the app.\n\n",
    );
    for factor in Factor::ALL {
        let _ = writeln!(text, "{factor} {}: {}", factor.name(), factor.principle());
        for criterion in Criterion::of(factor) {
            let rules: Vec<_> = xii_rules::Entry::answering(criterion.id)
                .map(|entry| entry.rule.name)
                .collect();
            let probes: Vec<_> = xii_probes::Entry::answering(criterion.id)
                .map(|entry| entry.probe.name)
                .collect();
            let mut names = rules.join(", ");
            if !probes.is_empty() {
                let space = if rules.is_empty() { "" } else { " " };
                let _ = write!(names, "{space}· {}", probes.join(", "));
            }
            let line = format!("  {:<8} {:<40} {names}", criterion.id, criterion.title);
            let _ = writeln!(text, "{}", line.trim_end());
        }
        text.push('\n');
    }
    text
}

fn rule(entry: &xii_rules::Entry) -> String {
    let rule = entry.rule;
    let mut text = format!("# {}\n\n{}\n\n", rule.name, entry.docs.trim());
    let _ = writeln!(
        text,
        "Severity: {}, unless a finding says otherwise.",
        rule.severity.name()
    );
    answers(rule.criteria, &mut text);
    let _ = writeln!(
        text,
        "\nTo allow one: `xii: allow({}) why` in a comment on its line or above it.",
        rule.name
    );
    text
}

fn probe(entry: &xii_probes::Entry) -> String {
    let probe = entry.probe;
    let mut text = format!("# {}\n\n{}\n\n", probe.name, entry.docs.trim());
    let _ = writeln!(
        text,
        "A probe of the phase {}. Severity: {}, where it is broken.",
        probe.phase.name(),
        probe.severity.name()
    );
    answers(probe.criteria, &mut text);
    let _ = writeln!(
        text,
        "\nTo run it alone: `xii prove{}`\nTo allow what it finds: an entry of `allow` under `[check]` in xii.toml, with `rule = \"{}\"`.",
        probe
            .criteria
            .iter()
            .map(|id| format!(" --criterion {id}"))
            .collect::<String>(),
        probe.name
    );
    text
}

/// The criteria that a rule or a probe answers.
fn answers(criteria: &[&str], text: &mut String) {
    for id in criteria {
        if let Some(criterion) = Criterion::find(id) {
            let _ = writeln!(text, "Answers {}: {}", criterion.id, criterion.statement);
        }
    }
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
    let rules: Vec<_> = xii_rules::Entry::answering(criterion.id)
        .map(|entry| format!("`{}`", entry.rule.name))
        .collect();
    if !rules.is_empty() {
        let _ = writeln!(text, "- rules: {}", rules.join(", "));
    }
    for entry in xii_probes::Entry::answering(criterion.id) {
        let _ = writeln!(text, "- probe `{}`: {}", entry.probe.name, entry.summary());
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
