//! Comments that come while others are on screen: each gets its place when it comes, and keeps it.

use std::collections::{BTreeMap, VecDeque};
use std::fmt;
use std::mem;

use nico_comments::{Comment, Position, Vpos};

use super::lane_search::Numbers;
use super::lanes::{FixedLanes, ScrollLanes};
use super::motion::{self, Scroll, on_stage};
use super::options::LayoutOptions;
use super::placed::PlacedComment;
use super::script::Scripts;
use super::stage::{STAGE_HEIGHT, STAGE_WIDTH};
use super::style::{self, Source};
use crate::text::Fonts;
use crate::text::shape::Shaper;

/// Comments after which lanes are made anew of those that are still on screen.
const RENEW_AFTER: usize = 1_000;
/// How far back in time lanes are kept, in centiseconds: longer than a comment of the usual duration
/// is seen.
const KEPT: i64 = 3_000;
/// Most comments that are kept at a time; of more the earliest are forgotten.
const MOST: usize = 2_000;

/// The stage of a live picture: comments get their places one by one as they come, by the rules of
/// [`layout`](crate::layout), and keep them; what is over is forgotten.
///
/// A comment is shown from the moment at which it comes: a fixed one at once, a scrolling one enters
/// at the right edge. Comments are placed as viewers' ones: neither the owner's scripts nor an
/// operator's banners are known here.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, LiveStage};
///
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/fonts");
/// # let fonts = Fonts::from_files([format!("{folder}/NotoCJKjp-Sans-Bold.subset.otf")])?;
/// let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
/// let placed = stage.show(&Comment::new(Vpos(0), "こんにちは"), 500).expect("it is drawn");
/// assert!(placed.x_at(500.0) > 1_800.0 && placed.x_at(700.0) < 1_500.0);
/// # Ok::<(), overlay_render::Error>(())
/// ```
pub struct LiveStage<'f> {
    shaper: Shaper<'f>,
    options: LayoutOptions,
    height: f64, // of the part of the stage that comments are in
    lanes: Lanes,
    numbers: Numbers,
    comments: VecDeque<PlacedComment>,
    shown: usize,
    since_renewed: usize,
}

/// The vpos of the latest comment of each kind, which rises. Slow ones enter long before theirs,
/// and do not hold up those of other durations.
type Latest = BTreeMap<Kind, i64>;

/// Lanes of viewers' comments, and the times of the latest ones.
#[derive(Debug)]
struct Lanes {
    top: FixedLanes,
    bottom: FixedLanes,
    scrolling: ScrollLanes,
    latest: Latest,
}

impl Lanes {
    /// Free lanes on a stage of some height, for comments that are not earlier than the latest ones.
    fn new(stage: f64, latest: Latest) -> Self {
        Self {
            top: FixedLanes::new(stage),
            bottom: FixedLanes::new(stage),
            scrolling: ScrollLanes::new(stage),
            latest,
        }
    }
}

impl<'f> LiveStage<'f> {
    /// An empty stage. Of the options the limit of comments at once and the density are not used:
    /// what is on screen is not known beforehand.
    ///
    /// # Panics
    ///
    /// Panics if an option is out of its range, which [`LayoutOptions::check`] tells.
    #[must_use]
    pub fn new(fonts: &'f Fonts, options: LayoutOptions) -> Self {
        options.check().expect("options are in their ranges");
        let height = STAGE_HEIGHT * options.area;
        Self {
            shaper: Shaper::new(fonts),
            numbers: Numbers::new(options.lane_overflow),
            options: options.scripts(false),
            height,
            lanes: Lanes::new(height, Latest::new()),
            comments: VecDeque::new(),
            shown: 0,
            since_renewed: 0,
        }
    }

    /// Places a comment that is seen from `now` on, in centiseconds, and forgets what is over then.
    /// None if nothing of it is drawn. Its own vpos does not matter; that of the placed one is such
    /// that it begins now, and never below that of an earlier one of its position and, if it
    /// scrolls, its duration.
    pub fn show(&mut self, comment: &Comment, now: i64) -> Option<&PlacedComment> {
        self.forget_over(now);
        let source = Source {
            comment,
            text: None,
            index: self.shown,
            src: self.shown,
            operator: None,
            stays: 0,
        };
        let mut scripts = Scripts::default();
        let mut placed =
            style::style_and_size(source, &mut scripts, &mut self.shaper, &self.options);
        if comment.is_deleted() || !placed.is_drawn() {
            return None;
        }
        let begins = now.saturating_sub(placed.entry());
        let latest = self.lanes.latest.entry(Kind::of(&placed)).or_default();
        let vpos = motion::clamped(Vpos(begins.max(*latest)));
        *latest = vpos;
        placed.vpos = Vpos(vpos);
        self.place(&mut placed, now);
        self.shown += 1;
        self.since_renewed += 1;
        if self.comments.len() == MOST {
            self.comments.pop_front();
        }
        self.comments.push_back(placed);
        if self.since_renewed >= RENEW_AFTER {
            self.renew(now);
        }
        self.comments.back()
    }

