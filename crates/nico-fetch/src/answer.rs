//! What is read of answers besides comments: small parts, picked out without trusting the rest.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

/// Elements of a list that are looked at. No list that is looked at has as many.
const MAX_ELEMENTS: usize = 1024;

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
            status: Scalar,
            error_code: Scalar,
        }
        let Outer { meta } = parse(body)?;
        Some(Self {
            status: meta.status.integer(),
            code: meta.error_code.code(),
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

/// A member that is looked at: a whole number from 0 on, or a text. Whatever else stands there is
/// passed over and not held, however long it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scalar {
    Integer(u64),
    Text(String),
    #[default]
    Other,
}

impl Scalar {
    /// A whole number from 0 on, also as text.
    pub(crate) fn integer(&self) -> Option<u64> {
        match self {
            Self::Integer(number) => Some(*number),
            Self::Text(text) => text.parse().ok(),
            Self::Other => None,
        }
    }

    /// Text, or an integer as text.
    pub(crate) fn text(&self) -> Option<String> {
        match self {
            Self::Integer(number) => Some(number.to_string()),
            Self::Text(text) => Some(text.clone()),
            Self::Other => None,
        }
    }

    /// The text, if it is one.
    pub(crate) fn as_str(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// A code of the service, if it looks like one.
    pub(crate) fn code(&self) -> Option<String> {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_';
        let code = self.as_str()?;
        ((1..=64).contains(&code.len()) && code.bytes().all(plain)).then(|| code.to_owned())
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Scalar;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Scalar, E> {
                Ok(Scalar::Integer(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Scalar, E> {
                Ok(Scalar::Text(text.to_owned()))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_unit<E>(self) -> Result<Scalar, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
                while list.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Scalar, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

/// The first elements of a list; a list may be longer than memory should be.
pub(crate) fn first_elements<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    struct First<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for First<T> {
        type Value = Vec<T>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a list")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vec<T>, A::Error> {
            let mut first = Vec::new();
            for _ in 0..MAX_ELEMENTS {
                match list.next_element()? {
                    Some(element) => first.push(element),
                    None => return Ok(first),
                }
            }
            while list.next_element::<IgnoredAny>()?.is_some() {}
            Ok(first)
        }
    }
    deserializer.deserialize_seq(First::<T>(PhantomData))
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

    /// What is not looked at is not held, whatever stands in its place.
    #[test]
    fn members_are_numbers_or_texts_or_nothing() {
        #[derive(Deserialize)]
        struct Members {
            #[serde(deserialize_with = "first_elements")]
            list: Vec<Scalar>,
        }
        let of = |list: &str| parse::<Members>(format!("{{\"list\":{list}}}").as_bytes());
        let list = of(r#"[7,"8","x",-1,1.5,true,null,[[{}],2],{"a":[1]},1e99]"#)
            .unwrap()
            .list;
        let integers: Vec<_> = list.iter().map(Scalar::integer).collect();
        assert_eq!(integers[..2], [Some(7), Some(8)]);
        assert_eq!(integers[2..], [None; 8]);
        assert_eq!(list[2].text().as_deref(), Some("x"));
        assert!(list[3..].iter().all(|member| *member == Scalar::Other));
        let long = format!("[{}7]", "7,".repeat(100_000));
        assert_eq!(of(&long).unwrap().list.len(), MAX_ELEMENTS);
        assert!(of(&long[..long.len() - 1]).is_none() && of("7").is_none());
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
