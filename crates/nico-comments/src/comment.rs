use crate::{Fork, Mail, Vpos, bilibili};

/// A Niconico comment, with everything that any of the formats says about it
/// (`docs/spec/comment-formats.md`, section 0).
///
/// Made by a reader, or with [`Comment::new`] and the setters; the fields are open. Members
/// that a format does not have keep their defaults.
///
/// ```
/// use nico_comments::{Comment, Position, Vpos};
///
/// let comment = Comment::new(Vpos(512), "こんにちは").mail("184 ue").date(1_299_999_990);
/// assert_eq!(comment.mail.position(), Position::Ue);
/// assert!(!comment.is_owner() && !comment.is_deleted());
/// ```
///
#[cfg_attr(
    feature = "serde",
    doc = r##"
# With `serde`

An object with a member for each field, named as the field: all of them are written, and those that
are missing when it is read are at their defaults, so that files of before stay readable when fields
are added. `vpos` is a number of centiseconds, `fork` its word, `mail` a list of words, `extra` a list
of pairs. Unknown members are passed over; a `vpos_rest_ms` above 9 and a `date_usec` above 999,999
are refused.

```
use nico_comments::{Comment, Vpos};

let comment: Comment = serde_json::from_str(r#"{"vpos": 512, "body": "草", "mail": ["184", "ue"]}"#)?;
assert_eq!(comment, Comment::new(Vpos(512), "草").mail("184 ue"));
assert_eq!(serde_json::to_value(&comment)?["fork"], "main");
# Ok::<(), serde_json::Error>(())
```
"##
)]
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Deserialize, serde::Serialize),
    serde(default)
)]
#[non_exhaustive]
pub struct Comment {
    /// The thread: digits, or `M.…` on live.
    pub thread: Option<String>,
    /// The part of the thread.
    pub fork: Fork,
    /// The number within thread and fork. Absent on live.
    pub no: Option<i64>,
    /// The id of the comment, decimal text beyond 2⁵³ (v1 only).
    pub id: Option<String>,
    /// Where in the video the comment appears.
    pub vpos: Vpos,
    /// Milliseconds after [`vpos`](Self::vpos), 0 to 9, for sources that count in milliseconds
    /// (v1).
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serde_impls::vpos_rest_ms")
    )]
    pub vpos_rest_ms: u8,
    /// When it was posted, in unix seconds.
    pub date: Option<i64>,
    /// Microseconds after [`date`](Self::date), at most 999,999.
    #[cfg_attr(
        feature = "serde",
        serde(deserialize_with = "crate::serde_impls::date_usec")
    )]
    pub date_usec: Option<u32>,
    /// The commands.
    pub mail: Mail,
    /// The text, LF between lines. Empty for deleted comments.
    pub body: String,
    /// Who posted it: an anonymous id, a plain number (personal data), or a running index.
    pub user: Option<String>,
    /// 0 without Premium, 1 with. On live also 2 to 7 for the broadcaster and the operator.
    pub premium: u8,
    /// The `anonymity` flag; formats without it have `184` among the commands.
    pub anonymous: bool,
    /// The NG score, 0 or below.
    pub score: Option<i64>,
    /// How often somebody pressed "nicoru".
    pub nicoru: Option<i64>,
    /// 0 shown; 1 deleted by the poster or owner, 2 by the operator.
    pub deleted: u8,
    /// The minute of the video whose list the comment was picked from.
    pub leaf: Option<i64>,
    /// The layer ("formatted" JSON only; -1 there means none and is read as absent).
    pub layer: Option<i32>,
    /// What else the source said, as name and text in file order: `origin`, `locale`, `source`, ….
    /// Message-server files give at most 256.
    pub extra: Vec<(String, String)>,
}

impl Comment {
    /// A comment of a viewer at `vpos`, everything else at its default.
    #[must_use]
    pub fn new(vpos: Vpos, body: impl Into<String>) -> Self {
        Self {
            vpos,
            body: body.into(),
            ..Self::default()
        }
    }

    /// Sets the commands; takes text (`"184 ue"`) or a [`Mail`].
    #[must_use]
    pub fn mail(mut self, mail: impl Into<Mail>) -> Self {
        self.mail = mail.into();
        self
    }

    /// Sets when it was posted, in unix seconds.
    #[must_use]
    pub fn date(mut self, unix_seconds: i64) -> Self {
        self.date = Some(unix_seconds);
        self
    }

    /// Sets the microseconds of the date.
    ///
    /// # Panics
    ///
    /// Panics if they are more than 999,999.
    #[must_use]
    pub fn date_usec(mut self, microseconds: u32) -> Self {
        assert!(
            microseconds < 1_000_000,
            "{microseconds} µs are a second or more"
        );
        self.date_usec = Some(microseconds);
        self
    }

    /// Sets who posted it.
    #[must_use]
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// Sets or clears Premium.
    #[must_use]
    pub fn premium(mut self, premium: bool) -> Self {
        self.premium = premium.into();
        self
    }

