//! Which comment was written here? Cases from episodes, what finds the true comment without a
//! network, and the judge.
//!
//! A [`ChoiceCase`] is a second of an episode with candidates, some of which were written then and
//! the others at least 30 s away. What scores them may read the episode's [past](crate::stream::Past)
//! only. [`CommentBaselines`] are what a model has to beat; [`judge_choices`] makes figures of
//! anybody's scores. [`measure_bits`] is how well the language models foretell the characters of
//! comments that were typed. [`LikePeopleReport`] asks whether comments are like people's.
//! [`RateModel`] foretells how many come next, and [`measure_counts`] and [`measure_minutes`] how
//! well that works.

mod baselines;
mod bits;
mod cases;
mod draw;
mod judge;
mod like_people;
mod report;
mod when;

pub use baselines::{Baseline, CommentBaselines};
pub use bits::{BitsReport, measure_bits};
pub use cases::{ChoiceCase, ChoiceScores, ChoiceTruth, read_lines, write_lines};
pub use draw::{ChoiceOptions, draw_choices};
pub use judge::judge_choices;
pub use like_people::{
    CrowdFigure, CrowdFigures, CrowdLikeness, FigureRow, KnownTexts, LikePeopleReport,
};
pub use report::{CommentingReport, report_choices, score_choices};
pub use when::{
    CountReport, CountRow, MinuteReport, MinuteRow, RateInputs, RateModel, measure_counts,
    measure_minutes,
};
