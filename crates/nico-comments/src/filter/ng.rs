use std::collections::HashSet;

use super::Filter;
use crate::Comment;

/// Filter that removes the comments of users, by their ids letter by letter.
///
/// Anonymous ids change with every video and from week to week. Comments without a user (the
/// owner's) are kept.
///
/// ```
/// use nico_comments::{Comment, Filter, NgUsers, Vpos};
///
/// let filter = NgUsers::new(["nvc:abc"]);
/// assert!(!filter.keeps(&Comment::new(Vpos(0), "草").user("nvc:abc")));
/// assert!(filter.keeps(&Comment::new(Vpos(0), "草")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct NgUsers(HashSet<String>);

impl NgUsers {
    /// Takes these users' comments away.
    #[must_use]
    pub fn new<S: Into<String>>(users: impl IntoIterator<Item = S>) -> Self {
        Self(users.into_iter().map(Into::into).collect())
    }
}

impl Filter for NgUsers {
    fn keeps(&self, comment: &Comment) -> bool {
        !comment
            .user
            .as_ref()
            .is_some_and(|user| self.0.contains(user))
    }
}

/// Filter that removes the comments that have one of these words among their commands, ASCII
/// letters in any case.
///
/// `all` stands for every word, as in the player's own list, but for `184`, which players add by
/// themselves. (The player shows the comment without its commands; for learning and counting the
/// comment itself is what is unwanted.)
///
/// ```
/// use nico_comments::{Comment, Filter, NgCommands, Vpos};
///
/// let filter = NgCommands::new(["shita", "big"]);
/// assert!(!filter.keeps(&Comment::new(Vpos(0), "草").mail("184 BIG cyan")));
/// assert!(filter.keeps(&Comment::new(Vpos(0), "草").mail("184 bigger")));
/// ```
#[derive(Clone, Debug, Default)]
pub struct NgCommands(HashSet<String>);

impl NgCommands {
    /// Takes comments with these commands away.
    #[must_use]
    pub fn new<S: AsRef<str>>(commands: impl IntoIterator<Item = S>) -> Self {
        let lower = |word: S| word.as_ref().to_ascii_lowercase();
        Self(commands.into_iter().map(lower).collect())
    }
}

impl Filter for NgCommands {
    fn keeps(&self, comment: &Comment) -> bool {
        let all = self.0.contains("all");
        !comment
            .mail
            .words()
            .any(|word| (all && word != "184") || self.0.contains(&word.to_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Vpos;

    #[test]
    fn all_is_every_command_but_184() {
        let keeps = |mail| NgCommands::new(["all"]).keeps(&Comment::new(Vpos(0), "w").mail(mail));
        assert!(keeps("184") && keeps(""));
        assert!(!keeps("184 ue"));
    }
}
