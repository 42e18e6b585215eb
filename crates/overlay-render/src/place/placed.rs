use nico_comments::{Color, Font, Position, Size, Vpos};

use super::flash_look::{self, FlashLook};
use super::motion::{self, Scroll, real};
use super::player::Player;
use super::stage::UNIT;
use super::stage::count;
use super::text::CommentText;
use crate::rgba::Rgba;
use crate::text::family::Family;
use crate::text::flash_runs::{self, Run};
use crate::text::shape::Shaper;
use crate::text::shaped::Glyph;

/// Width of the outline, in units.
const OUTLINE: f64 = 2.8;

/// A comment with its size and place on the stage of 1920x1080 pixels.
///
/// Lengths are stage pixels, times centiseconds; `char_size` and `line_height` are layout units of
/// [`UNIT`](crate::UNIT) pixels.
///
/// ```
/// use overlay_render::Layout;
///
/// for comment in Layout::default().comments() {
///     println!("{} at {}: {}x{}", comment.text, comment.vpos, comment.width, comment.height);
/// }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PlacedComment {
    /// Its place in [`Layout::comments`](crate::Layout::comments).
    pub index: usize,
    /// Its place in the list that was laid out.
    pub src: usize,
    /// Its number, as the source had it.
    pub no: Option<i64>,
    /// When it is shown.
    pub vpos: Vpos,
    /// The text that is painted, after the owner's replacements. Lines end at LF.
    pub text: CommentText,
    /// Scrolling, at the top or at the bottom.
    pub position: Position,
    /// The size that was asked for.
    pub size: Size,
    /// The family. In the Flash player's look, that of its beginning: characters there can ask for
    /// another.
    pub font: Font,
    /// The colour of the text.
    pub color: Color,
    /// The colour of the outline.
    pub outline: Rgba,
    /// The outline's colour if a command gave it.
    pub stroke: Option<Rgba>,
    /// The colour of a box behind the text (`nico:fill`).
    pub fill_box: Option<Rgba>,
    /// The colour of a frame around the box (`nico:waku`).
    pub frame: Option<Rgba>,
    /// What the finished picture of the comment is multiplied with, 0 to 1.
    pub opacity: f64,
    /// How long it is shown, in centiseconds; scrolling comments are seen for a second or so longer
    /// on either side.
    pub long: i64,
    /// Comments only make room for comments of their layer. -1 without one.
    pub layer: i32,
    /// Whether it may be as wide as the stage.
    pub full: bool,
    /// Whether it keeps its size with many lines.
    pub ender: bool,
    /// Whether it was written half transparent (`_live`).
    pub live: bool,
    /// Whether the owner of the video wrote it. Owners' and viewers' comments do not make room for
    /// each other.
    pub owner: bool,
    /// Whether it is a text of a live broadcast's operator, at the top of the picture over a bar
    /// that crosses it. Makes room only for others of them, and is painted over all other comments.
    pub banner: bool,
    /// Whether it is not painted and has neither size nor place.
    pub invisible: bool,
    /// Whether it is invisible because too many others were there at its time
    /// ([`LayoutOptions::density`](crate::LayoutOptions::density)).
    pub thinned: bool,
    /// Whether its text has only blank characters: it has a size and a place, and nothing to paint.
    pub blank: bool,
    /// Lines of the text, at least 1.
    pub num_lines: usize,
    /// Width of its box. 0 if invisible.
    pub width: f64,
    /// Height of its box. 0 if invisible.
    pub height: f64,
    /// Scrolling and top comments: from the stage's top to the box's; bottom comments: from the
    /// box's bottom to that of the stage, or of the part of it that comments are in.
    pub pos_y: f64,
    /// Whether it was made smaller to fit the width.
    pub resized_x: bool,
    /// Whether it was made smaller because of its lines.
    pub resized_y: bool,
    /// Height of a character, in units.
    pub char_size: f64,
    /// Distance between lines, in units.
    pub line_height: f64,
    /// Size of the font at unit scale, in pixels; on the stage glyphs are [`UNIT`](crate::UNIT) ·
    /// `glyph_scale` times that.
    pub font_px: f64,
    /// Factor for fonts that would be below 10 pixels, else 1; times
    /// [`LayoutOptions::size`](crate::LayoutOptions::size).
    pub glyph_scale: f64,
    /// How many random numbers were drawn for it, because no lane was free.
    pub overflow: u32,
    /// Whether a character is missing in the family's first font.
    pub fallback: bool,
    pub(crate) opacity_command: Option<f32>,
    pub(crate) says_naka: bool,
    /// Whether its text was longer than comments may be.
    pub(crate) is_cut: bool,
    /// What its size was multiplied with.
    pub(crate) size_factor: f32,
    /// The reference paints the owner's comments lower if they were made so narrow that their font
    /// is below 10 pixels.
    pub(crate) is_lowered: bool,
    /// Where bottom comments stand: the stage's lower edge, or that of the part of it that comments
    /// are in.
    pub(crate) floor: f32,
    /// In the Flash player's look.
    pub(crate) flash: Option<Box<FlashLook>>,
}

