use nico_comments::{Comment, Mail};

/// From when on the site's comments were written for the HTML5 player: 13 July 2017 in Japan, in
/// unix seconds.
const HTML5_SINCE: i64 = 1_499_871_600;

/// The player of the site whose look comments get (`docs/spec/comment-layout.md`, section 12).
///
/// The two differ in sizes, in fonts and in how comments are made to fit; positions, speeds, lanes,
/// colours and scripts are the same. Comment art was drawn for one of them and falls apart in the
/// other.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use overlay_render::{Fonts, LayoutOptions, Player, layout};
///
/// let comments = [Comment::new(Vpos(0), "うぽつ")];
/// let options = LayoutOptions::default();
/// let height = |player| {
///     let placed = layout(&comments, &Fonts::estimated(), &options.clone().player(player));
///     placed.comments()[0].height.round()
/// };
/// assert_eq!((height(Player::Html5), height(Player::Flash)), (96.0, 92.0));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Player {
    /// Today's, since 2017.
    #[default]
    Html5,
    /// The one before, in Adobe Flash.
    Flash,
    /// For each comment the one that it was written for: Flash's before 13 July 2017 and for the
    /// word `nico:flash`, unless a word names a font (`defont`, `gothic`, `mincho`); else today's,
    /// also for comments without a date.
    Auto,
}

impl Player {
    /// Every player.
    pub const ALL: [Self; 3] = [Self::Html5, Self::Flash, Self::Auto];

    /// The name that a user writes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Html5 => "html5",
            Self::Flash => "flash",
            Self::Auto => "auto",
        }
    }

    /// Whether a comment gets the Flash player's look.
    pub(super) fn is_flash(self, comment: &Comment) -> bool {
        match self {
            Self::Html5 => false,
            Self::Flash => true,
            Self::Auto => {
                let is_old = comment.date.is_some_and(|date| date < HTML5_SINCE);
                (is_old || says(&comment.mail, &["nico:flash"]))
                    && !says(&comment.mail, &["defont", "gothic", "mincho"])
            }
        }
    }
}

/// Whether one of the words is in a mail.
fn says(mail: &Mail, words: &[&str]) -> bool {
    let is_one = |word: &str| words.iter().any(|other| word.eq_ignore_ascii_case(other));
    mail.words().any(is_one)
}

#[cfg(test)]
mod tests {
    use nico_comments::Vpos;

    use super::*;

    #[test]
    fn old_comments_are_for_the_old_player() {
        let is_flash = |date: i64, mail: &str| {
            Player::Auto.is_flash(&Comment::new(Vpos(0), "w").date(date).mail(mail))
        };
        assert!(is_flash(HTML5_SINCE - 1, "ue") && !is_flash(HTML5_SINCE, "ue"));
        assert!(is_flash(HTML5_SINCE, "184 nico:flash"));
        assert!(!is_flash(HTML5_SINCE - 1, "big Mincho"));
        assert!(!Player::Auto.is_flash(&Comment::new(Vpos(0), "w")));
    }
}
