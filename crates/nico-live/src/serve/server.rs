use std::{
    fmt, io,
    net::{SocketAddr, TcpListener},
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
    time::{SystemTime, UNIX_EPOCH},
};

use tiny_http::Server;

use super::{access::Access, hub::Hub, routes::Routes, shown_comment::ShownComment};

/// Threads that answer requests.
const THREADS: usize = 2;
/// Fewest characters of a token.
const SHORTEST_TOKEN: usize = 8;

/// Where the page is, and for whom. Made by `new` and the setters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ServeOptions {
    /// Where the server listens; with port 0 the system chooses one.
    pub address: SocketAddr,
    /// What an address has to have as `?token=…`. Required unless the server listens on this machine
    /// alone. Default: none.
    pub token: Option<String>,
    /// A file that the page plays with `?video`. Default: none.
    pub video: Option<PathBuf>,
}

impl ServeOptions {
    /// A page at an address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            video: None,
        }
    }

    /// Sets [`token`](Self::token).
    #[must_use]
    pub fn token(mut self, token: impl Into<Option<String>>) -> Self {
        self.token = token.into();
        self
    }

    /// Sets [`video`](Self::video).
    #[must_use]
    pub fn video(mut self, path: impl Into<Option<PathBuf>>) -> Self {
        self.video = path.into();
        self
    }
}

/// Why the page cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The address is seen from other machines, and there is no token.
    #[error(
        "{address} is seen from other machines: it needs a token of 8 or more letters, digits, - or _"
    )]
    Token {
        /// The address.
        address: SocketAddr,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// What the system said.
        source: io::Error,
    },
    /// The server could not be started.
    #[error("the server cannot be started at {address}: {reason}")]
    Start {
        /// The address.
        address: SocketAddr,
        /// What it said.
        reason: String,
    },
}

/// Serves a page with a transparent background on which comments move: a browser source for OBS, or
/// a page of its own.
///
/// `GET /` is the page, `GET /events` what happens, as server-sent events: `hello` (a page comes, the
/// server's run), `time` (the stage's time in milliseconds, and whether it goes on), `show` (a
/// [`ShownComment`]), `clear`. A page that loses its connection asks again and gets what is on the
/// stage. Comments are drawn from pictures: no text of theirs becomes part of the page.
///
/// On an address of this machine alone requests have to name this machine as their host, so that no
/// foreign page reads along; any other address needs a token. It ends when it is dropped.
pub struct CommentServer {
    routes: Arc<Routes>,
    server: Arc<Server>,
    address: SocketAddr,
    threads: Vec<JoinHandle<()>>,
}

impl CommentServer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// [`ServeError::Token`] if the address is seen from other machines and there is no token of 8
    /// or more letters, digits, `-` or `_`; otherwise if the address cannot be had.
    pub fn start(options: ServeOptions) -> Result<Self, ServeError> {
        let address = options.address;
        let is_local = address.ip().is_loopback();
        let is_good = |token: &String| {
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            token.len() >= SHORTEST_TOKEN && token.bytes().all(is_plain)
        };
        let needs_token = !is_local || options.token.is_some();
        if needs_token && !options.token.as_ref().is_some_and(is_good) {
            return Err(ServeError::Token { address });
        }
        let listen = |source| ServeError::Listen { address, source };
        let listener = TcpListener::bind(address).map_err(listen)?;
        let bound = listener.local_addr().map_err(listen)?;
        let server = Server::from_listener(listener, None).map_err(|error| ServeError::Start {
            address,
            reason: error.to_string(),
        })?;
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let server = Arc::new(server);
        let routes = Arc::new(Routes {
            hub: Arc::new(Hub::default()),
            access: Access {
                token: options.token,
                is_local,
            },
            run: format!("{}", since.map_or(0, |since| since.as_micros())),
            video: options.video,
        });
        let threads = (0..THREADS).map(|_| {
            let (server, routes) = (Arc::clone(&server), Arc::clone(&routes));
            thread::spawn(move || {
                // `recv` fails when it is told to end.
                while let Ok(request) = server.recv() {
                    routes.answer(request);
                }
            })
        });
        Ok(Self {
            threads: threads.collect(),
            routes,
            server,
            address: bound,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The page's address, with the token where there is one.
    #[must_use]
    pub fn url(&self) -> String {
        let token = self.routes.access.token.as_ref();
        let query = token.map_or_else(String::new, |token| format!("?token={token}"));
        format!("http://{}/{query}", self.address)
    }

    /// Tells the stage's time, in milliseconds, and whether it goes on. Pages count on by themselves.
    pub fn set_time(&self, millis: i64, is_running: bool) {
        self.routes.hub.set_time(millis, is_running);
    }

    /// Shows a comment on all pages, and on those that come before it is over.
    pub fn show(&self, comment: &ShownComment) {
        self.routes.hub.show(comment);
    }

    /// Takes everything off the stage.
    pub fn clear(&self) {
        self.routes.hub.clear();
    }

    /// Pages that watch.
    #[must_use]
    pub fn num_clients(&self) -> usize {
        self.routes.hub.num_clients()
    }
}

impl Drop for CommentServer {
    fn drop(&mut self) {
        self.routes.hub.end();
        for _ in &self.threads {
            self.server.unblock();
        }
        for thread in self.threads.drain(..) {
            // A panic of its own was printed by it.
            drop(thread.join());
        }
    }
}

impl fmt::Debug for CommentServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommentServer")
            .field("address", &self.address)
            .field("clients", &self.num_clients())
            .finish_non_exhaustive()
    }
}
