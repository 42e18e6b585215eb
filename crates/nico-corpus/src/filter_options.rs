//! Which comments of files are taken and when they appear, as options that are recorded and
//! compared.

use caption_model::LearntPart;
use jp_tokenize::Checksum;
use nico_comments::{
    Comment, DateIn, Filters, Fork, Format, Kind, NgCommands, NgPatterns, NgUsers, NgWords,
    ReadOptions, Repeats, ScoreLimit, Vpos, Without,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{error::Error, reading::Reading};

/// Longest list that is told in full where it changed, in bytes of its JSON form; of a longer one
/// the number of entries and the checksum are.
const MAX_TOLD: usize = 200;

/// Filters of comments, and shifts of their times. The default takes all comments as they are.
///
/// A model's folder keeps them ([`LearntWith::filters`](crate::LearntWith::filters)), lists of users
/// among them.
///
/// ```
/// use nico_comments::{Kind, Vpos};
/// use nico_corpus::{Error, FilterOptions};
///
/// let options = FilterOptions::default()
///     .shift(Vpos(-100))
///     .without([Kind::Deleted])
///     .ng_words(["荒らし"]);
/// let reading = options.reading(None)?;
/// let file = "<chat vpos='150'>草</chat><chat vpos='200'>荒らし</chat>";
/// let mut kept = Vec::new();
/// reading.each(&mut reading.comments(file.as_bytes()), drop, |comment| {
///     kept.push((comment.vpos, comment.body));
///     Ok::<(), Error>(())
/// })?;
/// assert_eq!(kept, [(Vpos(50), "草".to_owned())]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct FilterOptions {
    /// Centiseconds that are added to the position of each comment.
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recording_start: Option<RecordingStart>,
    #[serde(skip_serializing_if = "is_false")]
    drop_repeats: bool,
    /// Names of kinds.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    without: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    forks: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ng_words: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ng_patterns: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ng_users: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ng_commands: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ng_score: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted_from: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    posted_before: Option<i64>,
}

/// When the recording of a broadcast begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordingStart {
    /// At this date, unix seconds; the dates of comments say where they appear.
    Date(i64),
    /// Where comments have this position, centiseconds.
    Position(i64),
}

fn is_false(value: &bool) -> bool {
    !value
}

fn texts(values: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    values.into_iter().map(Into::into).collect()
}

impl FilterOptions {
    /// Moves all comments. Default: not at all.
    #[must_use]
    pub fn shift(mut self, by: impl Into<Option<Vpos>>) -> Self {
        self.shift = by.into().map(|by| by.0);
        self
    }

    /// Sets when the recording of a broadcast begins. Default: where its comments begin to count.
    #[must_use]
    pub fn recording_start(mut self, start: impl Into<Option<RecordingStart>>) -> Self {
        self.recording_start = start.into();
        self
    }

    /// Leaves out comments of a thread and number that came before. Default: false.
    #[must_use]
    pub fn drop_repeats(mut self, drop: bool) -> Self {
        self.drop_repeats = drop;
        self
    }

    /// Leaves out these kinds of comments. Default: none.
    #[must_use]
    pub fn without(mut self, kinds: impl IntoIterator<Item = Kind>) -> Self {
        self.without = texts(kinds.into_iter().map(Kind::as_str));
        self
    }

    /// Takes comments of these forks only. Default: of all.
    #[must_use]
    pub fn forks(mut self, forks: impl IntoIterator<Item = Fork>) -> Self {
        self.forks = forks
            .into_iter()
            .map(|fork| fork.as_str().to_owned())
            .collect();
        self
    }

    /// Leaves out comments with one of these texts: [`NgWords`].
    #[must_use]
    pub fn ng_words(mut self, words: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ng_words = texts(words);
        self
    }

    /// Leaves out comments that one of these regular expressions matches: [`NgPatterns`].
    #[must_use]
    pub fn ng_patterns(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ng_patterns = texts(patterns);
        self
    }

    /// Leaves out the comments of these users: [`NgUsers`].
    #[must_use]
    pub fn ng_users(mut self, users: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ng_users = texts(users);
        self
    }

    /// Leaves out comments with one of these commands: [`NgCommands`].
    #[must_use]
    pub fn ng_commands(mut self, commands: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.ng_commands = texts(commands);
        self
    }

    /// Leaves out comments whose NG score is at or below this limit. Default: none.
    #[must_use]
    pub fn ng_score(mut self, limit: impl Into<Option<ScoreLimit>>) -> Self {
        self.ng_score = limit.into().map(|limit| limit.0);
        self
    }

