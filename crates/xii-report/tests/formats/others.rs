//! The formats for machines and for pages, as a whole.

use xii_report::{Format, Look, render};

use crate::{sample, sample_apps, sample_proved};

fn rich(format: Format) -> String {
    render(&sample_apps::rich(), format, &Look::default())
}

fn empty(format: Format) -> String {
    render(&sample::empty(), format, &Look::default())
}

#[test]
fn json() {
    insta::assert_snapshot!(rich(Format::Json));
}

#[test]
fn sarif() {
    insta::assert_snapshot!(rich(Format::Sarif));
}

#[test]
fn sarif_of_nothing() {
    insta::assert_snapshot!(empty(Format::Sarif));
}

#[test]
fn github() {
    insta::assert_snapshot!(rich(Format::Github));
}

#[test]
fn github_of_nothing() {
    assert_eq!(
        empty(Format::Github),
        "xii: There is nothing to audit here: no file was found.\n"
    );
}

#[test]
fn markdown() {
    insta::assert_snapshot!(rich(Format::Markdown));
}

#[test]
fn markdown_of_nothing() {
    insta::assert_snapshot!(empty(Format::Markdown));
}

#[test]
fn junit() {
    insta::assert_snapshot!(rich(Format::Junit));
}

#[test]
fn html() {
    insta::assert_snapshot!(rich(Format::Html));
}

#[test]
fn html_of_nothing() {
    let page = empty(Format::Html);
    assert!(page.contains("<h1>Nothing to audit</h1>"), "{page}");
}

fn proved(format: Format) -> String {
    render(&sample_proved::proved(), format, &Look::default())
}

#[test]
fn github_of_a_run() {
    insta::assert_snapshot!(proved(Format::Github));
}

#[test]
fn junit_of_a_run() {
    insta::assert_snapshot!(proved(Format::Junit));
}

#[test]
fn json_of_a_run() {
    insta::assert_snapshot!(proved(Format::Json));
}

#[test]
fn html_of_a_run() {
    insta::assert_snapshot!(proved(Format::Html));
}

#[test]
fn markdown_of_a_run() {
    insta::assert_snapshot!(proved(Format::Markdown));
}

#[test]
fn sarif_of_a_run() {
    insta::assert_snapshot!(proved(Format::Sarif));
}
