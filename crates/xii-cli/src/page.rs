//! Showing a page of simple Markdown on a terminal: headings, code and lists set apart.

use anstyle::{AnsiColor, Style};

/// The page as it is, or styled for a terminal.
pub(crate) fn show(page: &str, color: bool) -> String {
    if !color {
        return page.to_owned();
    }
    let heading = Style::new().bold();
    let code = AnsiColor::Cyan.on_default();
    let mut fenced = false;
    let mut shown = String::with_capacity(page.len() * 2);
    for line in page.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
            continue;
        }
        if fenced {
            shown.push_str(&format!("    {code}{line}{code:#}\n"));
        } else if let Some(title) = line.strip_prefix('#') {
            let title = title.trim_start_matches('#').trim();
            shown.push_str(&format!("{heading}{title}{heading:#}\n"));
        } else {
            shown.push_str(&inline(line, code));
            shown.push('\n');
        }
    }
    shown
}

/// A line with what stands between backticks coloured. A backtick without a partner stays.
fn inline(line: &str, code: Style) -> String {
    let parts: Vec<&str> = line.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return line.to_owned();
    }
    let mut shown = String::new();
    for (number, part) in parts.iter().enumerate() {
        if number % 2 == 1 {
            shown.push_str(&format!("{code}{part}{code:#}"));
        } else {
            shown.push_str(part);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_styled_only_for_those_who_see_colour() {
        let page = "# Title\n\nUse `PORT`, not ` alone.\n\n```js\nlisten(1)\n```\n";
        assert_eq!(show(page, false), page);
        let shown = show(page, true);
        assert!(shown.contains("\u{1b}[1mTitle\u{1b}[0m") && !shown.contains("```"));
        assert!(shown.contains("    \u{1b}[36mlisten(1)\u{1b}[0m"));
        assert!(shown.contains("Use `PORT`, not ` alone."));
    }
}
