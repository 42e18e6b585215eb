//! What is read of answers besides comments: small parts, picked out without trusting the rest.

use std::borrow::Cow;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Status and code that an answer names itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) status: Option<u64>,
    /// Upper-case letters, digits and `_` only, so that it can be shown.
    pub(crate) code: Option<String>,
}

impl Meta {
    /// `None` if the answer is no JSON object.
    pub(crate) fn of(body: &[u8]) -> Option<Self> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Outer {
            meta: Inner,
        }
        #[derive(Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        struct Inner {
            status: Value,
            error_code: Value,
        }
        let Outer { meta } = parse(body)?;
        Some(Self {
            status: integer(&meta.status),
            code: code(&meta.error_code),
        })
    }
}

/// Picks members out of a JSON object; what is not named by `T` is skipped, whatever it holds. Raw
/// control characters are taken for spaces.
pub(crate) fn parse<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    // Only an object: lists would do for structs by position.
    body.trim_ascii_start()
        .first()
        .filter(|&&byte| byte == b'{')?;
    let body: Cow<'_, [u8]> = if body.iter().any(|&byte| byte < 0x20) {
        body.iter().map(|&byte| byte.max(b' ')).collect()
    } else {
        body.into()
    };
    serde_json::from_slice(&body).ok()
}

/// A whole number from 0 on, also as text.
pub(crate) fn integer(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// Text, or an integer as text.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) if number.is_u64() => Some(number.to_string()),
        _ => None,
    }
}

/// A code of the service, if it looks like one.
pub(crate) fn code(value: &Value) -> Option<String> {
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
    let code = value.as_str()?;
    ((1..=64).contains(&code.len()) && code.bytes().all(plain)).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_that_are_none_are_not_shown() {
        let of = |body: &str| Meta::of(body.as_bytes());
        let meta =
            of(r#"{"meta":{"status":400,"errorCode":"EXPIRED_TOKEN"},"data":"\ud83d"}"#).unwrap();
        assert_eq!(
            (meta.status, meta.code.as_deref()),
            (Some(400), Some("EXPIRED_TOKEN"))
        );
        let meta =
            of("{\"meta\":{\"status\":\"400\",\"errorCode\":\"user_session_1\"},\"x\":\"\u{1}\"}")
                .unwrap();
        assert_eq!((meta.status, meta.code), (Some(400), None));
        assert_eq!(of("{}").unwrap().status, None);
        assert!(of("<html>").is_none() && of("{\"meta\":").is_none() && of("[]").is_none());
    }

    #[test]
    fn deep_nesting_costs_no_stack() {
        let body = format!(
            "{{\"data\":{}{}}}",
            "[".repeat(1_000_000),
            "]".repeat(1_000_000)
        );
        assert!(Meta::of(body.as_bytes()).is_some());
    }
}
