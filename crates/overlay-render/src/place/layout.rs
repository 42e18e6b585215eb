//! Comments with their places, and what is seen of them at a time.

use std::collections::BTreeMap;

use nico_comments::Position;

use super::limit;
use super::motion;
use super::placed::PlacedComment;
use super::report::{LayoutReport, LayoutWarning};
use super::script::Span;
use super::stage;
use crate::text::Fonts;

/// Comments with their places, in the order in which they are painted (viewers' ones).
///
/// What [`layout`](super::layout) returns. Everything that draws, writes ASS or JSON, or plays starts from it.
///
/// ```no_run
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, layout};
///
/// let comments = [Comment::new(Vpos(120), "うぽつ")];
/// let laid_out = layout(&comments, &Fonts::system()?, &LayoutOptions::default());
/// let on_screen = laid_out.draw_list(150.0);
/// assert_eq!(on_screen.len(), 1);
/// assert!(on_screen[0].x < 1920.0);
/// # Ok::<(), overlay_render::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Layout {
    pub(super) comments: Vec<PlacedComment>,
    pub(super) reversed: Vec<Span>,
    pub(super) banned: Vec<Span>,
    pub(super) script_counts: BTreeMap<&'static str, usize>,
    pub(super) fonts: Option<Fonts>,
    pub(super) limit: Option<usize>,
    pub(super) report: LayoutReport,
    /// How long before and after its vpos a comment, but a banner, can be listed.
    pub(super) span: (i64, i64),
    /// Which comments are banners.
    pub(super) banners: Vec<usize>,
}

/// A comment to paint, and where.
///
/// A program that sets text itself takes what the comment says of its looks: lines of the text
/// stand [`line_height`](PlacedComment::line_height) units apart in fonts of
/// [`font_px`](PlacedComment::font_px); [`SpriteOverlay`](crate::SpriteOverlay) makes pictures of
/// them instead.
///
/// ```
/// use overlay_render::{Layout, UNIT};
///
/// fn paint(layout: &Layout, t: f64) {
///     for item in layout.draw_list(t) {
///         let comment = &layout.comments()[item.index];
///         let pixels = comment.font_px * comment.glyph_scale * UNIT;
///         println!("{} at {}, {}: {pixels} pixels", comment.text, item.x, item.y);
///     }
/// }
/// # paint(&Layout::default(), 0.0);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct DrawItem {
    /// Which of [`Layout::comments`].
    pub index: usize,
    /// Left edge of its box, in stage pixels.
    pub x: f64,
    /// Top edge of its box, in stage pixels.
    pub y: f64,
}

impl Layout {
    /// The comments, sorted by vpos, date and microseconds; a comment's place in this list is its
    /// index.
    #[must_use]
    pub fn comments(&self) -> &[PlacedComment] {
        &self.comments
    }

    /// What became of the comments, as counts, and the characters that no font has.
    #[must_use]
    pub fn report(&self) -> &LayoutReport {
        &self.report
    }

    /// What whoever sees the comments should know: that there are none, that some lie outside a
    /// video of so many seconds, that no font has some characters, that others stand in for the Flash
    /// player's fonts.
    #[must_use]
    pub fn warnings(&self, seconds: Option<f64>) -> Vec<LayoutWarning> {
        let report = &self.report;
        let mut warnings = Vec::new();
        if report.shown == 0 {
            warnings.push(LayoutWarning::NothingShown(report.clone()));
        }
        if let Some(seconds) = seconds {
            let outside = self.num_outside(seconds);
            if outside > 0 {
                warnings.push(LayoutWarning::OutsideVideo {
                    outside,
                    shown: report.shown,
                    seconds,
                });
            }
        }
        if report.cut > 0 {
            warnings.push(LayoutWarning::TextsCut { cut: report.cut });
        }
        if report.not_replaced > 0 {
            let count = report.not_replaced;
            warnings.push(LayoutWarning::NotReplaced { count });
        }
        if !report.missing.is_empty() {
            warnings.push(LayoutWarning::MissingCharacters(report.missing.clone()));
        }
        if !report.stand_ins.is_empty() {
            warnings.push(LayoutWarning::StandIns(report.stand_ins.clone()));
        }
        warnings
    }

