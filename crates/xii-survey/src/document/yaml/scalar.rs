use crate::document::Value;

/// The value of a scalar without quotes, by the core schema of YAML 1.2.
///
/// `yes`, `no`, `on` and `off` are strings there, as they are to Compose and to
/// GitHub Actions.
pub(super) fn plain(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(text) => Value::Number(text.to_owned()),
        _ => Value::String(text.to_owned()),
    }
}

fn is_number(text: &str) -> bool {
    if let Some(digits) = text.strip_prefix("0x") {
        return !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return !digits.is_empty() && digits.bytes().all(|byte| matches!(byte, b'0'..=b'7'));
    }
    if matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    matches!(unsigned, ".inf" | ".Inf" | ".INF") || is_decimal(unsigned)
}

/// `[0-9]* ("." [0-9]*)? ([eE] [-+]? [0-9]+)?` with at least one digit before the exponent.
fn is_decimal(text: &str) -> bool {
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    if let Some(exponent) = exponent {
        let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if digits.is_empty() || !all_digits(digits) {
            return false;
        }
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    (!whole.is_empty() || !fraction.is_empty()) && all_digits(whole) && all_digits(fraction)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_core_schema_decides_what_a_plain_scalar_is() {
        for text in ["", "~", "null", "NULL"] {
            assert_eq!(plain(text), Value::Null, "{text}");
        }
        assert_eq!(plain("True"), Value::Bool(true));
        assert_eq!(plain("false"), Value::Bool(false));
        for text in [
            "0", "8080", "-1", "+1", "0755", "0x1F", "0o17", "1.5", ".5", "1.", "1e3", "-2.5E-3",
            ".inf", "-.Inf", ".NaN",
        ] {
            assert_eq!(plain(text), Value::Number(text.to_owned()), "{text}");
        }
        for text in [
            "yes", "on", "tRUE", "1_000", "0x", "0xg", "0o8", ".", "e3", "1e", "1e+", "-", "+",
            "1.2.3", "-.nan", "8080:80", "-0x1F", "1 2",
        ] {
            assert_eq!(plain(text), Value::String(text.to_owned()), "{text}");
        }
    }
}