    /// Takes what was posted from this unix second on. Default: whenever.
    #[must_use]
    pub fn posted_from(mut self, second: impl Into<Option<i64>>) -> Self {
        self.posted_from = second.into();
        self
    }

    /// Takes what was posted before this unix second. Default: whenever.
    #[must_use]
    pub fn posted_before(mut self, second: impl Into<Option<i64>>) -> Self {
        self.posted_before = second.into();
        self
    }

    /// How comment files are read with these options, from now on; `format` is what files have to
    /// be, where it is known. Repeats are known within one reading: take a new one for each video.
    ///
    /// # Errors
    ///
    /// Fails if a regular expression is malformed or too long, or a recorded kind of comment is
    /// unknown.
    pub fn reading(&self, format: Option<Format>) -> Result<Reading, Error> {
        let mut shift = Vpos(self.shift.unwrap_or(0));
        let mut options = ReadOptions::default().format(format);
        match self.recording_start {
            Some(RecordingStart::Date(seconds)) => options = options.recording_start(seconds, 0),
            Some(RecordingStart::Position(begins)) => shift = shift - Vpos(begins),
            None => {}
        }
        let mut filters = Filters::new();
        if self.drop_repeats {
            filters = filters.with("repeats", Repeats::of_comments());
        }
        for name in &self.without {
            filters = filters.with(name, Without(name.parse::<Kind>()?));
        }
        if !self.forks.is_empty() {
            let forks: Vec<_> = self.forks.iter().map(|name| Fork::parse(name)).collect();
            let is_one = move |comment: &Comment| forks.contains(&comment.fork);
            filters = filters.with("other forks", is_one);
        }
        if !self.ng_words.is_empty() {
            filters = filters.with("NG words", NgWords::new(&self.ng_words));
        }
        if !self.ng_patterns.is_empty() {
            filters = filters.with("NG patterns", NgPatterns::new(&self.ng_patterns)?);
        }
        if !self.ng_users.is_empty() {
            filters = filters.with("NG users", NgUsers::new(&self.ng_users));
        }
        if !self.ng_commands.is_empty() {
            filters = filters.with("NG commands", NgCommands::new(&self.ng_commands));
        }
        if let Some(limit) = self.ng_score {
            filters = filters.with("NG score", ScoreLimit(limit));
        }
        if let Some(from) = self.posted_from {
            filters = filters.with("posted before", DateIn(from..));
        }
        if let Some(before) = self.posted_before {
            filters = filters.with("posted later", DateIn(..before));
        }
        Ok(Reading::new(options.shift(shift), filters))
    }

    /// Those that were given, part by part, for a trainer to compare when training goes on.
    #[must_use]
    pub fn parts(&self) -> Vec<LearntPart> {
        let Ok(Value::Object(given)) = serde_json::to_value(self) else {
            return Vec::new(); // a structure always has fields
        };
        given
            .iter()
            .map(|(name, value)| part(name, value))
            .collect()
    }

    /// Whether comments appear at the times that `other` gives them.
    #[must_use]
    pub fn has_times_of(&self, other: &Self) -> bool {
        let times = |it: &Self| (it.shift.unwrap_or(0), it.recording_start);
        times(self) == times(other)
    }

    /// Whether nothing is said of when comments appear.
    #[must_use]
    pub fn has_no_times(&self) -> bool {
        self.shift.is_none() && self.recording_start.is_none()
    }

    /// These, with the times of `other`.
    #[must_use]
    pub fn with_times_of(mut self, other: &Self) -> Self {
        (self.shift, self.recording_start) = (other.shift, other.recording_start);
        self
    }

    /// These filters where any is given, else those of `other`; times stay.
    #[must_use]
    pub fn or_filters_of(self, other: &Self) -> Self {
        let none = Self::default().with_times_of(&self);
        if self == none {
            other.clone().with_times_of(&self)
        } else {
            self
        }
    }
}

