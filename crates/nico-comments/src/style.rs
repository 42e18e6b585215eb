//! How a comment looks: position, size and font, each a closed list of names.

use crate::names::named;

/// Where on the video a comment appears: scrolling, or fixed at the top or bottom.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Position {
    /// Scrolls from right to left.
    #[default]
    Naka,
    /// Stands at the top.
    Ue,
    /// Stands at the bottom.
    Shita,
}

named!(
    Position,
    "position",
    "naka, ue or shita",
    [Naka = "naka", Ue = "ue", Shita = "shita",]
);

/// Text size of a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Size {
    /// The size without a command.
    #[default]
    Medium,
    /// Larger.
    Big,
    /// Smaller.
    Small,
}

named!(
    Size,
    "size",
    "medium, big or small",
    [Medium = "medium", Big = "big", Small = "small",]
);

/// Font family of a comment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Font {
    /// The player's own.
    #[default]
    Defont,
    /// Sans serif.
    Gothic,
    /// Serif.
    Mincho,
}

named!(
    Font,
    "font",
    "defont, gothic or mincho",
    [Defont = "defont", Gothic = "gothic", Mincho = "mincho",]
);
