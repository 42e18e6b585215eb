//! The families that texts are set in.

use nico_comments::Font;

/// A family of faces: those of the mail commands, and two more of the Flash player.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum Family {
    #[default]
    Defont,
    Gothic,
    Mincho,
    /// Round and Korean, for characters that Japanese Windows found in no Japanese font.
    Gulim,
    /// Chinese and with serifs, for the same reason.
    SimSun,
}

impl Family {
    /// Every family.
    pub(crate) const ALL: [Self; 5] = [
        Self::Defont,
        Self::Gothic,
        Self::Mincho,
        Self::Gulim,
        Self::SimSun,
    ];

    /// Its place in [`ALL`](Self::ALL).
    pub(crate) fn slot(self) -> usize {
        self as usize
    }

    /// The word for it in a mail.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Gulim => "gulim",
            Self::SimSun => "simsun",
            Self::Defont | Self::Gothic | Self::Mincho => self.font().as_str(),
        }
    }

    /// The family that a word of a mail names, in any case.
    pub(crate) fn named(word: &str) -> Option<Self> {
        let mut all = Self::ALL.into_iter();
        all.find(|family| family.as_str().eq_ignore_ascii_case(word))
    }

    /// The family of the mail commands that comes nearest.
    pub(crate) fn font(self) -> Font {
        match self {
            Self::Defont | Self::Gulim => Font::Defont,
            Self::Gothic => Font::Gothic,
            Self::Mincho | Self::SimSun => Font::Mincho,
        }
    }

    /// Whether a face with serifs is wanted.
    pub(super) fn has_serifs(self) -> bool {
        self.font() == Font::Mincho
    }
}

impl From<Font> for Family {
    fn from(font: Font) -> Self {
        match font {
            Font::Defont => Self::Defont,
            Font::Gothic => Self::Gothic,
            Font::Mincho => Self::Mincho,
        }
    }
}