impl PlacedComment {
    /// The left edge of its box at `t` in centiseconds, in stage pixels, whether it is shown then
    /// or not; not mirrored by the owner's `@逆` (see
    /// [`Layout::position_at`](crate::Layout::position_at)).
    #[must_use]
    pub fn x_at(&self, t: f64) -> f64 {
        match self.position {
            Position::Naka => self.scroll().x(t - real(self.clamped_vpos())),
            Position::Ue | Position::Shita => motion::centered(self.width),
        }
    }

    /// The top edge of its box, in stage pixels.
    #[must_use]
    pub fn top(&self) -> f64 {
        match self.position {
            Position::Naka | Position::Ue => self.pos_y,
            Position::Shita => f64::from(self.floor) - self.pos_y - self.height,
        }
    }

    /// Whether it is shown at `t` in centiseconds: in its time and not invisible. A scrolling
    /// comment can still be off stage.
    #[must_use]
    pub fn visible_at(&self, t: f64) -> bool {
        let tau = t.floor() - real(self.clamped_vpos());
        let (begin, end) = self.listed();
        !self.invisible && real(begin) <= tau && tau < real(end)
    }

    /// Pixels that a scrolling comment moves to the left in a centisecond; 0 for fixed ones.
    #[must_use]
    pub fn speed(&self) -> f64 {
        match self.position {
            Position::Naka => self.scroll().speed,
            Position::Ue | Position::Shita => 0.0,
        }
    }

    /// The player whose look it has: never [`Player::Auto`].
    #[must_use]
    pub fn player(&self) -> Player {
        match self.flash {
            Some(_) => Player::Flash,
            None => Player::Html5,
        }
    }

    /// The family of what no character decides.
    pub(crate) fn family(&self) -> Family {
        self.flash
            .as_ref()
            .map_or(self.font.into(), |look| look.family)
    }

    /// By how much glyphs and the gaps between them are stretched to the side.
    pub(crate) fn stretch(&self) -> f64 {
        self.flash.as_ref().map_or(1.0, |look| look.stretch)
    }

    /// Width of the outline at unit scale, in units; half of it is seen around the letters.
    pub(crate) fn outline_width(&self) -> f64 {
        match self.flash {
            Some(_) => flash_look::OUTLINE,
            None => OUTLINE,
        }
    }

    /// The parts of a line that are set in one family, and where each begins: in pixels of the font
    /// at unit scale, before it is stretched.
    pub(crate) fn line_parts<'t>(
        &self,
        shaper: &mut Shaper<'_>,
        line: &'t str,
        mut each: impl FnMut(&mut Shaper<'_>, f64, &'t str, Family),
    ) {
        let Some(look) = &self.flash else {
            return each(shaper, 0.0, line, self.font.into());
        };
        let mut pen = 0.0;
        for run in flash_runs::line_runs(line, look.family) {
            match run {
                Run::Blank { em, count: times } => pen += em * count(times) * self.font_px,
                Run::Text { text, family } => {
                    each(shaper, pen, text, family);
                    shaper.line(family, text, |glyphs| {
                        let advances = glyphs.iter().map(|glyph| glyph.advance(self.font_px));
                        pen += advances.sum::<f64>();
                    });
                }
            }
        }
    }

    /// The glyphs of a line, with the place of the pen for each: in pixels of the font at unit
    /// scale, before it is stretched.
    pub(crate) fn line_glyphs(
        &self,
        shaper: &mut Shaper<'_>,
        line: &str,
        mut each: impl FnMut(&Glyph, f64),
    ) {
        self.line_parts(shaper, line, |shaper, mut pen, text, family| {
            shaper.line(family, text, |glyphs| {
                for glyph in glyphs {
                    each(glyph, pen);
                    pen += glyph.advance(self.font_px);
                }
            });
        });
    }

    /// The time by which it is placed.
    pub(crate) fn clamped_vpos(&self) -> i64 {
        motion::clamped(self.vpos)
    }

    /// Its movement, if it scrolls.
    pub(crate) fn scroll(&self) -> Scroll {
        Scroll::new(self.width, self.long)
    }

    /// Whether anything of it is ever drawn.
    pub(crate) fn is_drawn(&self) -> bool {
        !self.invisible && !self.blank
    }

    /// The baseline of a line below the top edge of the box, in stage pixels
    /// (`docs/spec/comment-layout.md`, section 10).
    pub(crate) fn baseline(&self, line: usize) -> f64 {
        let (c, l) = (self.char_size, self.line_height);
        if let Some(look) = &self.flash {
            return look.baseline(line, l, self.glyph_scale, self.resized_y) * UNIT;
        }
        let mut units = l * count(line + 1) + (c - l) / 2.0 - 0.16 * l;
        if self.is_lowered {
            let own_scale = self.glyph_scale / f64::from(self.size_factor);
            units += l * (10.0 - 10.0 * own_scale) * (count(self.num_lines) + 1.0) / 20.0;
        }
        units * UNIT
    }

    /// When it is shown, relative to vpos: from the first to before the second, in centiseconds.
    pub(crate) fn listed(&self) -> (i64, i64) {
        match self.position {
            Position::Naka => self.scroll().listed(),
            Position::Ue | Position::Shita => (0, self.long),
        }
    }
}
