//! What is looked for in the stream of events.

use xii_model::{Event, Source, What};

/// Whose event it is.
fn of(event: &Event, source: &str) -> bool {
    event.source.to_string() == source
}

/// What this source did.
pub(crate) fn did(source: &str, test: impl Fn(&What) -> bool) -> impl Fn(&Event) -> bool {
    move |event| of(event, source) && test(&event.what)
}

/// A line of an instance that holds this text.
pub(crate) fn line(source: &str, text: &str) -> impl Fn(&Event) -> bool {
    did(
        source,
        move |what| matches!(what, What::Line(line) if String::from_utf8_lossy(&line.bytes).contains(text)),
    )
}

/// An instance was started.
pub(crate) fn started(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::Started { .. }))
}

/// An instance showed that it can serve.
pub(crate) fn ready(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::Ready { .. }))
}

/// An instance ended.
pub(crate) fn exited(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::Exited { .. }))
}

/// An instance is not started again.
pub(crate) fn held(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::Held { .. }))
}

/// An instance will be started again.
pub(crate) fn restarting(source: &str) -> impl Fn(&Event) -> bool {
    did(source, |what| matches!(what, What::Restarting { .. }))
}

/// A signal was sent to an instance.
pub(crate) fn signalled(source: &str, name: &str) -> impl Fn(&Event) -> bool {
    did(
        source,
        move |what| matches!(what, What::Signalled { signal, .. } if signal == name),
    )
}

/// xii said something that holds this text.
pub(crate) fn note(text: &str) -> impl Fn(&Event) -> bool {
    move |event| matches!(&event.what, What::Note { message, .. } if event.source == Source::Xii && message.contains(text))
}

/// The text of a line event.
pub(crate) fn text(event: &Event) -> String {
    match &event.what {
        What::Line(line) => String::from_utf8_lossy(&line.bytes).into_owned(),
        other => panic!("this is no line: {other:?}"),
    }
}
