//! What the server answers.

use std::{io, path::PathBuf, sync::Arc, thread};

use tiny_http::{Header, Method, Request, Response};

use super::{access::Access, client, hub::Hub, video_file};

/// The page, its program and its style.
const PAGE: &str = include_str!("page.html");
const PROGRAM: &str = include_str!("page.js");
const STYLE: &str = include_str!("page.css");
/// What the page may load: what comes from this server, and pictures that it was sent.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
    media-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'";

/// All that answering takes.
#[derive(Debug)]
pub(super) struct Routes {
    pub(super) hub: Arc<Hub>,
    pub(super) access: Access,
    /// Tells pages whether the server was started anew.
    pub(super) run: String,
    pub(super) video: Option<PathBuf>,
}

impl Routes {
    /// Answers a request; one for events is answered by a thread of its own.
    pub(super) fn answer(self: &Arc<Self>, request: Request) {
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let host = value(&request, "Host");
        // Program and style say nothing; pages ask for them without the token.
        let is_open = matches!(path, "/page.js" | "/page.css");
        let allowed = match is_open {
            true => self.access.is_local_host(host.as_deref()),
            false => self.access.allows(query, host.as_deref()),
        };
        let answered = if !allowed {
            text(
                request,
                403,
                "text/plain",
                "not allowed: the token or the host is wrong\n",
            )
        } else if !matches!(request.method(), Method::Get | Method::Head) {
            text(request, 405, "text/plain", "only GET\n")
        } else {
            match path {
                "/" => text(request, 200, "text/html; charset=utf-8", PAGE),
                "/page.js" => text(request, 200, "text/javascript; charset=utf-8", PROGRAM),
                "/page.css" => text(request, 200, "text/css; charset=utf-8", STYLE),
                "/events" => {
                    self.events(request);
                    Ok(())
                }
                "/video" => self.video(request),
                _ => text(request, 404, "text/plain", "nothing is here\n"),
            }
        };
        // Whoever asked has gone away: nobody is left to tell.
        drop(answered);
    }

    fn events(self: &Arc<Self>, request: Request) {
        let Some((first, events)) = self.hub.join(&self.run) else {
            drop(text(
                request,
                503,
                "text/plain",
                "too many pages are open\n",
            ));
            return;
        };
        let hub = Arc::clone(&self.hub);
        let send = move || {
            let mut out = request.into_writer();
            // It ends when the page goes away.
            drop(client::serve(&mut *out, &hub, first, &events));
        };
        // Without a thread the page sees its connection closed, and asks again.
        drop(thread::Builder::new().name("page".into()).spawn(send));
    }

    fn video(&self, request: Request) -> io::Result<()> {
        let Some(path) = &self.video else {
            return text(request, 404, "text/plain", "no file is played\n");
        };
        let asked = value(&request, "Range");
        match video_file::answer(path, asked.as_deref()) {
            Ok(response) => request.respond(response),
            Err(_) => text(request, 404, "text/plain", "the file cannot be read\n"),
        }
    }
}

fn value(request: &Request, name: &'static str) -> Option<String> {
    let found = request.headers().iter().find(|one| one.field.equiv(name));
    found.map(|header| header.value.as_str().to_owned())
}

fn text(request: Request, status: u16, kind: &str, body: &str) -> io::Result<()> {
    let headers = [
        ("Content-Type", kind),
        ("Content-Security-Policy", POLICY),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    ];
    let response = Response::from_string(body).with_status_code(status);
    let response = headers
        .into_iter()
        .fold(response, |response, (name, value)| {
            response.with_header(header(name, value))
        });
    request.respond(response)
}

pub(super) fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("names and values are ASCII")
}
