use std::{cmp::Ordering, collections::HashMap, fmt, ops::Range, path::Path};

use nico_comments::{Comment, Fork, Position, Size};

use super::{dialogue::Dialogue, past::Past, pictures::EpisodePictures};
use crate::{corpus::is_speech, error::Error, reading::read_comments};

/// An episode: the comments that viewers wrote, in order of video time, what was said, and what is
/// seen where that is known.
///
/// Deleted comments, those without text, the owner's and programs for the player are left out.
/// Texts and users lie in one piece of memory each, so that hundreds of episodes stay small.
///
/// ```
/// use nico_comments::{Comment, Vpos};
/// use nico_corpus::stream::{Dialogue, Episode};
///
/// let comments = [Comment::new(Vpos(900), "8888").user("b"), Comment::new(Vpos(120), "草").user("a")];
/// let episode = Episode::new("show/01", comments, Dialogue::default());
/// let texts: Vec<&str> = episode.comments().map(|comment| comment.text).collect();
/// assert_eq!(texts, ["草", "8888"]);
/// assert_eq!(episode.past_of(1).comments().count(), 1); // the second one may read the first
/// ```
#[derive(Clone)]
pub struct Episode {
    name: String,
    /// Where the name does not say it.
    show: Option<String>,
    texts: String,
    comments: Vec<Stored>,
    /// Sorted.
    users: Vec<Box<str>>,
    dialogue: Dialogue,
    pictures: Option<EpisodePictures>,
}

#[derive(Clone, Copy, Debug)]
struct Stored {
    millis: i64,
    text: (u32, u32),
    user: Option<u32>,
    is_one_tap: bool,
    position: Position,
    size: Size,
    is_colored: bool,
}

/// A comment of an episode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EpisodeComment<'a> {
    /// Its number in the order of the episode, from 0.
    pub index: usize,
    /// When it appears, milliseconds of the video.
    pub millis: i64,
    /// What it says.
    pub text: &'a str,
    /// Who wrote it, a number within the episode; none where the file does not say.
    pub user: Option<u32>,
    /// Whether it was chosen with one tap from a list instead of typed (the fork `easy`).
    pub is_one_tap: bool,
    /// Where on the picture it stands.
    pub position: Position,
    /// How large it is.
    pub size: Size,
    /// Whether it has a colour of its own.
    pub is_colored: bool,
}

