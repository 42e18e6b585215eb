use std::fmt;

/// HTTP method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// `GET`, without a body.
    Get,
    /// `POST`, with the body of the request.
    Post,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Get => "GET",
            Self::Post => "POST",
        })
    }
}

/// HTTP request for a [`Transport`]. `Debug` shows neither values of headers nor the body: both may
/// hold credentials.
///
/// ```
/// use nico_fetch::{Method, Request};
///
/// let mut request = Request::new(Method::Get, "https://example.com/");
/// request.headers.push(("Cookie", "user_session=secret".into()));
/// assert!(!format!("{request:?}").contains("secret"));
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole URL. Never holds credentials.
    pub url: String,
    /// Names and values. `Cookie` is a credential.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty with [`Method::Get`].
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers and body.
    #[must_use]
    pub fn new(method: Method, url: impl Into<String>) -> Self {
        Self {
            method,
            url: url.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.headers.iter().map(|(name, _)| name).collect();
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("headers", &names)
            .field("body_len", &self.body.len())
            .finish()
    }
}

/// HTTP response, whatever its status. `Debug` shows the length of the body: it may hold a thread
/// key.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, decoded if it came compressed.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without headers.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The first header of this name, in any case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self
            .headers
            .iter()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        Some(value)
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response")
            .field("status", &self.status)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// Error of a [`Transport`]: why there is no response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    message: String,
    transient: bool,
}

impl TransportError {
    /// A failure that may pass: time ran out, the connection broke. The request is tried again.
    #[must_use]
    pub fn transient(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            transient: true,
        }
    }

    /// A failure that will not pass: fetching ends with it.
    #[must_use]
    pub fn permanent(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            transient: false,
        }
    }

    /// Whether the request is worth another try.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        self.transient
    }
}

/// HTTP client: [`HttpTransport`](crate::HttpTransport), a test's server in memory, or a program's
/// own HTTP client.
///
/// An implementation must not follow redirects, because requests may carry a login; it must bound
/// the time of a request and the length of an answer; and it must not put values of headers or
/// bodies into its errors.
///
/// ```
/// use std::ops::ControlFlow;
/// use nico_fetch::{Response, Error, FetchOptions, Fetcher, Request, Transport, TransportError};
///
/// /// A service that shows no video.
/// struct Closed;
///
/// impl Transport for Closed {
///     fn send(&mut self, _: &Request) -> Result<Response, TransportError> {
///         let reason = r#"{"meta":{"status":403},"data":{"reasonCode":"HIDDEN_VIDEO"}}"#;
///         Ok(Response::new(403, reason))
///     }
/// }
///
/// let folder = tempfile::tempdir()?;
/// let mut fetcher = Fetcher::new(FetchOptions::default()).transport(Closed);
/// let result = fetcher.fetch(&"sm9".parse()?, folder.path(), &mut |_| ControlFlow::Continue(()));
/// assert!(matches!(result, Err(Error::Video { status: 403, .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Transport {
    /// Sends a request and waits for the whole answer. Every status is an answer.
    ///
    /// # Errors
    ///
    /// If there is no whole answer.
    fn send(&mut self, request: &Request) -> Result<Response, TransportError>;
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        (**self).send(request)
    }
}

impl<T: Transport + ?Sized> Transport for Box<T> {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        (**self).send(request)
    }
}
