use std::io;
use std::time::Duration;

use crate::origin::Origin;
use crate::transport::{Method, Request, Response, Transport, TransportError};

/// The HTTP client that comes with the crate: HTTP and HTTPS by ureq, certificates checked against
/// Mozilla's roots.
///
/// It follows no redirects, keeps no cookies and takes a proxy from the environment (`HTTPS_PROXY`,
/// `ALL_PROXY`, …), but none for `localhost`.
///
/// ```no_run
/// use std::time::Duration;
/// use nico_fetch::{HttpTransport, Method, Request, Transport};
///
/// let mut transport = HttpTransport::new(Duration::from_secs(30), 1 << 20);
/// let answer = transport.send(&Request::new(Method::Get, "https://www.nicovideo.jp/"))?;
/// println!("{} with {} bytes", answer.status, answer.body.len());
/// # Ok::<(), nico_fetch::TransportError>(())
/// ```
#[derive(Clone, Debug)]
pub struct HttpTransport {
    agent: ureq::Agent,
    max_answer_len: usize,
}

impl HttpTransport {
    /// A client of which `timeout` bounds a request from the first look-up of the host to the last
    /// byte, `max_answer_len` an answer, in bytes after decompression.
    #[must_use]
    pub fn new(timeout: Duration, max_answer_len: usize) -> Self {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(timeout))
            .user_agent("") // the requests bring theirs
            .max_idle_age(Duration::from_secs(15))
            .build()
            .new_agent();
        Self {
            agent,
            max_answer_len,
        }
    }
}

impl Default for HttpTransport {
    /// A minute a request, 16 MiB an answer.
    fn default() -> Self {
        Self::new(Duration::from_secs(60), 16 << 20)
    }
}

impl Transport for HttpTransport {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        self.try_send(request).map_err(|error| classified(&error))
    }
}

impl HttpTransport {
    fn try_send(&self, request: &Request) -> Result<Response, ureq::Error> {
        let mut builder = ureq::http::Request::builder()
            .method(match request.method {
                Method::Get => ureq::http::Method::GET,
                Method::Post => ureq::http::Method::POST,
            })
            .uri(&request.url);
        for (name, value) in &request.headers {
            let mut value =
                ureq::http::HeaderValue::from_str(value).map_err(ureq::http::Error::from)?;
            value.set_sensitive(name.eq_ignore_ascii_case("cookie")); // for the log of the client
            builder = builder.header(*name, value);
        }
        let host = request.url.split('/').take(3).collect::<Vec<_>>().join("/");
        let direct = host
            .parse::<Origin>()
            .is_ok_and(|origin| origin.is_loopback());
        let mut response = match request.method {
            Method::Get => self.run(builder.body(())?, direct)?,
            Method::Post => self.run(builder.body(&request.body[..])?, direct)?,
        };
        let body = response
            .body_mut()
            .with_config()
            .limit(self.max_answer_len as u64)
            .read_to_vec()?;
        let headers = response.headers().iter().filter_map(|(name, value)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(Response {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body,
        })
    }

    fn run(
        &self,
        request: ureq::http::Request<impl ureq::AsSendBody>,
        direct: bool,
    ) -> Result<ureq::http::Response<ureq::Body>, ureq::Error> {
        if direct {
            let request = self.agent.configure_request(request).proxy(None).build();
            self.agent.run(request)
        } else {
            self.agent.run(request)
        }
    }
}

/// The error without anything that came from the request or the answer.
fn classified(error: &ureq::Error) -> TransportError {
    use ureq::Error as E;
    match error {
        E::Timeout(_) => TransportError::transient("no whole answer in time"),
        E::HostNotFound => TransportError::transient("the host is not found"),
        E::ConnectionFailed => TransportError::transient("cannot connect"),
        E::Io(error) if is_timeout(error) => TransportError::transient("no whole answer in time"),
        E::Io(error) => {
            TransportError::transient(format!("the connection failed: {}", error.kind()))
        }
        E::Protocol(_) => TransportError::transient("the answer is no whole HTTP"),
        E::Decompress(..) | E::BodyStalled => TransportError::transient("the answer is damaged"),
        E::BodyExceedsLimit(limit) => {
            TransportError::permanent(format!("the answer is longer than {limit} bytes"))
        }
        E::LargeResponseHeader(..) => {
            TransportError::permanent("the headers of the answer are too long")
        }
        E::Rustls(error) => TransportError::permanent(format!("no safe connection: {error}")),
        E::Tls(error) => TransportError::permanent(format!("no safe connection: {error}")),
        E::ConnectProxyFailed(_) | E::InvalidProxyUrl => {
            TransportError::permanent("the proxy of the environment does not work")
        }
        _ => TransportError::permanent("the request cannot be sent"),
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock
    )
}
