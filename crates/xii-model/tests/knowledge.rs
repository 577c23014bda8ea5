//! The pages of `knowledge/factors` keep in step with the factors and the catalogue.

use std::fs;
use std::path::{Path, PathBuf};

use xii_model::{Criterion, Factor};

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../knowledge/factors")
}

/// The page of a factor, found by the numeral that its file's name begins with.
fn page(factor: Factor) -> String {
    let prefix = format!("{}-", factor.id().to_lowercase());
    let found: Vec<PathBuf> = fs::read_dir(pages())
        .expect("knowledge/factors can be listed")
        .map(|entry| entry.expect("an entry of it can be read").path())
        .filter(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with(&prefix))
        })
        .collect();
    assert_eq!(found.len(), 1, "pages of {factor}: {found:?}");
    fs::read_to_string(&found[0]).expect("a page is UTF-8 text")
}

#[test]
fn there_is_one_page_a_factor_and_no_other() {
    assert_eq!(fs::read_dir(pages()).unwrap().count(), Factor::ALL.len());
}

#[test]
fn a_page_is_headed_by_its_factor_and_ends_with_its_criteria() {
    for factor in Factor::ALL {
        let page = page(factor);
        let first = page.lines().next().unwrap();
        assert_eq!(first, format!("# {factor} {}", factor.name()));
        let count = Criterion::of(factor).count();
        let last = page.lines().last().unwrap();
        assert_eq!(last, format!("Criteria: {factor}.1 to {factor}.{count}."));
    }
}

#[test]
fn every_page_has_the_same_sections() {
    for factor in Factor::ALL {
        let page = page(factor);
        let sections: Vec<&str> = prose(&page)
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        let mut rest = sections.iter();
        for wanted in [
            "Principle",
            "Node",
            "Python",
            "Other languages",
            "Anti-patterns",
            "In Kubernetes",
        ] {
            assert!(
                rest.any(|section| *section == wanted),
                "{factor}: {wanted} in {sections:?}"
            );
        }
        for language in ["Ruby", "Go", "Java", "PHP", "Rust", ".NET", "Elixir"] {
            assert!(
                page.contains(&format!("\n- {language}: ")),
                "{factor}: {language}"
            );
        }
    }
}

/// Terminals show these pages, by a renderer that knows headings, paragraphs, lists and fences.
#[test]
fn pages_use_simple_markdown() {
    for factor in Factor::ALL {
        let page = page(factor);
        assert_eq!(
            page.matches("```").count() % 2,
            0,
            "{factor}: an open fence"
        );
        assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{factor}");
        for line in page.lines() {
            assert_eq!(line.trim_end(), line, "{factor}: white space at the end");
            assert!(line.chars().count() <= 104, "{factor}: {line}");
        }
        for line in prose(&page) {
            assert_eq!(line.matches('`').count() % 2, 0, "{factor}: {line}");
            for mark in ["|", "> ", "<", "![", "    "] {
                assert!(!line.starts_with(mark), "{factor}: {line}");
            }
            assert!(!line.contains("]("), "{factor}: {line}");
        }
    }
}

/// The lines outside of fenced code.
fn prose(page: &str) -> impl Iterator<Item = &str> {
    let mut fenced = false;
    page.lines().filter(move |line| {
        let fence = line.starts_with("```");
        fenced ^= fence;
        !fence && !fenced
    })
}
