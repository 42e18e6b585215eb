use std::{
    fmt,
    io::{self, Write},
};

use super::{ParquetCell, ParquetColumn, ParquetTable, ParquetType};
use crate::{Color, Comment, CommentArt, Kind, Timeline};

const SHOW: ParquetColumn = ParquetColumn::optional("show", ParquetType::Text);

/// The columns that every file of comments has, in their order.
const COLUMNS: [ParquetColumn; 30] = {
    use ParquetType::{Boolean, Int32, Int64, Text, Time};
    [
        ParquetColumn::optional("episode", Text),
        ParquetColumn::new("file", Int32),
        ParquetColumn::new("comment", Int32),
        ParquetColumn::optional("thread", Text),
        ParquetColumn::new("fork", Text),
        ParquetColumn::optional("no", Int64),
        ParquetColumn::optional("id", Text),
        ParquetColumn::new("vpos_ms", Int64),
        ParquetColumn::optional("posted_at", Time),
        ParquetColumn::new("body", Text),
        ParquetColumn::new("commands", Text),
        ParquetColumn::new("position", Text),
        ParquetColumn::new("size", Text),
        ParquetColumn::new("font", Text),
        ParquetColumn::new("color", Text),
        ParquetColumn::optional("user_id", Text),
        ParquetColumn::new("premium", Boolean),
        ParquetColumn::new("premium_code", Int32),
        ParquetColumn::new("anonymous", Boolean),
        ParquetColumn::optional("score", Int64),
        ParquetColumn::optional("nicoru", Int64),
        ParquetColumn::new("deleted", Boolean),
        ParquetColumn::new("deleted_code", Int32),
        ParquetColumn::optional("leaf", Int64),
        ParquetColumn::optional("layer", Int32),
        ParquetColumn::optional("extra", Text),
        ParquetColumn::new("blank", Boolean),
        ParquetColumn::new("script", Boolean),
        ParquetColumn::new("speech", Boolean),
        ParquetColumn::new("comment_art", Boolean),
    ]
};

/// The columns that files of comments have where a timeline says which frame a comment belongs to.
const FRAME_COLUMNS: [ParquetColumn; 2] = [
    ParquetColumn::new("frame", ParquetType::Int32),
    ParquetColumn::new("outside", ParquetType::Boolean),
];

/// Options of a [`ParquetWriter`]: which columns are there. Made by `default()` and the setters.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ParquetOptions {
    /// Has a column `show`. Without it the file belongs into a folder `show=…`, which says the same
    /// to engines. Default: yes.
    pub show: bool,
    /// Frame times of the video that all comments belong to: adds the columns `frame` and
    /// `outside`. Default: none.
    pub timeline: Option<Timeline>,
}

impl Default for ParquetOptions {
    fn default() -> Self {
        Self {
            show: true,
            timeline: None,
        }
    }
}

impl ParquetOptions {
    /// Sets [`show`](Self::show).
    #[must_use]
    pub fn show(mut self, show: bool) -> Self {
        self.show = show;
        self
    }

    /// Sets [`timeline`](Self::timeline).
    #[must_use]
    pub fn timeline(mut self, timeline: impl Into<Option<Timeline>>) -> Self {
        self.timeline = timeline.into();
        self
    }
}

/// Writer of comments as a Parquet file for SQL engines, one at a time, in memory that does not
/// grow with them.
///
/// A row a comment, in typed columns, null where a comment has no value: `docs/sql.md` has them
/// all. What a comment's commands come to stands beside them as columns (`position`, `color`, …),
/// and so do the [kinds](Kind) that SQL cannot tell by itself.
///
/// ```
/// use nico_comments::{Comment, ParquetOptions, ParquetWriter, Vpos};
///
/// let mut writer = ParquetWriter::new(Vec::new(), ParquetOptions::default())?;
/// writer.begin_file(0, Some("sm"), Some("sm9"));
/// writer.write(&Comment::new(Vpos(120), "草").mail("184 red"))?;
/// writer.write(&Comment::new(Vpos(340), "8888").user("a"))?;
/// assert_eq!(writer.num_comments(), 2);
/// std::fs::write(std::env::temp_dir().join("sm9.parquet"), writer.finish()?)?;
/// # std::fs::remove_file(std::env::temp_dir().join("sm9.parquet"))?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct ParquetWriter<W: Write + Send> {
    table: ParquetTable<W>,
    options: ParquetOptions,
    show: Option<String>,
    episode: Option<String>,
    file: i32,
    /// Comments of this file so far.
    comment: i32,
    dates_lost: u64,
    commands: String,
    color: String,
    extra: String,
}

/// Shows the place and not the comments.
impl<W: Write + Send> fmt::Debug for ParquetWriter<W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ParquetWriter")
            .field("table", &self.table)
            .field("file", &self.file)
            .field("comment", &self.comment)
            .finish_non_exhaustive()
    }
}

