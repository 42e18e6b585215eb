//! Is a crowd like people? Shares, lengths and variety of comments, beside people's own.

mod figures;
mod report;
mod viewers;

pub use figures::{CrowdFigure, CrowdFigures, KnownTexts};
pub use report::{CrowdLikeness, FigureRow, LikePeopleReport};
pub(super) use viewers::halves;
