//! Skeletons: files in which a generator (cookiecutter, Jinja) puts its own values.

/// The longest action that is recognised, in bytes.
const MAX_ACTION: usize = 500;

/// Blanks `{% … %}` and `{# … #}`, so that both branches of a condition are read. With `joined`,
/// the spaces inside `{{ … }}` become `_`, so that it is one word. Length and line ends stay.
pub(super) fn blanked(text: &str, joined: bool) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let (before, action) = rest.split_at(at);
        result.push_str(before);
        let close = match action.as_bytes().get(1) {
            Some(b'%') => "%}",
            Some(b'#') => "#}",
            Some(b'{') if joined => "}}",
            _ => "",
        };
        let near = action
            .get(..action.floor_char_boundary(MAX_ACTION))
            .and_then(|near| near.split('\n').next())
            .unwrap_or_default();
        let length = match near.find(close) {
            Some(end) if !close.is_empty() => end + close.len(),
            _ => {
                result.push('{');
                rest = action.get(1..).unwrap_or_default();
                continue;
            }
        };
        let (action, after) = action.split_at(length);
        if close == "}}" {
            result.push_str(&action.replace(' ', "_"));
        } else {
            result.push_str(&" ".repeat(length));
        }
        rest = after;
    }
    result.push_str(rest);
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_go_and_values_become_words() {
        assert_eq!(
            blanked("{% if é %}\nFROM x:{{ tag }}{# é #}{", true),
            "           \nFROM x:{{_tag_}}        {"
        );
        assert_eq!(blanked("a: ${{ x }}", false), "a: ${{ x }}");
    }
}
