//! From comments to a layout.

use std::ops::ControlFlow;

use nico_comments::Comment;

use super::lane_search;
use super::layout::Layout;
use super::motion;
use super::operator::{self, Operator};
use super::options::LayoutOptions;
use super::packed::PackedComments;
use super::placed::PlacedComment;
use super::player::Player;
use super::report::LayoutReport;
use super::script::Scripts;
use super::source::Comments;
use super::style::{self, Source};
use super::thin;
use crate::error::Error;
use crate::text::Fonts;
use crate::text::missing::Missing;
use crate::text::shape::Shaper;

/// Places comments as the Niconico player does (`docs/spec/comment-layout.md`, sections 2 to
/// 9). Deleted comments are left out.
///
/// A pure function: the same comments, fonts and options give the same layout. Comments may come in
/// any order; [`PlacedComment::src`] tells where in `comments` each stood. Any text and any
/// commands are laid out.
///
/// The time for a comment grows with the logarithm of their number, however many of them are on
/// screen together; where they have several display times (`@N`), about with its square root.
///
/// # Panics
///
/// Panics if an option is out of its range, which [`LayoutOptions::check`] and
/// [`layout_with_progress`] tell as an error.
#[must_use]
pub fn layout(comments: &[Comment], fonts: &Fonts, options: &LayoutOptions) -> Layout {
    layout_with_progress(comments, fonts, options, &mut |_| ControlFlow::Continue(()))
        .expect("options are in their ranges, and nothing asks it to stop")
}

/// How far [`layout_with_progress`] is.
///
/// ```
/// # use overlay_render::LayoutProgress;
/// # fn show(at: LayoutProgress) {
/// println!("{} %", at.done * 100 / at.total.max(1));
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LayoutProgress {
    /// Steps done: each comment is measured first, and then placed.
    pub done: usize,
    /// Steps in all, twice the comments.
    pub total: usize,
}

/// Places comments as [`layout`] does, and tells how far it is after every thousand; it stops where
/// that breaks.
///
/// # Errors
///
/// [`Error::Stopped`] if `progress` breaks, [`Error::OutOfRange`] for an option out of its range.
pub fn layout_with_progress(
    comments: &[Comment],
    fonts: &Fonts,
    options: &LayoutOptions,
    progress: &mut dyn FnMut(LayoutProgress) -> ControlFlow<()>,
) -> Result<Layout, Error> {
    arrange(comments, fonts, options, progress)
}

/// As [`layout_with_progress`], of comments that take less memory, which is given back on the way.
///
/// # Errors
///
/// As [`layout_with_progress`].
pub fn layout_packed(
    mut comments: PackedComments,
    fonts: &Fonts,
    options: &LayoutOptions,
    progress: &mut dyn FnMut(LayoutProgress) -> ControlFlow<()>,
) -> Result<Layout, Error> {
    comments.close();
    arrange(comments, fonts, options, progress)
}

fn arrange(
    comments: impl Comments,
    fonts: &Fonts,
    options: &LayoutOptions,
    progress: &mut dyn FnMut(LayoutProgress) -> ControlFlow<()>,
) -> Result<Layout, Error> {
    options.check()?;
    let given = comments.len();
    let mut order: Vec<usize> = (0..given).filter(|&i| !comments.is_deleted(i)).collect();
    order.sort_by_key(|&i| comments.moment(i));

    let mut steps = Steps {
        done: 0,
        total: order.len() * 2,
        progress,
    };
    let mut shaper = Shaper::new(fonts);
    let mut scripts = Scripts::default();
    let mut missing = Missing::default();
    let operators: Vec<(i64, Operator)> = order
        .iter()
        .filter(|&&src| comments.is_operators(src))
        .filter_map(|&src| {
            let comment = comments.get(src);
            Some((motion::clamped(comment.vpos), operator::read(&comment)?))
        })
        .collect();
    let stays = operator::stays(&operators);
    let mut operators = operators.into_iter().zip(stays);
    let mut placed: Vec<PlacedComment> = Vec::with_capacity(order.len());
    for (index, &src) in order.iter().enumerate() {
        let comment = comments.get(src);
        let operator = if comments.is_operators(src) {
            operators.next()
        } else {
            None
        };
        let source = Source {
            comment: &comment,
            text: comments.text(src),
            index,
            src,
            stays: operator.as_ref().map_or(0, |&(_, stays)| stays),
            operator: operator.map(|((_, operator), _)| operator),
        };
        let comment = style::style_and_size(source, &mut scripts, &mut shaper, options);
        if comment.is_drawn() {
            for line in comment.text.split('\n') {
                comment.line_parts(&mut shaper, line, |shaper, _, text, family| {
                    missing.look(shaper, family, text);
                });
            }
        }
        placed.push(comment);
        steps.step()?;
    }
    drop(order);
    if let Some(density) = options.density {
        thin::thin(&mut placed, |src| comments.merits(src), density);
    }
    drop(comments);
    lane_search::place(&mut placed, options, || steps.step())?;

    let (banners, others): (Vec<_>, Vec<_>) = placed.iter().partition(|comment| comment.banner);
    let listed = || others.iter().map(|comment| comment.listed());
    let span = (
        listed().map(|(begin, _)| begin).min().unwrap_or(0),
        listed().map(|(_, end)| end).max().unwrap_or(0),
    );
    let banners = banners.iter().map(|comment| comment.index).collect();
    let report = LayoutReport {
        not_replaced: scripts.not_replaced,
        ..report(given, &placed, missing, fonts)
    };
    Ok(Layout {
        comments: placed,
        reversed: scripts.reversed,
        banned: scripts.banned,
        script_counts: scripts.counts,
        fonts: Some(fonts.clone()),
        limit: options.limit,
        report,
        span,
        banners,
    })
}

/// Comments between two calls of a progress function.
const STEPS_A_CALL: usize = 1_000;

/// Counts steps, and tells them.
struct Steps<'a> {
    done: usize,
    total: usize,
    progress: &'a mut dyn FnMut(LayoutProgress) -> ControlFlow<()>,
}

impl Steps<'_> {
    fn step(&mut self) -> Result<(), Error> {
        self.done += 1;
        if !self.done.is_multiple_of(STEPS_A_CALL) && self.done < self.total {
            return Ok(());
        }
        let (done, total) = (self.done, self.total);
        match (self.progress)(LayoutProgress { done, total }) {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(Error::Stopped),
        }
    }
}

fn report(given: usize, placed: &[PlacedComment], missing: Missing, fonts: &Fonts) -> LayoutReport {
    let count = |is: fn(&PlacedComment) -> bool| placed.iter().filter(|c| is(c)).count();
    LayoutReport {
        given,
        deleted: given - placed.len(),
        hidden: count(|c| c.invisible && !c.thinned),
        thinned: count(|c| c.thinned),
        cut: count(|c| c.is_cut),
        blank: count(|c| c.blank && !c.invisible),
        shown: count(PlacedComment::is_drawn),
        lane_overflow: count(|c| c.is_drawn() && c.overflow > 0),
        not_replaced: 0, // what was measured does not tell
        missing: missing.into_characters(),
        stand_ins: match count(|c| c.is_drawn() && c.player() == Player::Flash) {
            0 => Vec::new(),
            _ => fonts.flash_stand_ins(),
        },
    }
}
