use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;

use nico_comments::{Color, Comment, Position, Vpos};

use super::commands::{Commands, Fill};
use super::lanes::{Draw, FixedLanes, ScrollLanes};
use super::limit;
use super::measure::Sized;
use super::motion::{self, Scroll};
use super::operator::{self, Operator};
use super::options::{LayoutOptions, WithoutLane};
use super::placed::PlacedComment;
use super::report::{LayoutReport, LayoutWarning};
use super::script::{self, Scripts, Span};
use super::stage;
use crate::error::Error;
use crate::rgba::Rgba;
use crate::text::Fonts;
use crate::text::missing::Missing;
use crate::text::shape::Shaper;

/// Longest text, in UTF-16 units, and most lines of a comment; the rest is cut off.
const MAX_UNITS: usize = 16_384;
const MAX_LINES: usize = 256;
/// Farthest vpos from the start that is told apart, in centiseconds (317 years).
const MAX_VPOS: i64 = 1_000_000_000_000;
/// What a banner stands on: half of the picture is seen through it.
const BANNER_BAR: Rgba = Rgba {
    color: Color::BLACK,
    alpha: 128,
};
/// Opacity of the outline.
const OUTLINE_ALPHA: u8 = 102;

/// Comments with their places, in the order in which they are painted (viewers' ones).
///
/// What [`layout`] returns. Everything that draws, writes ASS or JSON, or plays starts from it.
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
    comments: Vec<PlacedComment>,
    reversed: Vec<Span>,
    banned: Vec<Span>,
    script_counts: BTreeMap<&'static str, usize>,
    fonts: Option<Fonts>,
    limit: Option<usize>,
    report: LayoutReport,
    span: (i64, i64), // how long before and after its vpos a comment, but a banner, can be listed
    banners: Vec<usize>, // which comments are
}

