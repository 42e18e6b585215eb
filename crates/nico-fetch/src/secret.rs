use std::fmt;

use crate::parse_error::ParseError;

/// The environment variable that [`Session::from_env`] reads.
pub const SESSION_VARIABLE: &str = "NICO_USER_SESSION";

/// Longest credential accepted, in bytes.
const MAX_LEN: usize = 4096;

/// A text that nothing shows: no `Debug`, no error, no file.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    /// `None` unless the text can stand in a header or in JSON as it is.
    pub(crate) fn new(text: impl Into<String>) -> Option<Self> {
        let text = text.into();
        let plain =
            |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b';' | b',' | b'\\');
        ((8..=MAX_LEN).contains(&text.len()) && text.bytes().all(plain)).then_some(Self(text))
    }

    /// The text, for the one place that sends it.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether some bytes hold it, as it is or with some of its characters escaped as JSON may.
    pub(crate) fn is_in(&self, bytes: &[u8]) -> bool {
        let holds = |bytes: &[u8]| memchr::memmem::find(bytes, self.0.as_bytes()).is_some();
        holds(bytes) || (bytes.contains(&b'\\') && holds(&unescaped(bytes)))
    }
}

/// The bytes with JSON's escapes of ASCII characters resolved.
fn unescaped(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        plain.extend_from_slice(&rest[..at]);
        let (byte, len) = match &rest[at..] {
            [_, b'u', b'0', b'0', high, low, ..] => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let code = digit(*high)
                    .zip(digit(*low))
                    .map(|(high, low)| 16 * high + low);
                (
                    code.and_then(|code| u8::try_from(code).ok())
                        .unwrap_or(b'?'),
                    6,
                )
            }
            [_, byte, ..] => (*byte, 2),
            _ => (b'\\', 1),
        };
        plain.push(byte);
        rest = &rest[at + len..];
    }
    plain.extend_from_slice(rest);
    plain
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(not shown)")
    }
}

/// Login session: the value of the service's cookie `user_session`. Neither `Debug` nor any error,
/// file or URL shows it.
///
/// Past logs are for logged-in users; a free account is enough. The cookie of a browser in which
/// you are logged in is one.
///
/// ```
/// use nico_fetch::Session;
///
/// let session = Session::new("user_session_1_0123456789abcdef")?;
/// assert_eq!(format!("{session:?}"), "Session((not shown))");
/// assert!(Session::new("two words").is_err());
/// # Ok::<(), nico_fetch::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session(pub(crate) Secret);

impl Session {
    /// A login from the cookie's value, for programs that keep it in a safe of their own.
    ///
    /// # Errors
    ///
    /// If the text cannot be the value of a cookie: 8 to 4,096 visible ASCII characters without
    /// quotes, commas, semicolons and backslashes.
    pub fn new(cookie: impl Into<String>) -> Result<Self, ParseError> {
        Secret::new(cookie).map(Self).ok_or(ParseError::Session)
    }

    /// The login in the environment variable [`SESSION_VARIABLE`] (`NICO_USER_SESSION`), if it is
    /// set and not empty.
    ///
    /// # Errors
    ///
    /// As [`new`](Self::new).
    pub fn from_env() -> Result<Option<Self>, ParseError> {
        match std::env::var_os(SESSION_VARIABLE) {
            None => Ok(None),
            Some(value) if value.is_empty() => Ok(None),
            Some(value) => {
                let value = value.into_string().map_err(|_| ParseError::Session)?;
                Self::new(value.trim()).map(Some)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_shows_a_secret() {
        let session = Session::new("user_session_77_abcdef").unwrap();
        assert!(!format!("{session:?} {session:#?}").contains("abcdef"));
        assert!(session.0.is_in(b"x=user_session_77_abcdef;"));
        assert!(!session.0.is_in(b"user_session_77_abcde"));
    }

    #[test]
    fn escapes_hide_no_secret() {
        let secret = Secret::new("user/session=77").unwrap();
        for text in [
            r#"{"a":"user\/session=77"}"#,
            r#"{"a":"\u0075ser\u002Fsession\u003d77"}"#,
            r#"\\user/session=77\"#,
        ] {
            assert!(secret.is_in(text.as_bytes()), "{text}");
        }
        for text in [r"user\nsession=77", r"user\u002", "user/session=7\\"] {
            assert!(!secret.is_in(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn header_injection_is_refused() {
        for text in [
            "",
            "short",
            "a\r\nX-Evil: 1",
            "abcdefgh; x=y",
            "12345678\u{7f}",
            "ああああああああ",
        ] {
            assert!(Session::new(text).is_err(), "{text:?}");
        }
    }
}