impl<W: Write + Send> ParquetWriter<W> {
    /// Begins a file of comments. They are of comment file 0, without show and episode, until
    /// [`begin_file`](Self::begin_file) says otherwise.
    ///
    /// # Errors
    ///
    /// If `out` fails.
    pub fn new(out: W, options: ParquetOptions) -> io::Result<Self> {
        let show = options.show.then_some(SHOW);
        let frames = options.timeline.iter().flat_map(|_| FRAME_COLUMNS);
        let columns: Vec<_> = show.into_iter().chain(COLUMNS).chain(frames).collect();
        Ok(Self {
            table: ParquetTable::new(out, "comments", &columns)?,
            options,
            show: None,
            episode: None,
            file: 0,
            comment: 0,
            dates_lost: 0,
            commands: String::new(),
            color: String::new(),
            extra: String::new(),
        })
    }

    /// Says from which comment file the next ones are: its number, and what its video is called.
    pub fn begin_file(&mut self, number: i32, show: Option<&str>, episode: Option<&str>) {
        self.file = number;
        self.show = show.map(str::to_owned);
        self.episode = episode.map(str::to_owned);
        self.comment = 0;
    }

    /// Comments written so far.
    #[must_use]
    pub fn num_comments(&self) -> u64 {
        self.table.num_rows()
    }

    /// Comments whose dates a Parquet file cannot hold, before the year -290,308 or after 294,247;
    /// they have none there.
    #[must_use]
    pub fn dates_lost(&self) -> u64 {
        self.dates_lost
    }

    /// The number that the next comment gets in its comment file.
    #[must_use]
    pub fn next_comment(&self) -> i32 {
        self.comment
    }

    /// Writes a comment.
    ///
    /// # Errors
    ///
    /// If what is written to fails, or a comment file has more than 2,147,483,647 comments.
    pub fn write(&mut self, comment: &Comment) -> io::Result<()> {
        self.write_texts(comment);
        let posted_at = self.posted_at(comment);
        let mail = &comment.mail;
        let mut row = Vec::with_capacity(COLUMNS.len() + 3);
        if self.options.show {
            row.push(self.show.as_deref().into());
        }
        row.extend([
            ParquetCell::from(self.episode.as_deref()),
            self.file.into(),
            self.comment.into(),
            comment.thread.as_deref().into(),
            comment.fork.as_str().into(),
            comment.no.into(),
            comment.id.as_deref().into(),
            comment.vpos_millis().into(),
            posted_at.into(),
            (&*comment.body).into(),
            (&*self.commands).into(),
            mail.position().as_str().into(),
            mail.size().as_str().into(),
            mail.font().as_str().into(),
            (&*self.color).into(),
            comment.user.as_deref().into(),
            comment.is_premium().into(),
            i32::from(comment.premium).into(),
            Kind::Anonymous.has(comment).into(),
            comment.score.into(),
            comment.nicoru.into(),
            comment.is_deleted().into(),
            i32::from(comment.deleted).into(),
            comment.leaf.into(),
            comment.layer.into(),
            (!self.extra.is_empty()).then_some(&*self.extra).into(),
            Kind::Empty.has(comment).into(),
            Kind::Script.has(comment).into(),
            Kind::Speech.has(comment).into(),
            CommentArt::is_art(comment).into(),
        ]);
        if let Some(timeline) = &self.options.timeline {
            // A timeline has 67,108,864 frames at most.
            let frame = i32::try_from(timeline.frame_at(comment.vpos)).unwrap_or(i32::MAX);
            let outside = timeline.frame_within(comment.vpos).is_none();
            row.extend([ParquetCell::from(frame), outside.into()]);
        }
        self.table.push(&row)?;
        self.comment = self.comment.checked_add(1).ok_or_else(|| {
            io::Error::other("a comment file has more comments than 32 bits can number")
        })?;
        Ok(())
    }

    /// Ends the file: without this it is none. A file without comments is one too.
    ///
    /// # Errors
    ///
    /// If what is written to fails.
    pub fn finish(self) -> io::Result<W> {
        self.table.finish()
    }

    /// Microseconds since 1970, where there is a date that such a number can hold.
    fn posted_at(&mut self, comment: &Comment) -> Option<i64> {
        let seconds = comment.date?;
        let micros = i64::from(comment.date_usec.unwrap_or(0));
        let posted_at = (seconds.checked_mul(1_000_000)).and_then(|date| date.checked_add(micros));
        self.dates_lost += u64::from(posted_at.is_none());
        posted_at
    }

    /// The texts that a comment does not hold as they are written.
    fn write_texts(&mut self, comment: &Comment) {
        self.commands.clear();
        for word in comment.mail.words() {
            if !self.commands.is_empty() {
                self.commands.push(' ');
            }
            self.commands.push_str(word);
        }
        let color = comment.mail.color().unwrap_or(Color::WHITE);
        self.color.clear();
        match color.name() {
            Some(name) => self.color.push_str(name),
            None => self.color = color.to_string(),
        }
        self.extra.clear();
        if comment.extra.is_empty() {
            return;
        }
        for (name, value) in &comment.extra {
            self.extra
                .push(if self.extra.is_empty() { '{' } else { ',' });
            let [name, value] = [name, value].map(|text| serde_json::Value::from(&**text));
            self.extra.push_str(&name.to_string());
            self.extra.push(':');
            self.extra.push_str(&value.to_string());
        }
        self.extra.push('}');
    }
}
