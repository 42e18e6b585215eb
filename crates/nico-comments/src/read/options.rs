use super::user_key::UserKey;
use crate::Vpos;
use crate::names::named;

/// Options of a reader: what it accepts and leaves out. Made by `default()` and the setters.
///
/// ```
/// use nico_comments::{Comments, ReadOptions};
///
/// let file = "<chat vpos='1' user_id='a'>w</chat><chat vpos='2' deleted='1'/>".as_bytes();
/// let options = ReadOptions::default().drop_deleted(true);
/// assert_eq!(Comments::new(file, options).count(), 1);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReadOptions {
    /// Longest comment accepted, in bytes of its element or object; also the longest XML comment
    /// that is passed over as a whole. `None` accepts any, and then a missing end can cost as much
    /// memory as the file has bytes. Default: 65,536.
    pub max_comment_len: Option<usize>,
    /// Comments of a v1 thread that are kept in memory while its `fork` is still to come (files
    /// with sorted members). Default: 1,000,000.
    pub max_buffered: usize,
    /// How many of the elements around the comments are kept, for
    /// [`Comments::metadata`](crate::Comments::metadata). Default: 0.
    pub max_metadata: usize,
    /// The format that the file has to have; another is an error. Where objects of a JSON file fit
    /// several formats, they are read as this one. Default: any.
    pub format: Option<Format>,
    /// Leaves deleted comments out. Default: no.
    pub drop_deleted: bool,
    /// Leaves comments without text out, deleted ones among them. Default: no.
    pub drop_empty: bool,
    /// Leaves repeats out, as [`Repeats::of_comments`](crate::Repeats::of_comments) does: an answer
    /// of the message server may hold a comment twice. Remembers a hash of every comment. Default:
    /// no.
    pub drop_repeats: bool,
    /// Takes `vpos` from the date instead: unix seconds and microseconds at which the recording
    /// starts. For past logs of broadcasts (`docs/spec/comment-formats.md`, section 1.3). Comments
    /// without a date keep their `vpos`. Default: none.
    pub recording_start: Option<(i64, u32)>,
    /// Is added to every `vpos`; negative to make up for the time it takes to type. Default: 0.
    pub shift: Vpos,
    /// Replaces users that are plain numbers, which is personal data, by keyed hashes; not in
    /// "formatted" files, whose numbers are made up. Default: no.
    pub hash_users: Option<UserKey>,
    /// Reads well-formed XML tags by faster ways than damaged ones. What is read is the same: to
    /// turn this off is for tests of just that. Default: yes.
    #[doc(hidden)]
    pub shortcuts: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            max_comment_len: Some(64 * 1024),
            max_buffered: 1_000_000,
            max_metadata: 0,
            format: None,
            drop_deleted: false,
            drop_empty: false,
            drop_repeats: false,
            recording_start: None,
            shift: Vpos(0),
            hash_users: None,
            shortcuts: true,
        }
    }
}

impl ReadOptions {
    /// Sets [`max_comment_len`](Self::max_comment_len).
    #[must_use]
    pub fn max_comment_len(mut self, bytes: impl Into<Option<usize>>) -> Self {
        self.max_comment_len = bytes.into();
        self
    }

    /// Sets [`max_buffered`](Self::max_buffered).
    #[must_use]
    pub fn max_buffered(mut self, comments: usize) -> Self {
        self.max_buffered = comments;
        self
    }

    /// Sets [`max_metadata`](Self::max_metadata).
    #[must_use]
    pub fn max_metadata(mut self, elements: usize) -> Self {
        self.max_metadata = elements;
        self
    }

    /// Sets [`format`](Self::format).
    #[must_use]
    pub fn format(mut self, format: impl Into<Option<Format>>) -> Self {
        self.format = format.into();
        self
    }

    /// Sets [`drop_deleted`](Self::drop_deleted).
    #[must_use]
    pub fn drop_deleted(mut self, drop: bool) -> Self {
        self.drop_deleted = drop;
        self
    }

    /// Sets [`drop_empty`](Self::drop_empty).
    #[must_use]
    pub fn drop_empty(mut self, drop: bool) -> Self {
        self.drop_empty = drop;
        self
    }