/// A comment to paint, and where.
///
/// ```
/// # use overlay_render::DrawItem;
/// let item = DrawItem { index: 0, x: 240.5, y: 0.0 };
/// assert!(item.x < overlay_render::STAGE_WIDTH);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// video of so many seconds, that no font has some characters.
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
        if !report.missing.is_empty() {
            warnings.push(LayoutWarning::MissingCharacters(report.missing.clone()));
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
            comment.clamped_vpos + end <= 0
                || motion::real(comment.clamped_vpos + begin) >= seconds * 100.0
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
            .partition_point(|c| motion::real(c.clamped_vpos) < at(self.span.1));
        let latest = self
            .comments
            .partition_point(|c| motion::real(c.clamped_vpos) <= at(self.span.0));
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

/// Places comments as the Niconico HTML5 player does (`docs/spec/comment-layout.md`, sections 2 to
/// 9). Deleted comments are left out.
///
/// A pure function: the same comments, fonts and options give the same layout. Comments may come in
/// any order; [`PlacedComment::src`] tells where in `comments` each stood. Any text and any
/// commands are laid out.
///
/// The time for a comment grows with the logarithm of their number, however many of them are on
/// screen together; only one with another display time than others (`@N`) is compared with each of
/// those that are on screen.
///
/// # Panics
///
/// Panics if [`WithoutLane::Constant`] is not 0 to 1.
#[must_use]
pub fn layout(comments: &[Comment], fonts: &Fonts, options: &LayoutOptions) -> Layout {
    layout_with_progress(comments, fonts, options, &mut |_| ControlFlow::Continue(()))
        .expect("nothing asks it to stop")
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
/// [`Error::Stopped`] if `progress` breaks.
///
/// # Panics
///
/// As [`layout`].
pub fn layout_with_progress(
    comments: &[Comment],
    fonts: &Fonts,
    options: &LayoutOptions,
    progress: &mut dyn FnMut(LayoutProgress) -> ControlFlow<()>,
) -> Result<Layout, Error> {
    let mut order: Vec<usize> = (0..comments.len())
        .filter(|&i| !comments[i].is_deleted())
        .collect();
    order.sort_by_key(|&i| {
        let comment = &comments[i];
        (
            comment.vpos,
            comment.date.unwrap_or(0),
            comment.date_usec.unwrap_or(0),
        )
    });

    let mut steps = Steps {
        done: 0,
        total: order.len() * 2,
        progress,
    };
    let mut shaper = Shaper::new(fonts);
    let mut scripts = Scripts::default();
    let mut missing = Missing::default();
    let operators: Vec<Option<Operator>> = order
        .iter()
        .map(|&src| operator::read(&comments[src]))
        .collect();
    let stays = operator::stays(&operators, |index| clamped(comments[order[index]].vpos));
    let mut placed: Vec<PlacedComment> = Vec::with_capacity(order.len());
    for (index, (&src, operator)) in order.iter().zip(operators).enumerate() {
        let source = Source {
            comment: &comments[src],
            index,
            src,
            operator,
            stays: stays[index],
        };
        let comment = style_and_size(source, &mut scripts, &mut shaper, options);
        if comment.is_drawn() {
            missing.look(&mut shaper, comment.font, &comment.text);
        }
        placed.push(comment);
        steps.step()?;
    }
    place(&mut placed, options, &mut steps)?;

    let (banners, others): (Vec<_>, Vec<_>) = placed.iter().partition(|comment| comment.banner);
    let listed = || others.iter().map(|comment| comment.listed());
    let span = (
        listed().map(|(begin, _)| begin).min().unwrap_or(0),
        listed().map(|(_, end)| end).max().unwrap_or(0),
    );
    let banners = banners.iter().map(|comment| comment.index).collect();
    let report = report(comments.len(), &placed, missing);
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

fn report(given: usize, placed: &[PlacedComment], missing: Missing) -> LayoutReport {
    let count = |is: fn(&PlacedComment) -> bool| placed.iter().filter(|c| is(c)).count();
    LayoutReport {
        given,
        deleted: given - placed.len(),
        hidden: count(|c| c.invisible),
        blank: count(|c| c.blank && !c.invisible),
        shown: count(PlacedComment::is_drawn),
        without_lane: count(|c| c.is_drawn() && c.overflow > 0),
        missing: missing.into_characters(),
    }
}

/// A comment and what is known of it before it is measured.
struct Source<'a> {
    comment: &'a Comment,
    index: usize,
    src: usize,
    operator: Option<Operator>,
    stays: i64, // how long a banner stays
}

fn clamped(vpos: Vpos) -> i64 {
    vpos.0.clamp(-MAX_VPOS, MAX_VPOS)
}

/// Everything about a comment but its lane.
fn style_and_size(
    source: Source<'_>,
    scripts: &mut Scripts,
    shaper: &mut Shaper<'_>,
    options: &LayoutOptions,
) -> PlacedComment {
    let Source {
        comment,
        index,
        src,
        operator,
        stays,
    } = source;
    let owner = comment.is_owner() && operator.is_none();
    let vpos = clamped(comment.vpos);
    let mut text = normalized(&comment.body);
    let mut commands = Commands::parse(&comment.mail, comment.is_premium() || operator.is_some());
    let mut style = commands.style;
    let mut hidden = script::is_hidden(&text, owner);
    if options.scripts && operator.is_none() {
        if owner {
            scripts.learn(&text, vpos, &commands);
        }
        if !hidden {
            scripts.rewrite(&mut text, &mut style, vpos, owner, MAX_UNITS * 3);
            text = cut(text);
        }
        let defaults = scripts.defaults_at(vpos);
        style.position = style.position.or(defaults.position);
        style.size = style.size.or(defaults.size);
        style.font = style.font.or(defaults.font);
        style.color = style.color.or(defaults.color);
    }
    let banner = match operator {
        Some(Operator::Banner(banner)) => {
            text = normalized(&banner.text);
            hidden = false;
            if banner.stays || !commands.says_long {
                commands.long = stays;
            }
            commands.full = false;
            style.position = Some(Position::Ue);
            let short = false;
            let color = banner.color.map(|color| Fill { color, short });
            style.color = color.or(style.color);
            true
        }
        Some(Operator::Clear | Operator::Command) => {
            hidden = true;
            false
        }
        None => false,
    };
    let fill = style.color;
    let color = fill.map_or(Color::WHITE, |fill| fill.color);
    let position = style.position.unwrap_or_default();
    let font = style.font.unwrap_or_default();
    let size = style.size.unwrap_or_default();
    let invisible = commands.invisible || hidden;
    let lines: Vec<&str> = text.split('\n').collect();
    let sized = if invisible {
        Sized::default()
    } else {
        Sized::of(
            shaper,
            font,
            size,
            &lines,
            position,
            commands.full,
            commands.ender,
        )
    };
    let outline_color = if color == Color::BLACK && !fill.is_some_and(|fill| fill.short) {
        Color::WHITE
    } else {
        Color::BLACK
    };
    let outline = commands
        .stroke
        .map_or(Rgba::new(outline_color, OUTLINE_ALPHA), |stroke| {
            Rgba::new(stroke.color, stroke.alpha.unwrap_or(OUTLINE_ALPHA))
        });
    PlacedComment {
        index,
        src,
        vpos: comment.vpos,
        clamped_vpos: vpos,
        position,
        size,
        font,
        color,
        outline,
        stroke: commands.stroke.map(|_| outline),
        fill_box: commands.fill_box.or(banner.then_some(BANNER_BAR)),
        frame: commands.frame,
        opacity: commands
            .opacity
            .unwrap_or(if commands.live { 0.5 } else { 1.0 })
            .min(1.0),
        opacity_command: commands.opacity,
        long: commands.long,
        layer: comment.layer.unwrap_or(-1),
        full: commands.full,
        ender: commands.ender,
        live: commands.live,
        owner,
        banner,
        invisible,
        blank: text.chars().all(is_blank),
        says_naka: commands.says_naka,
        no: comment.no,
        num_lines: lines.len(),
        width: sized.width,
        height: sized.height,
        scroll: Scroll::new(sized.width, commands.long),
        pos_y: 0.0,
        resized_x: sized.resized_x,
        resized_y: sized.resized_y,
        char_size: sized.metrics.char_size,
        line_height: sized.metrics.line_height,
        font_px: sized.metrics.font_px().0,
        glyph_scale: sized.metrics.font_px().1,
        overflow: 0,
        fallback: sized.fallback,
        text,
    }
}

/// Finds the lanes, comment by comment.
fn place(
    placed: &mut [PlacedComment],
    options: &LayoutOptions,
    steps: &mut Steps<'_>,
) -> Result<(), Error> {
    /// Whose comments make room for each other.
    #[derive(PartialEq, Eq, Hash)]
    enum Author {
        Viewer,
        Owner,
        Operator,
    }
    #[derive(Default)]
    struct Lanes {
        ue: FixedLanes,
        shita: FixedLanes,
        naka: ScrollLanes,
    }
    let mut random = Numbers::new(options.without_lane);
    let mut layers: HashMap<(Author, i32), Lanes> = HashMap::new();
    let earliest = earliest_looks(placed);
    for (comment, forget_before) in placed.iter_mut().zip(earliest) {
        steps.step()?;
        if comment.invisible {
            continue;
        }
        let author = match (comment.banner, comment.owner) {
            (true, _) => Author::Operator,
            (_, true) => Author::Owner,
            _ => Author::Viewer,
        };
        let lanes = layers.entry((author, comment.layer)).or_default();
        let (vpos, height) = (comment.clamped_vpos, comment.height);
        let overfull = if comment.says_naka {
            (height - stage::STAGE_HEIGHT) / -2.0
        } else {
            0.0
        };
        let place = match comment.position {
            Position::Ue => lanes
                .ue
                .place(vpos, comment.long, height, overfull, &mut random),
            Position::Shita => lanes
                .shita
                .place(vpos, comment.long, height, overfull, &mut random),
            Position::Naka => {
                lanes
                    .naka
                    .place(vpos, comment.scroll, height, forget_before, &mut random)
            }
        };
        comment.pos_y = place.y;
        comment.overflow = place.drawn;
    }
    Ok(())
}

/// For each comment the earliest time that it or a later one looks at.
fn earliest_looks(placed: &[PlacedComment]) -> Vec<i64> {
    let mut earliest: Vec<i64> = placed
        .iter()
        .rev()
        .scan(i64::MAX, |least, comment| {
            *least = (*least).min(comment.clamped_vpos + comment.listed().0);
            Some(*least)
        })
        .collect();
    earliest.reverse();
    earliest
}

/// The text as it is set: a TAB is two em spaces wide, and what is beyond the limits is cut off.
fn normalized(body: &str) -> String {
    cut(body.replace('\t', "\u{2003}\u{2003}"))
}

fn cut(mut text: String) -> String {
    if text.len() > MAX_UNITS {
        let mut units = 0;
        let end = text.char_indices().find(|(_, c)| {
            units += c.len_utf16();
            units > MAX_UNITS
        });
        if let Some((end, _)) = end {
            text.truncate(end);
        }
    }
    if let Some((end, _)) = text.match_indices('\n').nth(MAX_LINES - 1) {
        text.truncate(end);
    }
    text
}

/// Whether a character leaves no mark: white space, joiners, fillers.
fn is_blank(c: char) -> bool {
    let filler = matches!(
        c,
        '\u{AD}' | '\u{200B}'
            ..='\u{200D}'
                | '\u{2060}'
                | '\u{115F}'
                | '\u{1160}'
                | '\u{3164}'
                | '\u{FFA0}'
                | '\u{FEFF}'
    );
    filler || c.is_whitespace()
}

/// The numbers for comments without a lane.
struct Numbers {
    source: WithoutLane,
    state: u64,
}

impl Numbers {
    fn new(source: WithoutLane) -> Self {
        let state = match source {
            WithoutLane::Random { seed } => seed,
            WithoutLane::Constant(share) => {
                assert!((0.0..=1.0).contains(&share), "a share of {share}");
                0
            }
        };
        Self { source, state }
    }
}

impl Draw for Numbers {
    /// SplitMix64 (Steele, Lea and Flood, 2014), its upper 53 bits as a fraction.
    fn draw(&mut self) -> f64 {
        if let WithoutLane::Constant(number) = self.source {
            return number.min(1.0 - f64::EPSILON); // as random ones are below 1
        }
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^= z >> 31;
        #[expect(clippy::cast_precision_loss, reason = "53 bits are what an f64 holds")]
        let number = (z >> 11) as f64 / (1u64 << 53) as f64;
        number
    }
}