impl Episode {
    /// An episode of these comments, in any order, and this dialogue. Comments of one time are
    /// put in the order of their numbers.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        comments: impl IntoIterator<Item = Comment>,
        dialogue: Dialogue,
    ) -> Self {
        let mut spoken: Vec<Comment> = comments
            .into_iter()
            .filter(|comment| is_speech(comment) && !comment.is_owner())
            .collect();
        spoken.sort_by(by_time);
        let mut users: Vec<Box<str>> = spoken
            .iter()
            .filter_map(|comment| comment.user.as_deref().map(Box::from))
            .collect();
        users.sort_unstable();
        users.dedup();
        let numbers: HashMap<&str, u32> = users.iter().map(|user| &**user).zip(0..).collect();
        let mut texts = String::new();
        let mut stored = Vec::with_capacity(spoken.len());
        for comment in &spoken {
            let start = texts.len();
            // More than four gigabytes of text are no episode.
            let Ok(end) = u32::try_from(start + comment.body.len()) else {
                break;
            };
            texts.push_str(&comment.body);
            stored.push(Stored {
                millis: comment.vpos_millis(),
                text: (u32::try_from(start).unwrap_or(end), end),
                user: comment.user.as_deref().map(|user| numbers[user]),
                is_one_tap: comment.fork == Fork::Easy,
                position: comment.mail.position(),
                size: comment.mail.size(),
                is_colored: comment.mail.color().is_some(),
            });
        }
        drop(numbers);
        texts.shrink_to_fit();
        Self {
            name: name.into(),
            show: None,
            texts,
            comments: stored,
            users,
            dialogue,
            pictures: None,
        }
    }

    /// The episode as one of a show that its name does not say.
    #[must_use]
    pub fn of_show(mut self, show: impl Into<String>) -> Self {
        self.show = Some(show.into());
        self
    }

    /// The episode with what is seen: rows of features in video time.
    #[must_use]
    pub fn with_pictures(mut self, pictures: impl Into<Option<EpisodePictures>>) -> Self {
        self.pictures = pictures.into();
        self
    }

    /// Reads an episode: a file of comments in any format, and one of dialogue where there is one.
    /// Pictures are added by [`with_pictures`](Self::with_pictures). `rejected` gets the comments that cannot be read.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read at all or is none of its kind.
    pub fn read(
        name: impl Into<String>,
        comments: &Path,
        dialogue: Option<&Path>,
        rejected: impl FnMut(nico_comments::Error),
    ) -> Result<Self, Error> {
        let mut read = Vec::new();
        read_comments(comments, rejected, |comment| -> Result<(), Error> {
            read.push(comment);
            Ok(())
        })?;
        let dialogue = dialogue.map(Dialogue::read).transpose()?;
        Ok(Self::new(name, read, dialogue.unwrap_or_default()))
    }

    /// Its name: `show/01` for a file of a folder of shows.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its show: the one that it was [said](Self::of_show) to be of, or the folder of its name, or
    /// the name where it has none.
    #[must_use]
    pub fn show(&self) -> &str {
        let folder = || self.name.rsplit_once('/').map(|(show, _)| show);
        let show = self.show.as_deref().or_else(folder);
        show.unwrap_or(&self.name)
    }

    /// Number of comments.
    #[must_use]
    pub fn len(&self) -> usize {
        self.comments.len()
    }

    /// Whether nobody wrote anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.comments.is_empty()
    }

    /// A comment by its number.
    ///
    /// # Panics
    ///
    /// Panics if there are not so many.
    #[must_use]
    pub fn comment(&self, index: usize) -> EpisodeComment<'_> {
        let stored = &self.comments[index];
        EpisodeComment {
            index,
            millis: stored.millis,
            text: &self.texts[stored.text.0 as usize..stored.text.1 as usize],
            user: stored.user,
            is_one_tap: stored.is_one_tap,
            position: stored.position,
            size: stored.size,
            is_colored: stored.is_colored,
        }
    }

    /// All comments in order of time.
    #[must_use]
    pub fn comments(
        &self,
    ) -> impl ExactSizeIterator<Item = EpisodeComment<'_>> + DoubleEndedIterator {
        (0..self.len()).map(|index| self.comment(index))
    }

    /// The numbers of the comments in a span of time, milliseconds.
    #[must_use]
    pub fn within(&self, millis: Range<i64>) -> Range<usize> {
        let before = |time: i64| self.comments.partition_point(|stored| stored.millis < time);
        let start = before(millis.start);
        start..before(millis.end).max(start)
    }

    /// What was said.
    #[must_use]
    pub fn dialogue(&self) -> &Dialogue {
        &self.dialogue
    }

    /// What is seen, where that is known.
    #[must_use]
    pub fn pictures(&self) -> Option<&EpisodePictures> {
        self.pictures.as_ref()
    }

    /// The number of a user who wrote in this episode.
    #[must_use]
    pub fn user(&self, name: &str) -> Option<u32> {
        let found = self
            .users
            .binary_search_by(|user| (**user).cmp(name))
            .ok()?;
        u32::try_from(found).ok()
    }

    /// The name of a user.
    #[must_use]
    pub fn user_name(&self, user: u32) -> Option<&str> {
        self.users.get(user as usize).map(|name| &**name)
    }

    /// The episode with some of its comments, those that `keep` chooses: half of the viewers, or
    /// nothing by one of them. Users keep their numbers, and everything but comments stays.
    ///
    /// ```
    /// use nico_comments::{Comment, Vpos};
    /// use nico_corpus::stream::{Dialogue, Episode};
    ///
    /// let comments = [Comment::new(Vpos(120), "草").user("a"), Comment::new(Vpos(900), "8888").user("b")];
    /// let episode = Episode::new("show/01", comments, Dialogue::default());
    /// let of_b = episode.keeping(|comment| comment.user == episode.user("b"));
    /// assert_eq!((of_b.len(), of_b.comment(0).text), (1, "8888"));
    /// assert_eq!(of_b.comment(0).user, episode.comment(1).user);
    /// ```
    #[must_use]
    pub fn keeping(&self, mut keep: impl FnMut(&EpisodeComment<'_>) -> bool) -> Self {
        let mut texts = String::new();
        let mut comments = Vec::new();
        for (stored, comment) in self.comments.iter().zip(self.comments()) {
            if keep(&comment) {
                // A part of a text that has four gigabytes at most.
                let number = |len: usize| u32::try_from(len).unwrap_or(u32::MAX);
                let start = texts.len();
                texts.push_str(comment.text);
                comments.push(Stored {
                    text: (number(start), number(texts.len())),
                    ..*stored
                });
            }
        }
        texts.shrink_to_fit();
        Self {
            name: self.name.clone(),
            show: self.show.clone(),
            texts,
            comments,
            users: self.users.clone(),
            dialogue: self.dialogue.clone(),
            pictures: self.pictures.clone(),
        }
    }

    /// What may be read at a moment: comments that appeared before it, lines that had begun by
    /// then, and pictures that had been shown.
    #[must_use]
    pub fn past_at(&self, millis: i64) -> Past<'_> {
        Past::new(self, self.within(i64::MIN..millis).end, millis)
    }

    /// What may be read to foretell a comment: those before it in the order of the episode, and
    /// lines that had begun and pictures that had been shown when it appeared.
    ///
    /// # Panics
    ///
    /// Panics if there are not so many comments.
    #[must_use]
    pub fn past_of(&self, index: usize) -> Past<'_> {
        Past::new(self, index, self.comment(index).millis)
    }
}

impl fmt::Debug for Episode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Episode")
            .field("name", &self.name)
            .field("comments", &self.len())
            .field("lines", &self.dialogue.lines().len())
            .field("pictures", &self.pictures)
            .finish_non_exhaustive()
    }
}

/// By time, then by number, then by text and user, so that the order does not depend on the file's.
fn by_time(a: &Comment, b: &Comment) -> Ordering {
    a.vpos_millis()
        .cmp(&b.vpos_millis())
        .then_with(|| a.no.cmp(&b.no))
        .then_with(|| a.body.cmp(&b.body))
        .then_with(|| a.user.cmp(&b.user))
}
