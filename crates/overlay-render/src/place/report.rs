//! What became of the comments that were laid out.

use std::fmt;

use serde::Serialize;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use crate::text::StandIn;

/// Characters that a warning names one by one.
const NAMED: usize = 8;

/// What became of the comments that were laid out, as counts. See
/// [`Layout::report`](crate::Layout::report).
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, layout};
///
/// let comments = [Comment::new(Vpos(0), "草"), Comment::new(Vpos(0), "").deleted(1)];
/// let placed = layout(&comments, &Fonts::estimated(), &LayoutOptions::default());
/// assert_eq!((placed.report().shown, placed.report().deleted), (1, 1));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LayoutReport {
    /// Comments that were given.
    pub given: usize,
    /// Deleted ones.
    pub deleted: usize,
    /// Programs, scripts and commands to the player, and comments with `invisible`.
    pub hidden: usize,
    /// Comments of blank characters alone.
    pub blank: usize,
    /// Comments that were left out where too many are there at once
    /// ([`LayoutOptions::density`](crate::LayoutOptions::density)).
    pub thinned: usize,
    /// Comments that are drawn: all others.
    pub shown: usize,
    /// Comments whose text is longer than comments may be, and was cut off.
    pub cut: usize,
    /// Drawn comments that found no free lane and lie over others.
    pub lane_overflow: usize,
    /// Comments whose text is left as it is, although a script of the owner's replaces it: all
    /// texts together would become too long.
    #[serde(skip_serializing_if = "is_zero")]
    pub not_replaced: usize,
    /// Characters of drawn comments that no font has, in the order in which they appear. Boxes or
    /// nothing are drawn for them.
    pub missing: Vec<char>,
    /// Families that stand in for those of the Flash player, where comments have its look
    /// ([`LayoutOptions::player`](crate::LayoutOptions::player)).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stand_ins: Vec<StandIn>,
}

fn is_zero(count: &usize) -> bool {
    *count == 0
}

/// Something about a layout that whoever sees the result should know. The text is one line. See
/// [`Layout::warnings`](crate::Layout::warnings).
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum LayoutWarning {
    /// There is no comment to draw.
    NothingShown(LayoutReport),
    /// Comments are never seen, because they come before the video or after it.
    OutsideVideo {
        /// How many.
        outside: usize,
        /// Of how many that would be drawn.
        shown: usize,
        /// Length of the video, in seconds.
        seconds: f64,
    },
    /// Texts are longer than comments may be, or have more lines: the rest is cut off.
    TextsCut {
        /// How many.
        cut: usize,
    },
    /// Texts that a script of the owner's replaces are left as they are: all of them together would
    /// become too long.
    NotReplaced {
        /// How many.
        count: usize,
    },
    /// No font has these characters.
    MissingCharacters(Vec<char>),
    /// These families stand in for those of the Flash player.
    StandIns(Vec<StandIn>),
}

impl fmt::Display for LayoutWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NothingShown(report) if report.given == 0 => {
                f.write_str("no comments placed: there are none")
            }
            Self::NothingShown(report) => {
                write!(
                    f,
                    "no comments placed: of {}, {} are deleted, {} hidden or commands to the player, {} blank",
                    report.given, report.deleted, report.hidden, report.blank
                )?;
                match report.thinned {
                    0 => Ok(()),
                    thinned => write!(f, ", {thinned} more than the density allows"),
                }
            }
            Self::OutsideVideo {
                outside,
                shown,
                seconds,
            } => write!(
                f,
                "{outside} of {shown} comments lie outside the video, which is {} s long",
                (seconds * 1000.0).round() / 1000.0
            ),
            Self::StandIns(stand_ins) => {
                f.write_str("fonts of the Flash player are not installed: ")?;
                for (i, stand_in) in stand_ins.iter().enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}{stand_in}")?;
                }
                Ok(())
            }
            Self::TextsCut { cut } => write!(
                f,
                "{cut} comments are longer than comments may be: the rest of them is cut off"
            ),
            Self::NotReplaced { count } => write!(
                f,
                "{count} comments are not replaced as the owner's scripts say: all together would be too long"
            ),
            Self::MissingCharacters(missing) => {
                f.write_str("no font has ")?;
                for (i, &c) in missing.iter().take(NAMED).enumerate() {
                    let comma = if i > 0 { ", " } else { "" };
                    write!(f, "{comma}U+{:04X}", u32::from(c))?;
                    if is_seen(c) {
                        write!(f, " {c}")?;
                    }
                }
                match missing.len().saturating_sub(NAMED) {
                    0 => Ok(()),
                    more => write!(f, " and {more} more characters"),
                }
            }
        }
    }
}

/// Whether a character can stand by itself in a line on a terminal.
fn is_seen(c: char) -> bool {
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter
            | GeneralCategoryGroup::Number
            | GeneralCategoryGroup::Punctuation
            | GeneralCategoryGroup::Symbol
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_are_one_short_line() {
        let missing = |characters: &str| {
            LayoutWarning::MissingCharacters(characters.chars().collect()).to_string()
        };
        assert_eq!(missing("🐪\u{301}"), "no font has U+1F42A 🐪, U+0301");
        let many = missing(&('\u{1F300}'..'\u{1F5FF}').collect::<String>());
        assert!(
            many.ends_with(" and 759 more characters") && many.len() < 200,
            "{many}"
        );
        let left = LayoutWarning::NotReplaced { count: 3 }.to_string();
        assert!(left.starts_with("3 comments are not replaced"), "{left}");
        let nothing = LayoutWarning::NothingShown(LayoutReport::default());
        assert_eq!(nothing.to_string(), "no comments placed: there are none");
    }
}
