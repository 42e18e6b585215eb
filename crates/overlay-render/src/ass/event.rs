use nico_comments::{Color, Font, Vpos};

/// The size of the picture that subtitles are placed on, and how texts look unless an [`AssEvent`]
/// says otherwise.
///
/// Lengths are pixels of that picture; players scale it to the video.
///
/// ```
/// use overlay_render::AssStage;
///
/// let stage = AssStage::new(1280, 720);
/// assert_eq!(stage.size.round(), 64.0); // a line of medium size is 1/11.3 of the height
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AssStage {
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
    /// Height of a line: ascent and descent of the font together. Default: that of medium size.
    pub size: f64,
    /// Families for [`Font::Defont`], [`Font::Gothic`] and [`Font::Mincho`]. Default: what the
    /// system has for `sans-serif`, `sans-serif` and `serif`.
    pub families: [String; 3],
    /// Whether the style of each family is bold, in the same order. Default: `defont`'s is.
    pub bold: [bool; 3],
    /// Opacity of the letters, 0 to 1. Default: 1.
    pub opacity: f64,
    /// Opacity of their outlines, 0 to 1. Default: 0.4.
    pub outline_opacity: f64,
    /// Width of their outlines. Default: 1/25 of the size, at least 1.
    pub outline_width: f64,
}

impl AssStage {
    /// A picture of this size in pixels, everything else in proportion.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let size = f64::from(height) / 11.3; // comment-formats, section 5
        Self {
            width,
            height,
            size,
            families: ["sans-serif", "sans-serif", "serif"].map(str::to_owned),
            bold: [true, false, false],
            opacity: 1.0,
            outline_opacity: 0.4,
            outline_width: (size / 25.0).max(1.0),
        }
    }

    /// A text shown from one time to another with its upper left corner at `at`, and with the looks
    /// of the stage.
    #[must_use]
    pub fn event<'a>(&self, text: &'a str, shown: (Vpos, Vpos), at: (f64, f64)) -> AssEvent<'a> {
        AssEvent {
            text,
            shown,
            anchor: AssAnchor::TopLeft,
            at,
            moves_to: None,
            size: self.size,
            stretch: 1.0,
            font: Font::Defont,
            color: Color::WHITE,
            outline: Color::BLACK,
            opacity: self.opacity,
            outline_opacity: self.outline_opacity,
            outline_width: self.outline_width,
            layer: 0,
        }
    }
}

/// A subtitle: a text with its place, its times and its looks. Made by [`AssStage::event`], written
/// by [`AssWriter`](crate::AssWriter).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AssEvent<'a> {
    /// The text, LF between lines.
    pub text: &'a str,
    /// The times at which it appears and goes. What is before the start of the video is not shown.
    pub shown: (Vpos, Vpos),
    /// Which point of the text [`at`](Self::at) is about.
    pub anchor: AssAnchor,
    /// Where it is when it appears, from the upper left corner of the stage.
    pub at: (f64, f64),
    /// Where it is when it goes, if it moves.
    pub moves_to: Option<(f64, f64)>,
    /// Height of a line: ascent and descent of the font together, as players of ASS have it.
    pub size: f64,
    /// How much wider than high letters are than the font has them. 1: not at all.
    pub stretch: f64,
    /// The family.
    pub font: Font,
    /// Colour of the letters.
    pub color: Color,
    /// Colour of the outline.
    pub outline: Color,
    /// Opacity of the letters, 0 to 1.
    pub opacity: f64,
    /// Opacity of the outline, 0 to 1.
    pub outline_opacity: f64,
    /// Width of the outline.
    pub outline_width: f64,
    /// Higher ones are drawn over lower ones.
    pub layer: u32,
}

/// The point of a text that is put at its place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AssAnchor {
    /// The upper left corner.
    #[default]
    TopLeft,
    /// The middle of the upper edge; lines are centred.
    TopCenter,
    /// The middle of the lower edge; lines are centred.
    BottomCenter,
}
