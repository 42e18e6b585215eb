use std::fmt;

use crate::parse_error::ParseError;

/// Scheme, host and port of a server: a URL without user, path and query.
///
/// ```
/// use nico_fetch::Origin;
///
/// let origin: Origin = "http://127.0.0.1:8080/".parse()?;
/// assert_eq!(origin.to_string(), "http://127.0.0.1:8080");
/// assert!(origin.is_loopback() && !origin.is_https());
/// assert!("https://user@example.com".parse::<Origin>().is_err());
/// # Ok::<(), nico_fetch::ParseError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Origin {
    https: bool,
    host: String,
    port: Option<u16>,
}

impl Origin {
    pub(crate) fn https(host: &str) -> Self {
        Self {
            https: true,
            host: host.to_owned(),
            port: None,
        }
    }

    /// Whether it is reached over TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host, in lower case.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether the host is this machine.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.host == "127.0.0.1"
    }

    /// Whether it belongs to the service: `https`, its usual port, a host below `nicovideo.jp`.
    pub(crate) fn is_of_the_service(&self) -> bool {
        self.https && self.port.is_none() && self.host.ends_with(".nicovideo.jp")
    }
}

impl std::str::FromStr for Origin {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let parse = || {
            let (https, rest) = match text.strip_prefix("https://") {
                Some(rest) => (true, rest),
                None => (false, text.strip_prefix("http://")?),
            };
            let rest = rest.strip_suffix('/').unwrap_or(rest);
            let (host, port) = match rest.split_once(':') {
                Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => {
                    (host, Some(port.parse().ok()?))
                }
                Some(_) => return None,
                None => (rest, None),
            };
            let label = |label: &str| {
                (1..=63).contains(&label.len())
                    && label
                        .bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            };
            let well_formed = host.len() <= 253 && host.split('.').all(label);
            well_formed.then(|| Self {
                https,
                host: host.to_ascii_lowercase(),
                port,
            })
        };
        parse().ok_or(ParseError::Origin)
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "http{}://{}",
            if self.https { "s" } else { "" },
            self.host
        )?;
        self.port.map_or(Ok(()), |port| write!(f, ":{port}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosts_of_the_service_are_taken_for_it() {
        let ours = |text: &str| {
            text.parse::<Origin>()
                .is_ok_and(|origin| origin.is_of_the_service())
        };
        assert!(
            ours("https://public.nvcomment.nicovideo.jp") && ours("https://PUBLIC.nicovideo.jp/")
        );
        let others = [
            "http://public.nvcomment.nicovideo.jp",
            "https://nicovideo.jp.example.com",
            "https://evilnicovideo.jp",
            "https://a.nicovideo.jp@evil.com",
            "https://evil.com/.nicovideo.jp",
            "https://evil.com#.nicovideo.jp",
            "https://a.nicovideo.jp:8443",
            "https://.nicovideo.jp",
            "https://a\n.nicovideo.jp",
            "file:///etc/passwd",
            "",
        ];
        for text in others {
            assert!(!ours(text), "{text}");
        }
    }
}
