//! Puts the parts of the Markdown report together, within the size of a comment.

use xii_model::{AppReport, Report, Trial};

use super::escape::{code, html, link, text};
use super::{checklist, findings, trials};
use crate::advice::advice;
use crate::section::{EMPTY, EMPTY_ADVICE, Section, is_empty};
use crate::totals::{Totals, of};
use crate::trial::title;
use crate::{neutral, plan, score};

/// A comment on GitHub holds 65,536 characters; the end of the report wants some of them.
const ROOM: usize = 56_000;
/// How many changes of the plan are named.
const STEPS: usize = 5;
/// How many notices are named.
const NOTICES: usize = 15;

/// The report as Markdown.
pub(crate) fn render(report: &Report) -> String {
    if is_empty(report) {
        return format!("# {}\n\n{EMPTY} {EMPTY_ADVICE}\n", title(report));
    }
    let totals = Totals::of(&report.findings);
    let mut page = Page {
        text: format!(
            "# {}\n\n**{}**; {}.\n\n",
            title(report),
            totals.by_severity(),
            totals.aside()
        ),
        used: 0,
    };
    let sections = Section::all(report);
    for section in &sections {
        page.put(&head(section.app));
        page.put(&steps(report, section.app));
    }
    let mut left_out = 0;
    for section in &sections {
        let title = if sections.len() > 1 {
            format!("## Checklist of {}\n\n", text(&section.app.name))
        } else {
            "## Checklist\n\n".to_owned()
        };
        let list = checklist::render(section.app);
        if !page.put(&format!("{title}{list}")) {
            left_out += section.app.criteria.len();
        }
    }
    let mut unshown = 0;
    for section in &sections {
        unshown += page.findings(section);
    }
    let mut untold = 0;
    for section in &sections {
        untold += page.trials(section);
    }
    page.text.push_str(&notices(report));
    if left_out + unshown + untold > 0 {
        let transcripts = match untold {
            0 => String::new(),
            count => format!("{}, ", of(count, "transcript")),
        };
        page.text.push_str(&format!(
            "Left out to fit a comment: {transcripts}{} and {}. The other formats hold them all.\n",
            of(unshown, "finding"),
            match left_out {
                1 => "1 criterion".to_owned(),
                many => format!("{many} criteria"),
            }
        ));
    }
    page.text
}

/// Text with a bound.
struct Page {
    text: String,
    used: usize,
}

impl Page {
    /// Adds a part if there is room for it.
    fn put(&mut self, part: &str) -> bool {
        let size = part.chars().count();
        let fits = self.used + size <= ROOM;
        if fits {
            self.used += size;
            self.text.push_str(part);
        }
        fits
    }

    /// Adds an app's findings, folded, as far as there is room; returns how many there was none for.
    fn findings(&mut self, section: &Section<'_>) -> usize {
        let active: Vec<_> = section
            .findings
            .iter()
            .filter(|finding| finding.suppression.is_none())
            .collect();
        let summary = format!(
            "<details><summary>{} of {}</summary>\n\n",
            of(active.len(), "finding"),
            html(&section.app.name)
        );
        if active.is_empty() || !self.put(&summary) {
            return active.len();
        }
        let mut unshown = 0;
        for finding in active {
            unshown += usize::from(!self.put(&findings::render(section.app, finding)));
        }
        self.text.push_str("</details>\n\n");
        unshown
    }

    /// Adds the transcripts of what is not told with a finding, folded, as far as there is room; returns how
    /// many there was none for.
    fn trials(&mut self, section: &Section<'_>) -> usize {
        let rest: Vec<&Trial> = trials::rest(section);
        let summary = format!(
            "<details><summary>{} of what else was tried of {}</summary>\n\n",
            of(rest.len(), "transcript"),
            html(&section.app.name)
        );
        if rest.is_empty() || !self.put(&summary) {
            return rest.len();
        }
        let mut untold = 0;
        for trial in rest {
            untold += usize::from(!self.put(&trials::item(trial)));
        }
        self.text.push_str("</details>\n\n");
        untold
    }
}

/// Name, score and what the app is made of.
fn head(app: &AppReport) -> String {
    let score = score(app);
    let points = match score.points {
        Some(points) => format!("Score **{points}** of 100"),
        None => "No score".to_owned(),
    };
    let mut about = vec![
        points,
        format!("{} of {} criteria told", score.told, score.applying),
    ];
    for words in [&app.languages, &app.frameworks] {
        if !words.is_empty() {
            about.push(text(&words.join(", ")));
        }
    }
    if let Some(git) = &app.git {
        let branch = git.branch.as_deref().unwrap_or("detached");
        let dirty = if git.dirty { " (dirty)" } else { "" };
        about.push(format!("{} @ {}{dirty}", code(branch), code(&git.commit)));
    }
    let root = if app.root == "." {
        String::new()
    } else {
        format!(" ({})", code(&app.root))
    };
    let run = trials::summary(app);
    format!(
        "## {}{root}\n\n{}\n\n{run}",
        text(&app.name),
        about.join(" · ")
    )
}

/// What to do first.
fn steps(report: &Report, app: &AppReport) -> String {
    let mut list = String::new();
    for (number, step) in (1..).zip(plan(report, app).iter().take(STEPS)) {
        let Some(first) = step.findings.first() else {
            continue;
        };
        let more = match step.findings.len() - 1 {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let advice = advice(&first.help).unwrap_or_else(|| first.message.clone());
        list.push_str(&format!(
            "{number}. **+{}** {}: {} ({}{more})\n",
            step.gain,
            code(step.rule),
            text(&advice),
            link(&first.evidence),
        ));
    }
    if list.is_empty() {
        return list;
    }
    format!("Do these first; each with the points that it adds to the score:\n\n{list}\n")
}

/// What could not be read, and what suppresses nothing.
fn notices(report: &Report) -> String {
    let all = || report.notices.iter().chain(&report.stale_suppressions);
    let count = all().count();
    if count == 0 {
        return String::new();
    }
    let mut list = format!("<details><summary>{}</summary>\n\n", of(count, "notice"));
    for notice in all().take(NOTICES) {
        let line = notice
            .line
            .map_or_else(String::new, |line| format!(":{line}"));
        let message = neutral::cut(&neutral::line(&notice.message), 200);
        let place = neutral::cut(&format!("{}{line}", neutral::line(&notice.path)), 60);
        list.push_str(&format!("- {}: {}\n", code(&place), text(&message)));
    }
    if count > NOTICES {
        list.push_str(&format!("- and {} more\n", count - NOTICES));
    }
    list.push_str("\n</details>\n\n");
    list
}
