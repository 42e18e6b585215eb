//! Niconico comments as types: readers and writers of every format they are found in, the timeline
//! of a video, and what is counted over both.
//!
//! A [`Comment`] appears over its video from its [`Vpos`] on and is styled by the commands in its
//! [`Mail`]. [`Comments`] reads any [`BufRead`](std::io::BufRead) or file, recognises the
//! [`Format`] by the content and holds one comment in memory, however long the file is;
//! [`FormatWriter`], [`XmlWriter`], [`FormattedWriter`] and [`write_v1`] write, [`write_file`]
//! leaves a file that is whole or absent. Bilibili's XML and ASS subtitles are read as well. A
//! [`Filter`] says which comments to keep, and [`Filters`] also what each of several removed. A
//! [`Timeline`] says which frame of a video a comment belongs to, [`FrameCounts`] how many comments
//! each frame has, [`bursts()`] where they flock;
//! [`CommentStats`] counts what comments are like.
//!
//! # Example
//!
//! ```
//! use nico_comments::{Comments, FrameCounts, ReadOptions, Timeline};
//!
//! let file = r#"<?xml version="1.0" encoding="UTF-8"?><packet>
//!   <chat thread="1" no="1" vpos="120" date="1300000000" mail="184 big" user_id="a">ここすき</chat>
//!   <chat thread="1" no="2" vpos="121" date="1300000001" mail="184" user_id="b">8888888</chat>
//!   <chat thread="1" no="3" vpos="soon" date="1300000002" user_id="c">???</chat>
//!   <chat thread="1" no="4" vpos="99999" date="1300000003" user_id="d">おつ</chat>"#; // cut off
//!
//! let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
//! let good: Vec<_> = comments.by_ref().filter_map(Result::ok).collect();
//! let bodies: Vec<_> = good.iter().map(|comment| &*comment.body).collect();
//! assert_eq!(bodies, ["ここすき", "8888888", "おつ"]);
//! assert_eq!(comments.summary().rejected, 1);
//!
//! let timeline = Timeline::constant(30_000, 1001, 300)?;
//! let counts = FrameCounts::new(&timeline, good.iter().map(|comment| comment.vpos));
//! assert_eq!(counts.top(2), [(1, 35), (1, 36)]);
//! # Ok::<(), nico_comments::TimelineError>(())
//! ```
//!
//! # Leaving comments out
//!
//! ```
//! use nico_comments::{Comments, Filters, Keep, Kind, NgWords, ReadOptions, ScoreLimit, Without};
//!
//! let filters = Filters::new()
//!     .with("deleted", Without(Kind::Deleted))
//!     .with("by the owner", Without(Kind::Owner))
//!     .with("NG words", NgWords::new(["荒らし"]))
//!     .with("NG score", ScoreLimit::MEDIUM);
//! let file = "<chat vpos='1' user_id='a'>草</chat><chat vpos='2' deleted='1'/>\
//!     <chat vpos='3' user_id='b' score='-9999'>w</chat>";
//! let comments = Comments::new(file.as_bytes(), ReadOptions::default()).keep(&filters);
//! assert_eq!(comments.count(), 1);
//! assert_eq!(
//!     filters.to_string(),
//!     "1 of 3 comments kept; taken away: deleted 1, by the owner 0, NG words 0, NG score 1"
//! );
//! ```
//!
//! # Units
//!
//! Positions are centiseconds ([`Vpos`]); v1 files count in milliseconds, and what is below a
//! centisecond is kept in [`Comment::vpos_rest_ms`]. Dates are unix seconds and microseconds.
//! Frames are counted from 0.
//!
//! # Damaged files
//!
//! Real files hold control characters, lone surrogates, bare ampersands, comments without an end,
//! and stop anywhere. What can be read is read: every comment that cannot is an [`Error`] with line
//! and byte offset, and reading goes on. A comment is at most [`ReadOptions::max_comment_len`]
//! bytes long, entities that a file declares are never expanded, and nesting is only counted, so
//! that hostile files cost neither memory nor stack.
//!
//! # Nothing lost
//!
//! Unknown commands, attributes and members are kept ([`Mail::words`], [`Comment::extra`]). What a
//! format cannot hold, [`Comment::lost_in`] says before it is written, and [`Losses`] counts over
//! many.
//!
//! # Without files
//!
//! Everything but [`CommentFiles`], [`write_file`] and [`write_whole`] builds for
//! `wasm32-unknown-unknown` as well.
//!
//! # Features
//!
//! - `parquet`: comments as a Parquet file for SQL engines, streamed (`ParquetWriter`), and further
//!   tables beside it (`ParquetTable`). Off by default: compiling it takes about 40 s of one core.
//! - `serde`: `Serialize` and `Deserialize` of [`Comment`], [`Mail`], [`Fork`] and [`Vpos`], in a
//!   form of this crate's own; of [`Color`], [`Position`], [`Size`], [`Font`], [`Format`] and
//!   [`Kind`] as their text. Off by default: to read and write Niconico's formats it is not needed.
#![cfg_attr(docsrs, feature(doc_cfg))] // which feature an item needs, on docs.rs

mod bilibili;
mod bursts;
mod color;
mod comment;
mod counts;
#[cfg(not(target_family = "wasm"))]
mod files;
mod filter;
mod fork;
mod histogram;
mod key;
mod mail;
mod names;
mod outside;
#[cfg(feature = "parquet")]
mod parquet;
mod read;
#[cfg(feature = "serde")]
mod serde_impls;
mod stats;
mod style;
mod timeline;
mod vpos;
mod write;

#[cfg(feature = "parquet")]
pub use self::parquet::{
    ParquetCell, ParquetColumn, ParquetOptions, ParquetTable, ParquetType, ParquetWriter,
};
pub use bursts::{Burst, BurstOptions, bursts};
pub use color::Color;
pub use comment::Comment;
pub use counts::FrameCounts;
#[cfg(not(target_family = "wasm"))]
pub use files::CommentFiles;
pub use filter::{
    And, CommentArt, DateIn, Filter, Filters, Judged, Keep, Kept, Kind, NgCommands, NgMatching,
    NgPatterns, NgUsers, NgWords, Not, Only, Or, PatternError, PatternErrorKind, Repeats,
    ScoreError, ScoreLimit, Tally, UnknownKind, VposIn, Without,
};
pub use fork::Fork;
pub use key::CommentKey;
pub use mail::Mail;
pub use names::NameError;
pub use outside::OutsideVideo;
pub use read::{Comments, Error, ErrorKind, Format, Metadata, ReadOptions, Summary, UserKey};
pub use stats::{CommentStats, Lengths, Share};
pub use style::{Font, Position, Size};
pub use timeline::{Timeline, TimelineError, scale};
pub use vpos::Vpos;
pub use write::{
    BilibiliWriter, FormatWriter, FormattedWriter, Losses, WriteOptions, XmlWriter, write_comments,
    write_v1,
};
#[cfg(not(target_family = "wasm"))]
pub use write::{WholeFile, WriteError, write_file, write_whole};

/// The programs of the README are compiled.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
