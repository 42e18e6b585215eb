//! Fetches Niconico comments: of videos with their past logs, past logs of broadcasts, and by other
//! programs.
//!
//! [`Fetcher`] asks the service for the comments of a video, from the newest to the oldest, and
//! leaves a folder with every answer as it came and the collection made of them. It can be killed
//! at any moment and goes on where it was; a later run fetches what is new. It is polite: one
//! request at a time, a second or more apart, longer after failures, and it stops when it is told
//! to. [`Downloader`] runs another program instead.
//!
//! The service does not document these calls and can change them any day. Fetching is for logged-in
//! personal use; comments are their writers'.
//!
//! # Example
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use nico_fetch::{Event, FetchOptions, Fetcher, Session};
//!
//! let options = FetchOptions::default().contact("me@example.com").max_comments(10_000);
//! let mut fetcher = Fetcher::new(options).session(Session::from_env()?); // NICO_USER_SESSION
//! let report = fetcher.fetch(&"sm9".parse()?, "comments/sm9", &mut |event| {
//!     if let Event::Page { collected, expected, .. } = event {
//!         println!("{collected} of {expected:?}");
//!     }
//!     ControlFlow::Continue(())
//! })?;
//! for thread in &report.threads {
//!     println!("{}: {} comments, missing {:?}", thread.fork, thread.collected, thread.missing);
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Credentials
//!
//! A [`Session`] comes from the environment variable `NICO_USER_SESSION`. It is sent to the
//! service's hosts (or the server that was named in their place) and nowhere else: not to the
//! comment server, not along a redirect. Neither it nor the thread keys are part of any file, URL,
//! error, event or `Debug` output, and an answer that repeats one is refused.
//!
//! # Progress and stopping
//!
//! A call blocks until it is done, which takes hours for a video of many comments; an async program
//! runs it on a thread for such work. Before the first page [`Event::Planned`] says how much is to
//! come, and each [`Event::Page`] how far it is. The observer, which is asked at each event and
//! every second of a wait, answers whether to go on: to stop from elsewhere, let it look at a flag.
//! A request on its way is not broken off; [`HttpTransport::new`] bounds its time.
//!
//! ```no_run
//! use std::ops::ControlFlow;
//! use std::sync::atomic::{AtomicBool, Ordering};
//! use nico_fetch::{FetchOptions, Fetcher};
//!
//! static STOP: AtomicBool = AtomicBool::new(false); // set by a signal, or a button
//!
//! let mut fetcher = Fetcher::new(FetchOptions::default().sample(true));
//! let report = fetcher.fetch(&"sm9".parse()?, "comments/sm9", &mut |_| {
//!     match STOP.load(Ordering::Relaxed) {
//!         true => ControlFlow::Break(()),
//!         false => ControlFlow::Continue(()),
//!     }
//! })?;
//! assert!(report.is_finished() || report.cancelled); // what came is there, the next run goes on
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tests and embedding
//!
//! [`Transport`] and [`Clock`] are traits: [`Fetcher::transport`] and [`Fetcher::clock`] take a
//! server in memory and a clock that does not wait, or a program's own HTTP client. Nothing prints;
//! [`Event`]s tell what happens.

mod answer;
mod assemble;
mod channel;
mod client;
mod clock;
mod date;
mod downloader;
mod error;
mod event;
mod fault;
mod fetcher;
mod http;
mod numbers;
mod options;
mod origin;
mod page;
mod parse_error;
mod past_log;
mod report;
mod run;
mod secret;
mod store;
mod thread;
mod transport;
mod video;
mod watch;

pub use channel::Channel;
pub use clock::{Clock, SystemClock};
pub use date::parse_date;
pub use downloader::{Downloaded, Downloader};
pub use error::{Call, Error};
pub use event::Event;
pub use fault::Fault;
pub use fetcher::Fetcher;
pub use http::HttpTransport;
pub use options::FetchOptions;
pub use origin::Origin;
pub use parse_error::ParseError;
pub use report::{End, Report, ThreadReport};
pub use secret::{SESSION_VARIABLE, Session};
pub use transport::{Method, Request, Response, Transport, TransportError};
pub use video::VideoId;

/// The programs of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
