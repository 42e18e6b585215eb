//! What the server answers.

use std::{path::PathBuf, sync::Arc};

use hyper::{
    Method, Request, Response, StatusCode,
    header::{self, HeaderName, HeaderValue},
};

use super::{
    access::Access,
    body::{Body, answer, in_pieces, whole},
    client,
    hub::Hub,
    video_file,
};

/// The page, its program and its style.
const PAGE: &str = include_str!("page.html");
const PROGRAM: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");
/// What the page may load: what comes from this server, and pictures that it was sent.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     media-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'",
);
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// All that answering takes.
#[derive(Debug)]
pub(super) struct Routes {
    pub(super) hub: Arc<Hub>,
    pub(super) access: Access,
    pub(super) video: Option<PathBuf>,
}

impl Routes {
    /// The answer to a request.
    pub(super) async fn answer<B>(&self, request: &Request<B>) -> Response<Body> {
        let path = request.uri().path();
        let query = request.uri().query().unwrap_or("");
        let host = value(request, &header::HOST);
        // Program and style say nothing; pages ask for them without the token.
        let is_open = matches!(path, "/page.js" | "/page.css");
        let allowed = match is_open {
            true => self.access.is_local_host(host),
            false => self.access.allows(query, host),
        };
        if !allowed {
            let why = "not allowed: the token or the host is wrong\n";
            return plain(StatusCode::FORBIDDEN, why);
        }
        if !matches!(*request.method(), Method::GET | Method::HEAD) {
            return plain(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
        }
        match path {
            "/" => text("text/html; charset=utf-8", PAGE),
            "/page.js" => text("text/javascript; charset=utf-8", PROGRAM),
            "/page.css" => text("text/css; charset=utf-8", STYLE),
            "/events" => self.events(),
            "/video" => self.video(request).await,
            _ => plain(StatusCode::NOT_FOUND, "nothing is here\n"),
        }
    }

    /// What happens from now on, told by a task of its own until the page goes away.
    fn events(&self) -> Response<Body> {
        let Some((first, events)) = self.hub.join() else {
            let why = "too many pages are open\n";
            return plain(StatusCode::SERVICE_UNAVAILABLE, why);
        };
        let (page, body) = in_pieces();
        let hub = Arc::clone(&self.hub);
        tokio::spawn(async move { client::serve(page, &hub, first, events).await });
        let kind = HeaderValue::from_static("text/event-stream");
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, NO_STORE),
            (header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF),
        ];
        answer(StatusCode::OK, headers, body)
    }

    async fn video<B>(&self, request: &Request<B>) -> Response<Body> {
        let Some(path) = &self.video else {
            return plain(StatusCode::NOT_FOUND, "no file is played\n");
        };
        let answered = video_file::answer(path, value(request, &header::RANGE)).await;
        answered.unwrap_or_else(|_| plain(StatusCode::NOT_FOUND, "the file cannot be read\n"))
    }
}

fn value<'a, B>(request: &'a Request<B>, name: &HeaderName) -> Option<&'a str> {
    request.headers().get(name)?.to_str().ok()
}

fn text(kind: &'static str, text: &'static str) -> Response<Body> {
    with_text(StatusCode::OK, kind, text)
}

fn plain(status: StatusCode, text: &'static str) -> Response<Body> {
    with_text(status, "text/plain", text)
}

fn with_text(status: StatusCode, kind: &'static str, text: &'static str) -> Response<Body> {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, NO_STORE),
        (header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("no-referrer"),
        ),
    ];
    answer(status, headers, whole(text))
}
