//! Comments, features and words of videos: what a captioner learns from, what it writes for another
//! video, and how well it does.
//!
//! The way through the crate is that of the data. Comments of videos and [feature
//! stores](frame_features::FeatureStore) of their frames become a [`Corpus`]: pairs of feature rows
//! and words, divided into train and dev by a [`SplitBy`] rule. `caption-train` makes a model of
//! it. A [`Crowd`] draws how many comments another video gets, and when, and lets the model write
//! them. [`evaluate`] measures the model on held-out comments, [`grounding`] asks whether its
//! attention looks at those it names, and [`Stages`] keep what was done already of a long job.
//!
//! # Example
//!
//! Which comments of a file would be learnt from, and which are held out:
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
//!
//! `examples/embed.rs` goes from an XML file and a feature store to a trained model and to comments
//! for another store.
//!
//! # Features
//!
//! - `flex` (default): Burn's CPU backend.
//! - `parquet`: comments, their words and frames as Parquet tables, `write_parquet_folder`.
//! - `report`: the page of a run, the module `report`.
#![cfg_attr(docsrs, feature(doc_cfg))] // which feature an item needs, on docs.rs

mod boxes;
mod boxes_error;
mod captions;
pub mod commenting;
mod corpus;
mod crowd;
mod error;
pub mod evaluate;
mod figures;
mod file_id;
mod files;
mod filter_options;
pub mod grounding;
mod learnt_check;
mod learnt_with;
mod moments;
#[cfg(feature = "parquet")]
mod parquet;
mod partial_videos;
mod parts;
mod rate;
mod reading;
#[cfg(feature = "report")]
pub mod report;
mod split;
mod stages;
pub mod stream;
mod tables;
mod times;
mod training_summary;
mod words;
mod written_names;

#[cfg(feature = "parquet")]
pub use self::parquet::{ParquetFolderOptions, ParquetReport, VideoPlace, write_parquet_folder};
pub use boxes::{BoxCharacter, Boxes, CharacterBox, Naming};
pub use boxes_error::BoxesError;
pub use captions::{
    CaptionFile, CaptionReport, CaptionSet, CaptionText, CaptionWords, CaptionedPicture,
    CaptionsError, PictureScores,
};
pub use corpus::{CommentsOutside, Corpus, CorpusOptions, CorpusVideo, is_speech};
pub use crowd::{Crowd, CrowdComment, CrowdComments, CrowdOptions, FewComments, WrittenComment};
pub use error::Error;
pub use file_id::FileId;
pub use filter_options::{FilterOptions, RecordingStart};
pub use learnt_check::{BothSides, learnt_and_held_out};
pub use learnt_with::{LearntVideo, LearntWith};
pub use moments::{CrowdRate, Moment, UnknownRate, draw_moments};
pub use parts::{SplitBy, SplitError, UnknownSplitBy, VideoParts};
pub use rate::{FittedRate, FittedRateReport};
pub use reading::{Reading, read_comments, remarks};
pub use split::{Part, Split, SplitRule, SplitTally, UnknownSplit, VideoSplit};
pub use stages::{Done, InputChange, OutdatedStages, PlannedStage, Stage, StageInputs, Stages};
pub use tables::{CommentTables, TableOptions};
pub use times::{TimeFit, row_timeline, timeline_from_zero};
pub use training_summary::TrainingSummary;
pub use words::{SplitWords, SplitWorker, TextWords, split_words};
pub use written_names::WrittenNames;

/// The programs of the README are compiled.
#[cfg(all(doctest, feature = "flex"))]
#[doc = include_str!("../README.md")]
struct Readme;
