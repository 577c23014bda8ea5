//! The catalogue keeps its promises: to the tables that print it and to the ids that reports quote.

use std::collections::HashSet;

use xii_model::{Criterion, Factor, Profile};

/// Each text of a criterion, with the name of its field.
fn texts(criterion: &Criterion) -> Vec<(&'static str, &'static str)> {
    let mut texts = vec![
        ("title", criterion.title),
        ("statement", criterion.statement),
        ("why", criterion.why),
        ("how", criterion.how),
        ("source", criterion.source),
    ];
    texts.extend(criterion.from_code.map(|text| ("from_code", text)));
    texts.extend(criterion.from_run.map(|text| ("from_run", text)));
    texts
}

fn sentences(text: &str) -> usize {
    text.split(['.', '?'])
        .skip(1)
        .filter(|rest| rest.is_empty() || rest.starts_with(' '))
        .count()
}

#[test]
fn there_are_87_criteria() {
    assert_eq!(Criterion::all().count(), 87);
    let of_each: Vec<usize> = Factor::ALL
        .into_iter()
        .map(|factor| Criterion::of(factor).count())
        .collect();
    assert_eq!(of_each, [5, 7, 9, 7, 7, 5, 4, 5, 7, 5, 6, 5, 4, 5, 6]);
}

#[test]
fn ids_are_unique_and_numbered_in_order_within_their_factor() {
    let ids: Vec<String> = Criterion::all().map(|c| c.id.to_owned()).collect();
    let expected: Vec<String> = Factor::ALL
        .into_iter()
        .flat_map(|factor| {
            (1..=Criterion::of(factor).count()).map(move |number| format!("{factor}.{number}"))
        })
        .collect();
    assert_eq!(ids, expected);
    assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
}

#[test]
fn every_criterion_can_be_answered_by_code_or_by_a_run() {
    for criterion in Criterion::all() {
        assert!(
            criterion.from_code.is_some() || criterion.from_run.is_some(),
            "nothing answers {}",
            criterion.id
        );
    }
}

#[test]
fn titles_are_short_unique_lower_case_predicates() {
    let mut seen = HashSet::new();
    for Criterion { id, title, .. } in Criterion::all() {
        assert!(title.chars().count() <= 40, "{id}: {title}");
        assert!(
            title.starts_with(|c: char| c.is_ascii_lowercase()),
            "{id}: {title}"
        );
        assert!(!title.ends_with('.'), "{id}: {title}");
        assert!(title.split(' ').count() >= 2, "{id}: {title}");
        assert!(seen.insert(title), "{id}: {title} stands twice");
    }
}

#[test]
fn statements_are_one_sentence_and_explanations_a_few() {
    for criterion in Criterion::all() {
        let Criterion {
            id,
            statement,
            why,
            how,
            ..
        } = criterion;
        assert!(statement.ends_with('.'), "{id}: {statement}");
        assert_eq!(sentences(statement), 1, "{id}: {statement}");
        for text in [why, how] {
            assert!(text.ends_with('.'), "{id}: {text}");
            assert!((2..=4).contains(&sentences(text)), "{id}: {text}");
        }
    }
}

#[test]
fn sources_have_an_address() {
    for Criterion { id, source, .. } in Criterion::all() {
        assert!(source.contains(": https://"), "{id}: {source}");
    }
}

#[test]
fn texts_have_no_stray_white_space_and_balanced_code_marks() {
    for criterion in Criterion::all() {
        for (field, text) in texts(criterion) {
            let id = criterion.id;
            assert_eq!(text.trim(), text, "{id} {field}");
            assert!(!text.is_empty(), "{id} {field}");
            assert!(!text.contains("  "), "{id} {field}: {text}");
            assert!(!text.contains('\n'), "{id} {field}: {text}");
            assert_eq!(text.matches('`').count() % 2, 0, "{id} {field}: {text}");
        }
    }
}

#[test]
fn profiles_hold_an_app_to_the_criteria_of_their_edition() {
    for criterion in Criterion::all() {
        assert!(criterion.in_profile(Profile::Fifteen), "{}", criterion.id);
        assert!(criterion.in_profile(Profile::Next), "{}", criterion.id);
        assert!(
            !criterion.in_profile(Profile::Twelve) || Profile::Twelve.has(criterion.factor),
            "{}",
            criterion.id
        );
    }
    let left_out: Vec<&str> = Criterion::all()
        .filter(|c| c.factor <= Factor::XII && !c.in_profile(Profile::Twelve))
        .map(|c| c.id)
        .collect();
    assert_eq!(left_out, ["II.7", "III.9"]);
}

#[test]
fn a_criterion_is_found_by_its_id_in_any_case() {
    assert_eq!(
        Criterion::find(" ix.2 ").map(|c| c.title),
        Some("drains on SIGTERM")
    );
    assert!(Criterion::find("IX.8").is_none());
    assert!(Criterion::find("IX").is_none());
    assert!(Criterion::find("").is_none());
}

#[test]
fn every_factor_is_taught_in_two_paragraphs() {
    for factor in Factor::ALL {
        let about = factor.about();
        let paragraphs: Vec<&str> = about.split("\n\n").collect();
        assert_eq!(paragraphs.len(), 2, "{factor}");
        for paragraph in paragraphs {
            assert_eq!(paragraph.trim(), paragraph, "{factor}");
            assert!(paragraph.ends_with('.'), "{factor}: {paragraph}");
            assert!(!paragraph.contains("  "), "{factor}: {paragraph}");
            assert!(!paragraph.contains('\n'), "{factor}: {paragraph}");
            assert!(
                (200..900).contains(&paragraph.len()),
                "{factor}: {}",
                paragraph.len()
            );
        }
    }
}
