//! The human report.

use xii_report::{Format, Look, render};

use crate::{sample, sample_apps, sample_proved};

fn look(width: usize) -> Look {
    Look {
        width,
        ..Look::default()
    }
}

#[test]
fn wide() {
    insta::assert_snapshot!(render(&sample_apps::rich(), Format::Human, &look(120)));
}

#[test]
fn narrow() {
    insta::assert_snapshot!(render(&sample_apps::rich(), Format::Human, &look(60)));
}

#[test]
fn coloured() {
    let look = Look {
        color: true,
        ..look(100)
    };
    let text = render(&sample_apps::rich(), Format::Human, &look);
    // Escape characters are written out, so that the snapshot can be read.
    insta::assert_snapshot!(text.replace('\u{1b}', "␛"));
}

#[test]
fn verbose() {
    let look = Look {
        verbose: true,
        ..look(100)
    };
    insta::assert_snapshot!(render(&sample_apps::rich(), Format::Human, &look));
}

#[test]
fn nothing_there() {
    insta::assert_snapshot!(render(&sample::empty(), Format::Human, &look(100)));
}

fn proved(look: &Look) -> String {
    render(&sample_proved::proved(), Format::Human, look)
}

#[test]
fn proved_wide() {
    insta::assert_snapshot!(proved(&look(140)));
}

#[test]
fn proved_narrow() {
    insta::assert_snapshot!(proved(&look(80)));
}

#[test]
fn proved_verbose() {
    insta::assert_snapshot!(proved(&Look {
        verbose: true,
        ..look(100)
    }));
}
