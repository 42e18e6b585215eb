use std::io::{self, Write};

use super::event::{AssAnchor, AssEvent, AssStage};
use super::lanes::{Lanes, Wanted};
use super::writer::AssWriter;
use crate::{Color, Comment, Position, Size, Vpos};

/// How [`write_ass`] places comments. Made by `default()` and the setters.
///
/// ```
/// use nico_comments::{AssOptions, AssStage};
///
/// let options = AssOptions::default().stage(AssStage::new(1280, 720)).danmaku2ass_timing().reserve(120);
/// assert_eq!((options.scrolls_for.0, options.stands_for.0, options.lead.0), (500, 500, 0));
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AssOptions {
    /// The stage, with fonts and looks. Default: 1920x1080.
    pub stage: AssStage,
    /// How long a scrolling comment takes across the stage. Default: 4 s, as in the official player.
    pub scrolls_for: Vpos,
    /// How long a fixed comment stands; `@N` of the owner's counts instead. Default: 3 s, as in the official player.
    pub stands_for: Vpos,
    /// How long before its `vpos` a scrolling comment appears. Default: 1 s, as in the official player.
    pub lead: Vpos,
    /// Pixels at the bottom that are left to other subtitles. Default: 0.
    pub reserve: u32,
    /// Whether comments for which there is no room are left out instead of drawn over others. Default: no.
    pub leave_out_crowded: bool,
}

impl Default for AssOptions {
    fn default() -> Self {
        Self {
            stage: AssStage::default(),
            scrolls_for: Vpos(400),
            stands_for: Vpos(300),
            lead: Vpos(100),
            reserve: 0,
            leave_out_crowded: false,
        }
    }
}

impl AssOptions {
    /// Sets [`stage`](Self::stage).
    #[must_use]
    pub fn stage(mut self, stage: AssStage) -> Self {
        self.stage = stage;
        self
    }

    /// Sets the times of danmaku2ass: 5 s for all, from `vpos` on.
    #[must_use]
    pub fn danmaku2ass_timing(mut self) -> Self {
        (self.scrolls_for, self.stands_for, self.lead) = (Vpos(500), Vpos(500), Vpos(0));
        self
    }

    /// Sets [`reserve`](Self::reserve).
    #[must_use]
    pub fn reserve(mut self, pixels: u32) -> Self {
        self.reserve = pixels;
        self
    }

    /// Sets [`leave_out_crowded`](Self::leave_out_crowded).
    #[must_use]
    pub fn leave_out_crowded(mut self, leave_out: bool) -> Self {
        self.leave_out_crowded = leave_out;
        self
    }
}

/// Writes comments as ASS subtitles that mpv, VLC and FFmpeg's `ass` filter show much as a player of comments would, placed
/// in lanes as danmaku2ass does it (comment-formats, 7.3).
///
/// No font is read: widths are estimated, half-width characters counting half, so that a lane can be a little too narrow or
/// wide. Who has exact widths places comments itself and writes them with [`AssWriter`]. Size, position,
/// colour, font, `full`, `ender`, `_live` and the owner's `@N` are obeyed. Deleted, blank and `invisible` comments, scripts and
/// bodies that begin with `/` are left out.
///
/// ```
/// use nico_comments::{AssOptions, Comment, Vpos, write_ass};
///
/// let comments = [Comment::new(Vpos(200), "かわいい").mail("red"), Comment::new(Vpos(210), "ｗｗｗ").mail("ue small")];
/// let mut file = Vec::new();
/// write_ass(&mut file, &comments, &AssOptions::default())?;
/// let file = String::from_utf8(file).expect("ASS is text");
/// assert!(file.contains(r"0:00:01.00,0:00:05.00,defont,,0,0,0,,{\move(1920,0,-383,0)\c&H0000FF&}かわいい"));
/// assert!(file.contains(r"0:00:02.10,0:00:05.10,defont,,0,0,0,,{\pos(960,0)\an8\fs61.17}ｗｗｗ"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
///
/// If `out` fails.
pub fn write_ass(out: impl Write, comments: &[Comment], options: &AssOptions) -> io::Result<()> {
    let mut shown: Vec<_> = comments
        .iter()
        .filter(|comment| is_shown(comment))
        .collect();
    shown.sort_by_key(|comment| (comment.vpos.max(Vpos(0)), comment.date, comment.no));
    let mut layout = EstimatedLayout::new(options);
    let mut writer = AssWriter::new(out, options.stage.clone());
    for comment in shown {
        if let Some(event) = layout.place(comment) {
            writer.write(&event)?;
        }
    }
    writer.finish().map(drop)
}