    fn place(&mut self, placed: &mut PlacedComment, now: i64) {
        let (vpos, height, long) = (placed.clamped_vpos(), placed.height, placed.long);
        let overfull = if placed.says_naka {
            (height - self.height) / -2.0
        } else {
            0.0
        };
        let (lanes, numbers) = (&mut self.lanes, &mut self.numbers);
        let place = match placed.position {
            Position::Ue => lanes.top.place(vpos, long, height, overfull, numbers),
            Position::Shita => lanes.bottom.place(vpos, long, height, overfull, numbers),
            Position::Naka => {
                // Not by its vpos: others that come later may begin before it.
                let forget = now.saturating_sub(KEPT);
                lanes
                    .scrolling
                    .place(vpos, placed.scroll(), height, forget, numbers)
            }
        };
        placed.pos_y = place.y;
        placed.overflow = place.drawn;
    }

    /// Lanes of those comments alone that are kept, so that they do not grow for ever, nor the
    /// durations that were seen.
    fn renew(&mut self, now: i64) {
        self.since_renewed = 0;
        let mut latest = mem::take(&mut self.lanes.latest);
        latest.retain(|_, vpos| *vpos > now.saturating_sub(KEPT));
        let mut lanes = Lanes::new(self.height, latest);
        for comment in &self.comments {
            let (vpos, height, y) = (comment.clamped_vpos(), comment.height, comment.pos_y);
            match comment.position {
                Position::Ue => lanes.top.add(vpos, comment.long, height, y),
                Position::Shita => lanes.bottom.add(vpos, comment.long, height, y),
                Position::Naka => lanes.scrolling.add(vpos, comment.scroll(), height, y),
            }
        }
        self.lanes = lanes;
    }

    /// Forgets comments that are over at `now`, in centiseconds.
    pub fn forget_over(&mut self, now: i64) {
        self.comments
            .retain(|comment| now < comment.clamped_vpos().saturating_add(comment.listed().1));
    }

    /// Begins anew, as after a jump in the picture: nothing is on the stage.
    pub fn clear(&mut self) {
        self.comments.clear();
        self.lanes = Lanes::new(self.height, Latest::new());
        self.since_renewed = 0;
    }

    /// The comments that are kept, in the order in which they came; the place of one in all that
    /// were shown is its [`index`](PlacedComment::index).
    #[must_use]
    pub fn comments(&self) -> impl ExactSizeIterator<Item = &PlacedComment> {
        self.comments.iter()
    }

    /// What is painted at `t` centiseconds, and the left and top edge of its box in stage pixels.
    pub fn on_screen(&self, t: f64) -> impl Iterator<Item = (&PlacedComment, (f64, f64))> {
        self.comments.iter().filter_map(move |comment| {
            let at = (comment.x_at(t), comment.top());
            let seen = comment.visible_at(t) && on_stage(at.0, at.1, comment.width, comment.height);
            seen.then_some((comment, at))
        })
    }
}

impl fmt::Debug for LiveStage<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveStage")
            .field("options", &self.options)
            .field("shown", &self.shown)
            .field("comments", &self.comments.len())
            .finish_non_exhaustive()
    }
}

impl PlacedComment {
    /// From its vpos to when it enters the stage, in centiseconds: below 0 for scrolling comments,
    /// whose left edge is then at the stage's right one.
    fn entry(&self) -> i64 {
        match self.position {
            Position::Naka => self.scroll().enters(),
            Position::Ue | Position::Shita => 0,
        }
    }

    /// From when on it is listed until when, in centiseconds of the stage's time.
    #[must_use]
    pub fn shown_between(&self) -> (i64, i64) {
        let (begin, end) = self.listed();
        (self.clamped_vpos() + begin, self.clamped_vpos() + end)
    }
}

impl Scroll {
    /// The last whole time at which all of it is still right of the stage, relative to vpos.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "`as` saturates; speeds are at least 0.1"
    )]
    fn enters(&self) -> i64 {
        let at = (self.x(0.0) - STAGE_WIDTH) / self.speed;
        (at.floor() as i64).max(self.listed().0)
    }
}

