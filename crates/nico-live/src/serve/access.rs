//! Who may see the page.

use std::net::SocketAddr;

/// What a request has to show.
#[derive(Clone, Debug)]
pub(super) struct Access {
    /// Asked for in the address (`?token=…`), if there is one.
    pub(super) token: Option<String>,
    /// Whether the server listens on this machine alone.
    pub(super) is_local: bool,
}

impl Access {
    /// Whether a request for a path with this query, to this host, may be answered.
    pub(super) fn allows(&self, query: &str, host: Option<&str>) -> bool {
        if !self.is_local_host(host) {
            return false;
        }
        let Some(token) = &self.token else {
            return true;
        };
        let mut given = query
            .split('&')
            .filter_map(|part| part.strip_prefix("token="));
        given.next().is_some_and(|given| is_same(given, token))
    }

    /// Whether the host that a request names may be this one: on a server of this machine alone a
    /// page of somebody else's, whose name was made to mean this machine, is refused.
    pub(super) fn is_local_host(&self, host: Option<&str>) -> bool {
        !self.is_local || host.is_some_and(is_this_machine)
    }
}

/// Whether a `Host` header names this machine.
fn is_this_machine(host: &str) -> bool {
    if host
        .parse::<SocketAddr>()
        .is_ok_and(|addr| addr.ip().is_loopback())
    {
        return true;
    }
    let without_port = host.rsplit_once(':').map_or(host, |(name, port)| {
        match port.bytes().all(|byte| byte.is_ascii_digit()) {
            true => name,
            false => host,
        }
    });
    let name = without_port.trim_start_matches('[').trim_end_matches(']');
    name.eq_ignore_ascii_case("localhost")
        || name
            .parse::<std::net::IpAddr>()
            .is_ok_and(|ip| ip.is_loopback())
}

/// Compares in a time that does not tell where two texts differ.
fn is_same(given: &str, token: &str) -> bool {
    let pairs = given.bytes().zip(token.bytes());
    let differs = pairs.fold(0, |differs, (a, b)| differs | (a ^ b));
    given.len() == token.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_hosts_and_other_tokens_are_refused() {
        let local = Access {
            token: None,
            is_local: true,
        };
        for host in [
            "localhost",
            "LOCALHOST:8080",
            "127.0.0.1:5",
            "[::1]:80",
            "[::1]",
            "127.9.9.9",
        ] {
            assert!(local.allows("", Some(host)), "{host}");
        }
        for host in [
            "evil.example:80",
            "127.0.0.1.evil.example",
            "localhost.evil",
            "",
        ] {
            assert!(!local.allows("", Some(host)), "{host}");
        }
        assert!(!local.allows("", None));
        let far = Access {
            token: Some("secret".into()),
            is_local: false,
        };
        assert!(far.allows("video&token=secret", Some("studio:80")));
        for query in [
            "",
            "token=",
            "token=secre",
            "token=secret2",
            "xtoken=secret",
            "token=other&token=secret",
        ] {
            assert!(!far.allows(query, Some("studio:80")), "{query}");
        }
    }
}