    /// Sets [`drop_repeats`](Self::drop_repeats).
    #[must_use]
    pub fn drop_repeats(mut self, drop: bool) -> Self {
        self.drop_repeats = drop;
        self
    }

    /// Sets [`recording_start`](Self::recording_start).
    #[must_use]
    pub fn recording_start(mut self, unix_seconds: i64, microseconds: u32) -> Self {
        self.recording_start = Some((unix_seconds, microseconds));
        self
    }

    /// Sets [`shift`](Self::shift).
    #[must_use]
    pub fn shift(mut self, by: Vpos) -> Self {
        self.shift = by;
        self
    }

    /// Sets [`hash_users`](Self::hash_users).
    #[must_use]
    pub fn hash_users(mut self, key: impl Into<Option<UserKey>>) -> Self {
        self.hash_users = key.into();
        self
    }

    /// Sets [`shortcuts`](Self::shortcuts).
    #[doc(hidden)]
    #[must_use]
    pub fn shortcuts(mut self, shortcuts: bool) -> Self {
        self.shortcuts = shortcuts;
        self
    }
}

/// Format of a comment file. Displays as a short name: `xml`, `legacy-json`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Format {
    /// Message-server XML: Saccubus, live, past logs of broadcasts (`docs/spec/comment-formats.md`,
    /// section 1).
    Xml,
    /// Message-server JSON, wrapped or flat (`docs/spec/comment-formats.md`, section 2).
    LegacyJson,
    /// Past logs of broadcasts as JSON (`docs/spec/comment-formats.md`, section 1.3).
    JikkyoJson,
    /// v1 threads, in any of the shapes that programs save them in (`docs/spec/comment-formats.md`,
    /// section 3).
    V1Json,
    /// The "formatted" JSON of niconicomments (`docs/spec/comment-formats.md`, section 4).
    FormattedJson,
    /// The owner comment list of the upload editor (`docs/spec/comment-formats.md`, section 4).
    OwnerJson,
    /// Lines of `seconds:commands:text` (`docs/spec/comment-formats.md`, section 4).
    OwnerText,
    /// Bilibili's XML (`docs/spec/comment-formats.md`, section 1.4).
    BilibiliXml,
    /// Subtitles that show comments, in Advanced SubStation Alpha (`docs/spec/comment-formats.md`,
    /// section 7.3).
    Ass,
}

named!(
    Format,
    "format",
    "xml, legacy-json, jikkyo-json, v1-json, formatted-json, owner-json, owner-text, bilibili-xml \
     or ass",
    [
        Xml = "xml",
        LegacyJson = "legacy-json",
        JikkyoJson = "jikkyo-json",
        V1Json = "v1-json",
        FormattedJson = "formatted-json",
        OwnerJson = "owner-json",
        OwnerText = "owner-text",
        BilibiliXml = "bilibili-xml",
        Ass = "ass",
    ]
);

/// Counts of what a reader has met so far; complete when it has ended.
///
/// ```
/// use nico_comments::{Comments, Format, ReadOptions};
///
/// let file = "<packet><chat vpos='1' deleted='1'/><chat>no vpos</chat></packet>".as_bytes();
/// let mut comments = Comments::new(file, ReadOptions::default());
/// comments.by_ref().for_each(drop);
/// let summary = comments.summary();
/// assert_eq!(summary.format, Some(Format::Xml));
/// assert_eq!((summary.comments, summary.deleted, summary.rejected), (1, 1, 1));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The format, once it is known.
    pub format: Option<Format>,
    /// Comments read, also deleted ones and those that the options leave out.
    pub comments: u64,
    /// Of these, the deleted ones.
    pub deleted: u64,
    /// Of these, the owner's.
    pub owner: u64,
    /// Comments that could not be read; one error each.
    pub rejected: u64,
    /// Comments whose text holds U+FFFD, which stands for bytes that could not be decoded and for
    /// halves of surrogate pairs: the file may be in another encoding than it says.
    pub unreadable: u64,
    /// Whether the input ended inside a comment.
    pub ends_early: bool,
    /// Name of the encoding that the file was read in, as the web has it: `UTF-8`, `Shift_JIS`, ….
    /// Empty before anything was read.
    pub encoding: &'static str,
    /// The encoding that the file declares, if that is another one than it is in.
    pub declared_encoding: Option<&'static str>,
}
