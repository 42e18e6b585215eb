use std::{
    fmt, io,
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
    thread::{self, JoinHandle},
};

use tokio::{net::TcpListener, runtime, sync::oneshot};

use super::{access::Access, connections, hub::Hub, routes::Routes, shown_comment::ShownComment};

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
    /// How many times as fast as the clock the stage's time goes, above 0. Default: 1.
    pub speed: f64,
}

impl ServeOptions {
    /// A page at an address.
    #[must_use]
    pub fn new(address: SocketAddr) -> Self {
        Self {
            address,
            token: None,
            video: None,
            speed: 1.0,
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

    /// Sets [`speed`](Self::speed).
    #[must_use]
    pub fn speed(mut self, times: f64) -> Self {
        self.speed = times;
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
    /// The speed of the stage's time is not above 0, or no number.
    #[error("the speed is {speed}, expected a number above 0")]
    Speed {
        /// What was given.
        speed: f64,
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
    #[error("the server cannot be started at {address}")]
    Start {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
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
///
/// Comments of any source are placed by a [`LiveStage`](overlay_render::LiveStage) and drawn by a
/// [`LiveOverlay`](overlay_render::LiveOverlay) of the stage's size; the page scales them. The
/// example `own_comments` shows the lines of standard input.
///
/// ```no_run
/// use std::time::Instant;
///
/// use nico_comments::{Comment, Vpos};
/// use nico_live::{CommentServer, ServeOptions, ShownComment};
/// use overlay_render::{Fonts, LayoutOptions, LiveOverlay, LiveStage, Viewport};
///
/// let fonts = Fonts::from_files(["NotoSansJP-Bold.otf"])?;
/// let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
/// let mut overlay = LiveOverlay::new(&fonts, Viewport::new(1920, 1080)?);
/// let server = CommentServer::start(ServeOptions::new("127.0.0.1:8080".parse()?))?;
/// println!("{}", server.url()); // the browser source's address
/// let start = Instant::now();
/// for body in ["うぽつ", "888"] {
///     let now = i64::try_from(start.elapsed().as_millis())?;
///     server.set_time(now, true);
///     if let Some(placed) = stage.show(&Comment::new(Vpos(0), body), now / 10) {
///         server.show(&ShownComment::new(placed, &overlay.picture(placed)));
///     }
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct CommentServer {
    hub: Arc<Hub>,
    token: Option<String>,
    address: SocketAddr,
    /// Ends the thread when it is dropped.
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl CommentServer {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// [`ServeError::Token`] if the address is seen from other machines and there is no token of 8
    /// or more letters, digits, `-` or `_`; [`ServeError::Speed`] for a speed that is none;
    /// otherwise if the address cannot be had.
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
        let speed = options.speed;
        if !(speed > 0.0 && speed.is_finite()) {
            return Err(ServeError::Speed { speed });
        }
        let start = |source| ServeError::Start { address, source };
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(start)?;
        let (listener, bound) = {
            // Of this runtime, also where the caller has one of its own.
            let _runtime = runtime.enter();
            listen(address).map_err(|source| ServeError::Listen { address, source })?
        };
        let hub = Arc::new(Hub::new(speed));
        let routes = Arc::new(Routes {
            hub: Arc::clone(&hub),
            access: Access {
                token: options.token.clone(),
                is_local,
            },
            video: options.video,
        });
        let (stop, stopped) = oneshot::channel();
        let serve = move || {
            runtime.spawn(connections::serve(listener, routes));
            // It fails when the server is dropped: nothing is ever sent.
            drop(runtime.block_on(stopped));
            // Connections end; what is being read of a file is not waited for.
            runtime.shutdown_background();
        };
        let thread = thread::Builder::new().name("page".to_owned()).spawn(serve);
        Ok(Self {
            hub,
            token: options.token,
            address: bound,
            stop: Some(stop),
            thread: Some(thread.map_err(start)?),
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
        let token = self.token.as_ref();
        let query = token.map_or_else(String::new, |token| format!("?token={token}"));
        format!("http://{}/{query}", self.address)
    }

    /// Tells the stage's time, in milliseconds, and whether it goes on. Pages count on by themselves.
    pub fn set_time(&self, millis: i64, is_running: bool) {
        self.hub.set_time(millis, is_running);
    }

    /// Shows a comment on all pages, and on those that come before it is over.
    pub fn show(&self, comment: &ShownComment) {
        self.hub.show(comment);
    }

    /// Takes everything off the stage.
    pub fn clear(&self) {
        self.hub.clear();
    }

    /// Pages that watch.
    #[must_use]
    pub fn num_clients(&self) -> usize {
        self.hub.num_clients()
    }
}

/// Listens at an address; gives the one that it is.
fn listen(address: SocketAddr) -> io::Result<(TcpListener, SocketAddr)> {
    let listener = std::net::TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let bound = listener.local_addr()?;
    Ok((TcpListener::from_std(listener)?, bound))
}

impl Drop for CommentServer {
    fn drop(&mut self) {
        self.hub.end();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
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