    /// Sets the `anonymity` flag.
    #[must_use]
    pub fn anonymous(mut self, anonymous: bool) -> Self {
        self.anonymous = anonymous;
        self
    }

    /// Sets the number within thread and fork.
    #[must_use]
    pub fn no(mut self, no: i64) -> Self {
        self.no = Some(no);
        self
    }

    /// Sets the thread.
    #[must_use]
    pub fn thread(mut self, thread: impl Into<String>) -> Self {
        self.thread = Some(thread.into());
        self
    }

    /// Sets the fork.
    #[must_use]
    pub fn fork(mut self, fork: Fork) -> Self {
        self.fork = fork;
        self
    }

    /// Sets the NG score.
    #[must_use]
    pub fn score(mut self, score: i64) -> Self {
        self.score = Some(score);
        self
    }

    /// Sets how it was deleted; see [`deleted`](Self::deleted).
    #[must_use]
    pub fn deleted(mut self, deleted: u8) -> Self {
        self.deleted = deleted;
        self
    }

    /// Whether the owner of the video wrote it. Readers decide this by the fork, and where the
    /// source knows no forks by the missing user (`docs/spec/comment-formats.md`, section 1), and
    /// set [`fork`](Self::fork) accordingly.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        self.fork == Fork::Owner
    }

    /// The thread, if it is known: [`WriteOptions::fill`](crate::WriteOptions::fill) gives comments
    /// without one thread `0`.
    #[must_use]
    pub fn known_thread(&self) -> Option<&str> {
        self.thread.as_deref().filter(|&thread| thread != "0")
    }

    /// The id, if it tells the comment from others. Beside thread `0` it may be filled in as well;
    /// and a number of fewer than nine digits is one that a writer counted, or the `0` that
    /// recorders of Bilibili's live programmes give every comment: the services' own are longer.
    #[must_use]
    pub fn known_id(&self) -> Option<&str> {
        let is_filled_in = self.thread.is_some() && self.known_thread().is_none();
        let is_counted = |id: &str| id.len() < 9 && id.bytes().all(|byte| byte.is_ascii_digit());
        let id = self.id.as_deref();
        id.filter(|id| !is_filled_in && !is_counted(id))
    }

    /// Whether the comment was deleted; neither user nor text remains then.
    #[must_use]
    pub fn is_deleted(&self) -> bool {
        self.deleted != 0
    }

    /// Whether the poster has Premium. Broadcaster and operator values (2 to 7, live) are not
    /// Premium users.
    #[must_use]
    pub fn is_premium(&self) -> bool {
        self.premium == 1
    }

    /// Whether the poster is the broadcaster or the operator of a live programme: a `premium` of 2 to
    /// 7 (`docs/spec/comment-formats.md`, section 1). Other values above 1 say nothing that is known.
    #[must_use]
    pub fn is_operator(&self) -> bool {
        (2..=7).contains(&self.premium)
    }

    /// The position in milliseconds: `vpos` and what is left beyond it. Saturates at the ends of
    /// `i64`.
    #[must_use]
    pub fn vpos_millis(&self) -> i64 {
        let millis = i128::from(self.vpos.0) * 10 + i128::from(self.vpos_rest_ms);
        i64::try_from(millis).unwrap_or(if millis < 0 { i64::MIN } else { i64::MAX })
    }

    /// Sets `vpos` and the rest from milliseconds.
    pub fn set_vpos_millis(&mut self, millis: i64) {
        self.vpos = Vpos::from_millis(millis);
        self.vpos_rest_ms =
            u8::try_from(millis.rem_euclid(10)).expect("a remainder of 10 is below 10");
    }

    /// Whether the body is a program or command to the player rather than speech: bodies of the
    /// owner and of live operators that begin with `/`, and nicoscripts of the owner that begin
    /// with `@` or `＠`; and what Bilibili's viewers placed or programmed (an extra `mode` of 7 to
    /// 9).
    #[must_use]
    pub fn is_script(&self) -> bool {
        (!self.extra.is_empty() && bilibili::is_programmed(self))
            || (self.is_owner() && self.body.starts_with(['/', '@', '＠']))
            || (self.is_operator()
                && self.body.starts_with('/')
                && self.body[1..].starts_with(|c: char| c.is_ascii_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn milliseconds_survive() {
        for millis in [-5, 0, 9, 5127, -1_763_001] {
            let mut comment = Comment::default();
            comment.set_vpos_millis(millis);
            assert_eq!(comment.vpos_millis(), millis);
        }
    }

    #[test]
    fn scripts_are_no_speech() {
        let owner = |body: &str| Comment::new(Vpos(0), body).fork(Fork::Owner).is_script();
        assert!(
            owner("/replace(src:'a')") && owner("@逆") && owner("＠逆") && !owner("こんにちは")
        );
        assert!(!Comment::new(Vpos(0), "@逆").is_script());
        let by = |premium: u8| {
            let mut comment = Comment::new(Vpos(0), "/vote start");
            comment.premium = premium;
            comment.is_script()
        };
        assert_eq!(
            [0, 1, 2, 7, 8, 24].map(by),
            [false, false, true, true, false, false]
        );
    }
}
