use std::ops::ControlFlow;
use std::path::Path;

use crate::channel::Channel;
use crate::client::Client;
use crate::clock::{Clock, SystemClock};
use crate::error::Error;
use crate::event::Event;
use crate::http::HttpTransport;
use crate::options::FetchOptions;
use crate::past_log;
use crate::report::Report;
use crate::run::Run;
use crate::secret::Session;
use crate::store::{Folder, collection_name};
use crate::transport::Transport;
use crate::video::VideoId;

/// Fetches comments into folders, page by page.
///
/// A folder holds `pages/` with every answer as it came, `state.json` that says what was asked for,
/// and after each run the collection (`comments.xml` or `comments.json`; the other one, if an
/// earlier run wrote it, is removed) and `report.json`. A file in the collection's place that no
/// run wrote is an error, [`Error::ForeignFile`], before anything is asked for. Every file is whole
/// or absent: a run that is killed at any point loses one page at most, the next one goes on behind
/// it, and one after a finished run asks for what is new.
///
/// ```no_run
/// use std::ops::ControlFlow;
/// use nico_fetch::{FetchOptions, Fetcher, Session};
///
/// let options = FetchOptions::default().contact("me@example.com");
/// let mut fetcher = Fetcher::new(options).session(Session::from_env()?);
/// let report = fetcher.fetch(&"sm9".parse()?, "sm9", &mut |event| {
///     println!("{event:?}");
///     ControlFlow::Continue(())
/// })?;
/// println!("{} comments in sm9/{}", report.collected(), report.file);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Fetcher<T = HttpTransport, C = SystemClock> {
    options: FetchOptions,
    session: Option<Session>,
    transport: T,
    clock: C,
}

impl Fetcher {
    /// A fetcher over HTTP, without login.
    #[must_use]
    pub fn new(options: FetchOptions) -> Self {
        Self {
            options,
            session: None,
            transport: HttpTransport::default(),
            clock: SystemClock::default(),
        }
    }
}

impl<T, C> Fetcher<T, C> {
    /// Sets or takes away the login.
    #[must_use]
    pub fn session(mut self, session: impl Into<Option<Session>>) -> Self {
        self.session = session.into();
        self
    }

    /// Sets the HTTP client.
    #[must_use]
    pub fn transport<U>(self, transport: U) -> Fetcher<U, C> {
        Fetcher {
            options: self.options,
            session: self.session,
            transport,
            clock: self.clock,
        }
    }

    /// Sets the clock.
    #[must_use]
    pub fn clock<D>(self, clock: D) -> Fetcher<T, D> {
        Fetcher {
            options: self.options,
            session: self.session,
            transport: self.transport,
            clock,
        }
    }
}

impl<T: Transport, C: Clock> Fetcher<T, C> {
    /// Fetches the comments of a video into `folder`, which is made if need be, and tells the
    /// observer what happens.
    ///
    /// The watch call names the threads; each is asked for on its own, from now (or
    /// [`FetchOptions::until`]) backwards, as `docs/spec/comment-formats.md`, sections 6.2 and 6.3,
    /// describes. Limits stop the asking; what came is kept.
    ///
    /// # Errors
    ///
    /// If the service refuses or fails for long, an answer makes no sense, or the file system
    /// refuses. What came before is kept, and a later call goes on there. [`Error::LoginNeeded`]
    /// where past logs were asked for without a login, or with one that has ended;
    /// [`Error::ForeignFile`] where a file that no run wrote is in the collection's place, and
    /// [`Error::Busy`] while another process fetches into the folder.
    pub fn fetch(
        &mut self,
        video: &VideoId,
        folder: impl AsRef<Path>,
        tell: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    ) -> Result<Report, Error> {
        self.options.check()?;
        let folder = Folder::open(folder.as_ref())?;
        if let Some(name) = collection_name(self.options.format) {
            folder.check_place(name)?;
        }
        let mut client = Client::new(&self.options, &mut self.transport, &self.clock, tell);
        if let Some(session) = &self.session {
            client.guard(&session.0);
        }
        Run::new(client, self.session.as_ref(), video, &folder).finish()
    }

    /// Fetches the past log of a broadcast channel (Jikkyo) from one second up to another into
    /// `folder`, in windows of three days (`docs/spec/comment-formats.md`, section 1.3). The
    /// archive needs no login and gets none.
    ///
    /// A folder holds one channel and one span of time: what comes after it, such as the log of the
    /// next night, takes a folder of its own.
    ///
    /// # Errors
    ///
    /// As [`fetch`](Self::fetch); also if `from` is not before `to`, or `to` has not come yet.
    pub fn fetch_past_log(
        &mut self,
        channel: &Channel,
        from: i64,
        to: i64,
        folder: impl AsRef<Path>,
        tell: &mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    ) -> Result<Report, Error> {
        self.options.check()?;
        if !(0 <= from && from < to && to <= self.clock.unix_now()) {
            return Err(Error::Option {
                option: "from and to",
                expected: "a beginning before its end, and an end that has passed",
            });
        }
        let folder = Folder::open(folder.as_ref())?;
        let client = Client::new(&self.options, &mut self.transport, &self.clock, tell);
        past_log::run(client, channel, from..to, &folder)
    }
}
