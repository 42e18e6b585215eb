//! A run's folder as one HTML page: figures, curves, tables, pictures, and a player beside the
//! comments (feature `report`).
//!
//! [`RunFolder::read`] takes what is in the folder, whatever is missing; [`report_page`] makes the
//! page of it. Pictures of the commented video are the caller's to draw, at the
//! [`busiest_moments`], and the player for the video itself is the caller's to find ([`PagePlayer`]).

mod charts;
mod folder;
mod markdown;
mod moments;
mod page;
mod page_player;
mod summary;

pub use folder::RunFolder;
pub use moments::{PageMoment, busiest_moments};
pub use page::report_page;
pub use page_player::{PageComments, PagePlayer};
pub use summary::{RunSummary, StageSeconds};