/// Those whose times rise with each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Scrolling(i64), // for so long, in centiseconds
    Top,
    Bottom,
}

impl Kind {
    fn of(comment: &PlacedComment) -> Self {
        match comment.position {
            Position::Naka => Self::Scrolling(comment.long),
            Position::Ue => Self::Top,
            Position::Shita => Self::Bottom,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout;

    fn body(number: usize) -> String {
        "草".repeat(1 + number * 7 % 23)
    }

    fn mail(number: usize) -> &'static str {
        ["", "", "", "ue", "shita big", "small"][number % 6]
    }

    /// Comments that come one by one lie where the layout of all of them puts them, in spite of what
    /// was forgotten meanwhile: it is the layout of comments of the same vpos.
    #[test]
    fn places_are_those_of_the_whole_layout() {
        let fonts = Fonts::estimated();
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        let mut shown = Vec::new();
        let mut lanes = Vec::new();
        for number in 0..2_500 {
            let comment = Comment::new(Vpos(0), body(number)).mail(mail(number));
            let now = i64::try_from(number).unwrap() * 13;
            let placed = stage.show(&comment, now).unwrap();
            assert_eq!(placed.index, number);
            lanes.push((placed.pos_y, placed.overflow));
            let mut at_its_time = comment;
            at_its_time.vpos = placed.vpos;
            shown.push(at_its_time);
        }
        assert!(stage.comments().len() < 80, "{}", stage.comments().len());
        // Each kind by itself, so that the order of the list is that in which they came.
        for position in [Position::Naka, Position::Ue, Position::Shita] {
            let of_kind = |comment: &Comment| comment.mail.position() == position;
            let all: Vec<Comment> = shown.iter().filter(|one| of_kind(one)).cloned().collect();
            let whole = layout(&all, &fonts, &LayoutOptions::default());
            let places = shown.iter().zip(&lanes).filter(|(one, _)| of_kind(one));
            for ((_, live), placed) in places.zip(whole.comments()) {
                if live.1 == 0 && placed.overflow == 0 {
                    assert_eq!(live.0, placed.pos_y, "at {}", placed.vpos);
                }
            }
        }
        assert!(lanes.iter().filter(|lane| lane.1 == 0).count() > 2_000);
    }

    #[test]
    fn a_comment_enters_when_it_comes() {
        let fonts = Fonts::estimated();
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        for (number, now) in [100, 200, 300, 400].into_iter().enumerate() {
            let body = "あ".repeat(1 + number * 30);
            let comment = Comment::new(Vpos(7), body);
            let placed = stage.show(&comment, now).unwrap().clone();
            let x = placed.x_at(now as f64);
            assert!((1_915.0..1_960.0).contains(&x), "{x}");
            let (begin, end) = placed.shown_between();
            assert!(begin <= now && now < end);
        }
        assert_eq!(stage.on_screen(450.0).count(), 4);
        let fixed = stage.show(&Comment::new(Vpos(0), "w").mail("ue"), 900);
        assert_eq!(fixed.unwrap().vpos, Vpos(900));
        assert!(stage.show(&Comment::new(Vpos(0), "  "), 900).is_none());
        stage.forget_over(5_000);
        assert_eq!(stage.comments().len(), 0);
    }

    /// A slow one enters as far before its vpos as it takes to get there; what comes with it does
    /// not wait for that.
    #[test]
    fn comments_do_not_wait_for_those_of_other_durations() {
        let fonts = Fonts::estimated();
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        for mail in ["@120", "", "@60", ""] {
            let comment = Comment::new(Vpos(0), "あいう").mail(mail);
            let placed = stage.show(&comment, 1_000).unwrap();
            let x = placed.x_at(1_000.0);
            assert!((1_915.0..1_960.0).contains(&x), "{mail}: {x}");
        }
    }

    #[test]
    fn durations_that_were_seen_are_forgotten() {
        let fonts = Fonts::estimated();
        let mut stage = LiveStage::new(&fonts, LayoutOptions::default());
        for number in 0..3_000_i64 {
            let mail = format!("@{}.{:02}", 1 + number / 100, number % 100);
            let comment = Comment::new(Vpos(0), "w").mail(mail.as_str());
            stage.show(&comment, number * 100).unwrap();
        }
        let kept = stage.lanes.latest.len();
        assert!(kept < 100, "{kept}");
    }
}
