//! Comments, features and words of videos as pairs and streams to learn from, divided into train
//! and dev.
//!
//! A [`Split`] says which frames of a video are to be learnt from and which to be judged by, a
//! [`VideoSplit`] which of several videos; a [`SplitTally`] counts how many comments each part gets
//! and how many of their texts stand in both.
//!
//! # Example
//!
//! ```
//! use nico_comments::{Comments, ReadOptions, Timeline};
//! use nico_corpus::{Split, SplitRule};
//!
//! let file = "<chat vpos='120'>草</chat><chat vpos='9000'>草</chat><chat vpos='12000'>8888</chat>";
//! let timeline = Timeline::constant(30_000, 1001, 4_000)?;
//! let split = Split::new(SplitRule::Halves, 0, &timeline);
//! let comments = Comments::new(file.as_bytes(), ReadOptions::default())
//!     .map(|comment| comment.map(|comment| (timeline.frame_at(comment.vpos), comment.body)))
//!     .collect::<Result<Vec<_>, nico_comments::Error>>()?;
//! let tally = split.tally(comments);
//! assert_eq!((tally.train, tally.dev, tally.leak()), (1, 2, 0.5)); // 草 is in both
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod split;

pub use split::{Part, Split, SplitRule, SplitTally, UnknownSplit, VideoSplit};
