//! Comments on a picture while it moves: lines, others' comments and pictures in as they come,
//! comments out in time.
//!
//! [`LiveCommenter`] is told what happens and gives the comments that are due, each within a budget
//! of time; what would come too late is dropped and counted. [`Transcript`] reads lines from a file
//! that grows, [`SteadyTime`] makes one rising time of a source that stalls and jumps, and
//! [`GrowingXml`] writes a comment file that is whole after every comment.
//!
#![cfg_attr(
    feature = "serve",
    doc = "`CommentServer` shows the comments on a page, for browser sources of OBS and for browsers."
)]
//!
//! # Example
//!
//! ```no_run
//! use std::time::Instant;
//!
//! use burn::tensor::Device;
//! use caption_model::Commenter;
//! use nico_live::{LiveCommenter, LiveModel, LiveOptions};
//!
//! let commenter = Commenter::from_dir("commenter", &Device::flex())?;
//! let mut live = LiveCommenter::new(LiveModel::Commenter(&commenter), LiveOptions::default())?;
//! let start = Instant::now();
//! while start.elapsed().as_secs() < 60 {
//!     let now = i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX);
//!     // live.line(now, …), live.comment(…), live.picture(now, …) with what came meanwhile
//!     while let Some(written) = live.write_due(now)? {
//!         println!("{}", written.comment.body);
//!     }
//!     std::thread::sleep(std::time::Duration::from_millis(20));
//! }
//! # Ok::<(), nico_live::Error>(())
//! ```
//!
//! # Units and limits
//!
//! Times are milliseconds of the picture's time. Of lines and comments 256 characters are read.
//! FFmpeg is not linked: pictures come as RGB.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend.
//! - `serve`: the page, over HTTP.
#![cfg_attr(docsrs, feature(doc_cfg))] // which feature an item needs, on docs.rs

mod clock;
mod commenter;
mod cuts;
mod error;
mod growing_xml;
mod live_comment;
mod options;
mod picture_writer;
mod plan;
#[cfg(feature = "serve")]
mod serve;
mod steady_time;
mod stream_writer;
mod transcript;
mod writer;

pub use clock::{Clock, SystemClock};
pub use commenter::LiveCommenter;
pub use error::Error;
pub use growing_xml::GrowingXml;
pub use live_comment::{LiveComment, LiveCounts, Prompt};
pub use options::LiveOptions;
#[cfg(feature = "serve")]
pub use serve::{CommentServer, ServeError, ServeOptions, ShownComment};
pub use steady_time::{SteadyTime, TimeStep};
pub use transcript::{SpokenLine, Transcript};
pub use writer::LiveModel;

/// The programs of the README are compiled.
#[cfg(all(doctest, feature = "flex"))]
#[doc = include_str!("../README.md")]
struct Readme;