fn is_shown(comment: &Comment) -> bool {
    let blank = comment.body.chars().all(char::is_whitespace);
    let program = comment.body.starts_with('/') || comment.is_script();
    !(blank || program || comment.is_deleted() || comment.mail.invisible())
}

/// Places comments in the order of their times, by estimated widths.
struct EstimatedLayout<'o> {
    options: &'o AssOptions,
    naka: Lanes,
    ue: Lanes,
    shita: Lanes,
    /// Height that comments may use.
    height: u32,
}

impl<'o> EstimatedLayout<'o> {
    fn new(options: &'o AssOptions) -> Self {
        let stage = &options.stage;
        let height = stage.height.saturating_sub(options.reserve);
        let rows = usize::try_from(height).unwrap_or(usize::MAX);
        Self {
            options,
            naka: Lanes::new(rows, Some(f64::from(stage.width))),
            ue: Lanes::new(rows, None),
            shita: Lanes::new(rows, None),
            height,
        }
    }

    /// Where and when a comment is shown. `None` without room, if the options say so.
    fn place<'c>(&mut self, comment: &'c Comment) -> Option<AssEvent<'c>> {
        let options = self.options;
        let stage = &options.stage;
        let position = comment.mail.position();
        let size = self.size(comment, position);
        let width = (ems(&comment.body) * size).ceil();
        let shown = self.shown(comment, position);
        let wanted = Wanted {
            shown,
            width,
            height: rows(lines(&comment.body) * size),
        };
        let overlap = !options.leave_out_crowded;
        let middle = f64::from(stage.width) / 2.0;
        let (anchor, at, moves_to) = match position {
            Position::Naka => {
                let y = pixel(self.naka.place(wanted, overlap)?);
                let at = (f64::from(stage.width), y);
                (AssAnchor::TopLeft, at, Some((-width, y)))
            }
            Position::Ue => {
                let y = pixel(self.ue.place(wanted, overlap)?);
                (AssAnchor::TopCenter, (middle, y), None)
            }
            Position::Shita => {
                let y = f64::from(self.height) - pixel(self.shita.place(wanted, overlap)?);
                (AssAnchor::BottomCenter, (middle, y), None)
            }
        };
        let mut event = stage.event(&comment.body, shown, at);
        (event.anchor, event.moves_to, event.size) = (anchor, moves_to, size);
        event.font = comment.mail.font();
        let premium = comment.is_premium() || comment.is_owner();
        event.color = comment.mail.color_for(premium).unwrap_or(Color::WHITE);
        if event.color == Color::BLACK {
            event.outline = Color::WHITE;
        }
        if comment.mail.live() {
            event.opacity *= 0.5;
            event.outline_opacity *= 0.5;
        }
        event.layer = u32::from(comment.is_owner()); // the owner's lie over the others
        Some(event)
    }

    /// Height of a line: that of the command, less for many lines and for fixed comments wider than they may be.
    fn size(&self, comment: &Comment, position: Position) -> f64 {
        let stage = &self.options.stage;
        // Ratio to medium, and the lines from which on comments are written at half the size (comment-formats, 5).
        let (ratio, many) = match comment.mail.size() {
            Size::Medium => (1.0, 5.0),
            Size::Big => (1.44, 3.0),
            Size::Small => (0.64, 7.0),
        };
        let mut size = stage.size * ratio;
        if lines(&comment.body) >= many && !comment.mail.ender() {
            size /= 2.0;
        }
        let (width, height) = (f64::from(stage.width), f64::from(stage.height));
        let widest = if comment.mail.full() {
            width
        } else {
            width.min(height * 4.0 / 3.0)
        };
        if position == Position::Naka {
            return size;
        }
        size * (widest / (ems(&comment.body) * size)).min(1.0)
    }

    fn shown(&self, comment: &Comment, position: Position) -> (Vpos, Vpos) {
        let options = self.options;
        let vpos = comment.vpos.max(Vpos(0));
        let lasts = comment.mail.duration().filter(|_| comment.is_owner());
        let lasts = lasts.map(|lasts| Vpos::from_secs_f64(lasts.as_secs_f64().clamp(0.01, 120.0)));
        match position {
            Position::Naka => {
                let from = vpos - options.lead;
                (from, from + lasts.unwrap_or(options.scrolls_for))
            }
            Position::Ue | Position::Shita => (vpos, vpos + lasts.unwrap_or(options.stands_for)),
        }
    }
}

/// Estimated width of the longest line, in sizes.
fn ems(text: &str) -> f64 {
    let width = |line: &str| line.chars().map(em).sum::<f64>();
    text.split('\n').map(width).fold(0.0, f64::max)
}