/// "the filter ng_words": its values, or where they are many their number and checksum.
fn part(name: &str, value: &Value) -> LearntPart {
    let text = value.to_string();
    let what = match name {
        "shift" => "the shift of times in centiseconds".to_owned(),
        "recording_start" => "the start of the recording".to_owned(),
        filter => format!("the filter {filter}"),
    };
    match value.as_array() {
        Some(entries) if text.len() > MAX_TOLD => {
            let entries = format!("{} entries", entries.len());
            LearntPart::file(what, entries, Checksum::of(text.as_bytes()).to_string())
        }
        _ => LearntPart::choice(what, text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(options: &FilterOptions, file: &str) -> (Vec<(i64, String)>, String) {
        let reading = options.reading(None).unwrap();
        let mut kept = Vec::new();
        let each = |comment: Comment| {
            kept.push((comment.vpos.0, comment.body));
            Ok::<(), Error>(())
        };
        reading
            .each(&mut reading.comments(file.as_bytes()), drop, each)
            .unwrap();
        (kept, reading.filters().to_string())
    }

    fn all() -> FilterOptions {
        FilterOptions::default()
            .shift(Vpos(-100))
            .recording_start(RecordingStart::Position(1000))
            .drop_repeats(true)
            .without([Kind::Deleted, Kind::CommentArt])
            .forks([Fork::Main])
            .ng_words(["荒らし"])
            .ng_patterns(["^8+$"])
            .ng_users(["u1"])
            .ng_commands(["device:3DS"])
            .ng_score(ScoreLimit::MEDIUM)
            .posted_from(100)
            .posted_before(200)
    }

    /// One comment for each filter, and one that all of them keep.
    #[test]
    fn each_filter_takes_its_comment_away_and_counts_it() {
        let file = "\
            <chat thread='1' no='1' vpos='1500' date='150' user_id='a'>草</chat>\
            <chat thread='1' no='1' vpos='1500' date='150' user_id='a'>草</chat>\
            <chat thread='1' no='2' vpos='1500' date='150' deleted='1'/>\
            <chat thread='1' no='3' vpos='1500' date='150' fork='1'>投稿者</chat>\
            <chat thread='1' no='4' vpos='1500' user_id='a' date='150'>荒らしだ</chat>\
            <chat thread='1' no='5' vpos='1500' user_id='a' date='150'>8888</chat>\
            <chat thread='1' no='6' vpos='1500' date='150' user_id='u1'>w</chat>\
            <chat thread='1' no='7' vpos='1500' user_id='a' date='150' mail='device:3DS'>w</chat>\
            <chat thread='1' no='8' vpos='1500' user_id='a' date='150' score='-4800'>w</chat>\
            <chat thread='1' no='9' vpos='1500' user_id='a' date='99'>w</chat>\
            <chat thread='1' no='10' vpos='1500' user_id='a' date='200'>w</chat>";
        let (comments, told) = kept(&all(), file);
        assert_eq!(comments, [(400, "草".to_owned())]);
        assert_eq!(
            told,
            "1 of 11 comments kept; taken away: repeats 1, deleted 1, art 0, other forks 1, \
             NG words 1, NG patterns 1, NG users 1, NG commands 1, NG score 1, posted before 1, \
             posted later 1"
        );
        assert_eq!(kept(&FilterOptions::default(), file).0.len(), 11);
    }

    /// What a folder keeps is what was given; one that has no record filters nothing.
    #[test]
    fn the_record_holds_what_was_given() {
        let text = serde_json::to_string(&all()).unwrap();
        assert_eq!(serde_json::from_str::<FilterOptions>(&text).unwrap(), all());
        assert_eq!(
            serde_json::to_string(&FilterOptions::default()).unwrap(),
            "{}"
        );
        let unknown: FilterOptions = serde_json::from_str(r#"{"without":["loud"]}"#).unwrap();
        let error = unknown.reading(None).unwrap_err().to_string();
        assert!(error.contains("\"loud\" is no kind of comment"), "{error}");
    }

    #[test]
    fn parts_name_what_was_given_and_long_lists_by_their_number() {
        assert_eq!(FilterOptions::default().parts(), []);
        assert_eq!(all().parts().len(), 12);
        let words = |words: &[String]| FilterOptions::default().ng_words(words).parts().remove(0);
        let few = words(&["w".into(), "草".into()]);
        assert_eq!(
            (few.what.as_str(), few.to_string().as_str()),
            ("the filter ng_words", r#"["w","草"]"#)
        );
        let many: Vec<String> = (0..99).map(|number| format!("語{number}")).collect();
        assert!(words(&many).to_string().starts_with("99 entries ("));
        assert!(!words(&many).is_same(&words(&many[1..])));
    }

    #[test]
    fn times_and_filters_are_taken_over_apart() {
        let learnt = all();
        let asked = FilterOptions::default().shift(Vpos(7));
        let used = asked.clone().or_filters_of(&learnt);
        assert_eq!(used, learnt.clone().shift(Vpos(7)).recording_start(None));
        let own = FilterOptions::default().ng_words(["w"]);
        assert_eq!(own.clone().or_filters_of(&learnt), own);
        assert!(own.has_no_times() && own.with_times_of(&learnt).has_times_of(&learnt));
    }
}