    /// How many of the comments that are drawn are over before a video of so many seconds begins,
    /// or begin after its end.
    #[must_use]
    pub fn num_outside(&self, seconds: f64) -> usize {
        let shown = self.comments.iter().filter(|comment| comment.is_drawn());
        let outside = shown.filter(|comment| {
            let (begin, end) = comment.listed();
            comment.clamped_vpos() + end <= 0
                || motion::real(comment.clamped_vpos() + begin) >= seconds * 100.0
        });
        outside.count()
    }

    /// How many scripts of each kind the owner wrote, by the reference player's names (`default`,
    /// `replace`, `reverse`, `ban`, `seekDisable`, `jump`).
    #[must_use]
    pub fn script_counts(&self) -> &BTreeMap<&'static str, usize> {
        &self.script_counts
    }

    /// The fonts that the comments were measured with, and are drawn with. An empty layout may have
    /// none.
    #[must_use]
    pub fn fonts(&self) -> Option<&Fonts> {
        self.fonts.as_ref()
    }

    /// What is painted at `t`, a time in centiseconds that may have a fraction, in paint order:
    /// viewers' comments, then the owner's, then a broadcast's banners, later ones over earlier ones
    /// (`docs/spec/comment-layout.md`, section 10).
    #[must_use]
    pub fn draw_list(&self, t: f64) -> Vec<DrawItem> {
        let mut list = Vec::new();
        self.draw_list_into(t, &mut list);
        list
    }

    /// As [`draw_list`](Self::draw_list), into a list that is cleared first, so that its memory
    /// serves every frame.
    pub fn draw_list_into(&self, t: f64, list: &mut Vec<DrawItem>) {
        list.clear();
        if !t.is_finite() || self.banned.iter().any(|span| span.holds(t, false)) {
            return;
        }
        let at = |offset: i64| t - motion::real(offset);
        let earliest = self
            .comments
            .partition_point(|c| motion::real(c.clamped_vpos()) < at(self.span.1));
        let latest = self
            .comments
            .partition_point(|c| motion::real(c.clamped_vpos()) <= at(self.span.0));
        let item = |index| {
            let (x, y) = self.position_at(index, t)?;
            Some(DrawItem { index, x, y })
        };
        let others = (earliest..latest.max(earliest)).filter(|&index| !self.comments[index].banner);
        list.extend(others.filter_map(item));
        if let Some(limit) = self.limit {
            list.drain(..list.len().saturating_sub(limit));
        }
        list.sort_by_key(|item| self.comments[item.index].owner);
        list.extend(self.banners.iter().copied().filter_map(item));
    }

    /// When each comment is shown, where a limit is set.
    pub(crate) fn limited(&self) -> Option<Vec<Vec<limit::Span>>> {
        Some(limit::shown(&self.comments, self.limit?))
    }

    /// When scrolling comments are mirrored, and when nothing is painted.
    pub(crate) fn spans(&self) -> (&[Span], &[Span]) {
        (&self.reversed, &self.banned)
    }

    /// Left and top edge of a comment's box at `t` in stage pixels, mirrored while the owner's `@逆`
    /// asks for it. `None` while it is not painted.
    #[must_use]
    pub fn position_at(&self, index: usize, t: f64) -> Option<(f64, f64)> {
        let comment = self.comments.get(index)?;
        if comment.blank || !comment.visible_at(t) {
            return None;
        }
        let mut x = comment.x_at(t);
        let mirrored = comment.position == Position::Naka
            && self
                .reversed
                .iter()
                .any(|span| span.holds(t, comment.owner));
        if mirrored {
            x = stage::STAGE_WIDTH - comment.width - x;
        }
        let y = comment.top();
        motion::on_stage(x, y, comment.width, comment.height).then_some((x, y))
    }
}