/// Estimated width of a character: half for Latin and half-width forms, none for marks that add no width, else a full size.
fn em(c: char) -> f64 {
    match c {
        '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}' | '\u{FEFF}' => 0.0,
        '\u{0300}'..='\u{036F}' | '\u{FE00}'..='\u{FE0F}' => 0.0,
        '\0'..='\u{10FF}' | '\u{FF61}'..='\u{FFDC}' => 0.5,
        _ => 1.0,
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a comment has far fewer than 2^53 lines"
)]
fn lines(text: &str) -> f64 {
    text.split('\n').count() as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "`as` saturates, and more rows than a stage has are all the same"
)]
fn rows(height: f64) -> usize {
    height.ceil().max(1.0) as usize
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a stage has at most 16,384 rows"
)]
fn pixel(row: usize) -> f64 {
    row as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn events(comments: &[Comment], options: &AssOptions) -> Vec<String> {
        let mut file = Vec::new();
        write_ass(&mut file, comments, options).unwrap();
        let file = String::from_utf8(file).unwrap();
        let events = file
            .lines()
            .filter_map(|line| line.strip_prefix("Dialogue: "));
        events.map(str::to_owned).collect()
    }

    fn small_stage() -> AssOptions {
        let mut stage = AssStage::new(640, 360);
        stage.size = 20.0;
        AssOptions::default().stage(stage).danmaku2ass_timing()
    }

    #[test]
    fn comments_are_placed_as_danmaku2ass_does() {
        let comments = [
            Comment::new(Vpos(100), "あいう").mail("big"),
            Comment::new(Vpos(-5), "ab\nc").mail("small"),
            Comment::new(Vpos(100), "下").mail("shita black"),
            Comment::new(Vpos(110), "下").mail("shita mincho"),
        ];
        assert_eq!(
            events(&comments, &small_stage().reserve(60)),
            [
                r"0,0:00:00.00,0:00:05.00,defont,,0,0,0,,{\move(640,0,-13,0)\fs12.8}ab\Nc",
                r"0,0:00:01.00,0:00:06.00,defont,,0,0,0,,{\move(640,0,-87,0)\fs28.8}あいう",
                r"0,0:00:01.00,0:00:06.00,defont,,0,0,0,,{\pos(320,300)\an2\c&H000000&\3c&HFFFFFF&}下",
                r"0,0:00:01.10,0:00:06.10,mincho,,0,0,0,,{\pos(320,280)\an2}下",
            ]
        );
    }

    #[test]
    fn what_is_not_seen_is_left_out() {
        let owner = |body: &str| Comment::new(Vpos(0), body).fork(crate::Fork::Owner);
        let comments = [
            owner("@逆"),
            Comment::new(Vpos(0), "/play"),
            Comment::new(Vpos(0), " \u{3000}\n"),
            Comment::new(Vpos(0), "w").mail("invisible"),
            Comment::new(Vpos(0), "").deleted(1),
            owner("w").mail("ue @7 #00FF00 _live"),
        ];
        assert_eq!(
            events(&comments, &small_stage()),
            [
                r"1,0:00:00.00,0:00:07.00,defont,,0,0,0,,{\pos(320,0)\an8\c&H00FF00&\1a&H7F&\3a&HCC&}w"
            ]
        );
    }

    #[test]
    fn wide_and_tall_comments_shrink_unless_they_may_not() {
        let size = |body: &str, mail: &str| {
            let event = &events(&[Comment::new(Vpos(0), body).mail(mail)], &small_stage())[0];
            let (_, size) = event.split_once("\\fs").unwrap_or((event, "20"));
            size.split(['}', '\\']).next().unwrap().to_owned()
        };
        let wide = "あ".repeat(48);
        assert_eq!(size(&wide, "ue"), "10"); // 480 pixels wide
        assert_eq!(size(&wide, "ue full"), "13.33"); // 640
        assert_eq!(size(&wide, ""), "20");
        assert_eq!(size("1\n2\n3\n4\n5", ""), "10");
        assert_eq!(size("1\n2\n3\n4\n5", "ender"), "20");
    }

    #[test]
    fn crowded_comments_overlap_or_are_left_out() {
        let comments = vec![Comment::new(Vpos(0), "w").mail("ue"); 30]; // 18 fit
        assert_eq!(events(&comments, &small_stage()).len(), 30);
        let strict = small_stage().leave_out_crowded(true);
        assert_eq!(events(&comments, &strict).len(), 18);
    }

    #[test]
    fn absurd_comments_do_no_harm() {
        let comments = [
            Comment::new(Vpos(i64::MAX), "w"),
            Comment::new(Vpos(i64::MIN), "\n".repeat(10_000) + "w").mail("ender shita"),
        ];
        let tiny = AssOptions::default().stage(AssStage::new(0, 0)).reserve(9);
        for options in [small_stage(), tiny] {
            assert!(events(&comments, &options).len() <= 2);
        }
    }
}
