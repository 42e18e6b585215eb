//! Which comment was written here? Cases from episodes, what finds the true comment without a
//! network, and the judge.
//!
//! A [`ChoiceCase`] is a second of an episode with candidates, some of which were written then and
//! the others at least 30 s away. What scores them may read the episode's [past](crate::stream::Past)
//! only. [`CommentBaselines`] are what a model has to beat; [`judge_choices`] makes figures of
//! anybody's scores. [`measure_bits`] is how well the language models foretell the characters of
//! comments that were typed, [`measure_unit_bits`] how well those of pieces and words do.
//! [`LikePeopleReport`] asks whether comments are like people's. [`RateModel`] foretells how many
//! come next, and [`measure_counts`] and [`measure_minutes`] how well that works.

mod baselines;
mod bits;
mod cases;
mod commenter_bits;
mod commenter_gains;
mod commenter_scores;
mod crowd_moments;
mod draw;
mod judge;
mod like_people;
mod livebot;
mod liveliness;
mod report;
mod stream_crowd;
mod streams;
mod units;
mod when;
mod written_comment;

pub use baselines::{Baseline, CommentBaselines};
pub use bits::{BitsReport, measure_bits};
pub use cases::{ChoiceCase, ChoiceScores, ChoiceTruth, read_lines, write_lines};
pub use commenter_bits::{CommenterBits, commenter_bits};
pub use commenter_gains::{CommenterGains, commenter_gains};
pub use commenter_scores::{ChoiceBy, score_with_commenter};
pub use crowd_moments::CrowdMoments;
pub use draw::{ChoiceOptions, draw_choices};
pub use judge::judge_choices;
pub use like_people::{
    CrowdFigure, CrowdFigures, CrowdLikeness, FigureRow, KnownTexts, LikePeopleReport,
};
pub use livebot::draw_livebot_choices;
pub use report::{CommentingReport, report_choices, score_choices};
pub use stream_crowd::{StreamCrowdOptions, write_stream_crowd};
pub use streams::{StreamForm, comment_style, learn_pieces, picture_encoder};
pub use units::{TextUnit, UnitBits, measure_unit_bits};
pub use when::{
    CountReport, CountRow, MinuteReport, MinuteRow, RateInputs, RateModel, measure_counts,
    measure_minutes,
};
pub use written_comment::written_comment;
