use std::{collections::BTreeMap, fs, io, path::Path};

use caption_model::LearntPart;
use frame_features::{EncoderId, FeatureStore};
use jp_tokenize::TokenizerIdentity;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    corpus::CorpusOptions, error::Error, file_id::FileId, files::write_json,
    filter_options::FilterOptions, parts::SplitBy, split::SplitRule, times::TimeFit,
};

/// The name of the file.
const NAME: &str = "learnt-with.json";
/// What folders of earlier versions have instead.
const EARLIER: &str = "split.json";

/// What a model learnt with: `learnt-with.json` of its folder.
///
/// Whoever measures the model, or writes with it, uses the same words, the same stretching of times
/// and the same split again, and refuses what is another one. Folders of earlier versions do not
/// say all of it: what is not known is `None`, and [`unknown`](Self::unknown) names it.
///
/// ```
/// use nico_corpus::{CorpusOptions, LearntVideo, LearntWith, TimeFit};
///
/// # let folder = tempfile::tempdir().expect("a folder");
/// # let model = folder.path();
/// let video = LearntVideo::new("cafe.mp4", "0123456789ab");
/// let record = LearntWith::new(&CorpusOptions::default().seed(7))
///     .fit(TimeFit::LastComment)
///     .videos(vec![video]);
/// record.write(model)?;
/// let read = LearntWith::read(model)?.expect("it was written");
/// assert_eq!(read, record);
/// assert_eq!(read.unknown(), ["the words", "the encoder"]);
/// # Ok::<(), nico_corpus::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LearntWith {
    /// How comments were divided into those learnt from and those measured on.
    pub split: SplitBy,
    /// What the split was drawn with.
    pub seed: u64,
    /// Words after which comments were cut.
    pub max_words: usize,
    /// Most words of the vocabulary.
    #[serde(default)]
    pub vocabulary: Option<usize>,
    /// How often a word had to be said to be in the vocabulary.
    #[serde(default)]
    pub min_count: Option<u64>,
    /// Number of ids of the vocabulary, if its words are [pieces](jp_tokenize::Pieces): then there
    /// is no dictionary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<usize>,
    /// How times of comments were stretched.
    #[serde(default)]
    pub fit: Option<TimeFit>,
    /// Dictionary, user lexicon and normalization by which texts became words.
    #[serde(default)]
    pub words: Option<TokenizerIdentity>,
    /// Encoder of the features learnt from. Where its last blocks were trained along, the model
    /// itself reads another one.
    #[serde(default)]
    pub encoder: Option<EncoderId>,
    /// Which comments were taken, and how their times were shifted. Folders of earlier versions
    /// have taken all as they were.
    #[serde(default)]
    pub filters: FilterOptions,
    /// Other choices that decided what was learnt from, by their names.
    #[serde(default)]
    pub choices: BTreeMap<String, String>,
    /// The videos, in the order in which they were given.
    pub videos: Vec<LearntVideo>,
}

/// A video that a model learnt from or was measured on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LearntVideo {
    /// Where it lay. Only for people.
    #[serde(default)]
    pub name: String,
    /// SHA-256 of the file.
    pub sha256: String,
    /// Whether all of it was held out: [`SplitBy::Videos`]. Nothing where that is not known.
    #[serde(default)]
    pub held_out: Option<bool>,
    /// The files of its comments.
    #[serde(default)]
    pub comments: Vec<FileId>,
    /// How many comments each filter took away.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub taken_away: BTreeMap<String, u64>,
}

/// `split.json` of earlier versions.
#[derive(Deserialize)]
struct EarlierRecord {
    split: SplitBy,
    seed: u64,
    cut: usize,
    videos: Vec<String>,
}

impl From<EarlierRecord> for LearntWith {
    fn from(record: EarlierRecord) -> Self {
        let options = CorpusOptions::default()
            .split(record.split)
            .seed(record.seed)
            .max_words(record.cut);
        let videos = record.videos.into_iter();
        let within = record.split != SplitBy::Videos;
        Self {
            vocabulary: None,
            min_count: None,
            videos: videos
                .map(|sha256| LearntVideo {
                    held_out: within.then_some(false),
                    ..LearntVideo::new("", sha256)
                })
                .collect(),
            ..Self::new(&options)
        }
    }
}

impl LearntWith {
    /// A record of a corpus with these options, of which nothing else is known yet.
    #[must_use]
    pub fn new(options: &CorpusOptions) -> Self {
        Self {
            split: options.split,
            seed: options.seed,
            max_words: options.max_words,
            vocabulary: Some(options.vocabulary),
            min_count: Some(options.min_count),
            pieces: None,
            fit: None,
            words: None,
            encoder: None,
            filters: FilterOptions::default(),
            choices: BTreeMap::new(),
            videos: Vec::new(),
        }
    }

    /// Sets [`fit`](Self::fit).
    #[must_use]
    pub fn fit(mut self, fit: TimeFit) -> Self {
        self.fit = Some(fit);
        self
    }

    /// Sets [`words`](Self::words).
    #[must_use]
    pub fn words(mut self, words: TokenizerIdentity) -> Self {
        self.words = Some(words);
        self
    }

    /// Sets [`pieces`](Self::pieces): size and least count of a vocabulary of words say nothing
    /// then.
    #[must_use]
    pub fn pieces(mut self, ids: usize) -> Self {
        (self.vocabulary, self.min_count) = (None, None);
        self.pieces = Some(ids);
        self
    }

    /// Says that the vocabulary is not the comments' own, but that of the model that training began
    /// with.
    #[must_use]
    pub fn vocabulary_given(mut self) -> Self {
        (self.vocabulary, self.min_count) = (None, None);
        let given = "of the model begun with".to_owned();
        self.choices.insert("the vocabulary".to_owned(), given);
        self
    }

    /// Sets [`encoder`](Self::encoder).
    #[must_use]
    pub fn encoder(mut self, encoder: EncoderId) -> Self {
        self.encoder = Some(encoder);
        self
    }

    /// Sets [`filters`](Self::filters).
    #[must_use]
    pub fn filters(mut self, filters: FilterOptions) -> Self {
        self.filters = filters;
        self
    }

    /// Sets [`choices`](Self::choices).
    #[must_use]
    pub fn choices(mut self, choices: BTreeMap<String, String>) -> Self {
        self.choices = choices;
        self
    }

    /// Sets [`videos`](Self::videos).
    #[must_use]
    pub fn videos(mut self, videos: Vec<LearntVideo>) -> Self {
        self.videos = videos;
        self
    }

    /// The rule by which the frames of each video were split; nothing where whole videos were held
    /// out.
    #[must_use]
    pub fn rule(&self) -> Option<SplitRule> {
        match self.split {
            SplitBy::Within(rule) => Some(rule),
            SplitBy::Videos => None,
        }
    }

    /// The video of a store, if the model has seen it.
    #[must_use]
    pub fn video(&self, store: &FeatureStore) -> Option<&LearntVideo> {
        let sha256 = &store.info().plan.video.sha256;
        self.videos.iter().find(|video| video.sha256 == *sha256)
    }

    /// What the folder does not say, for people: the folder of an earlier version.
    #[must_use]
    pub fn unknown(&self) -> Vec<&'static str> {
        [
            ("the words", self.words.is_none() && self.pieces.is_none()),
            ("the stretching of times", self.fit.is_none()),
            ("the encoder", self.encoder.is_none()),
        ]
        .into_iter()
        .filter_map(|(what, unknown)| unknown.then_some(what))
        .collect()
    }

    /// All of it part by part, for a trainer to compare when training goes on. The encoder is not
    /// among them: trainers know it from the features.
    #[must_use]
    pub fn parts(&self) -> Vec<LearntPart> {
        let mut parts = vec![
            LearntPart::choice("the split", self.split),
            LearntPart::choice("the seed of the split", self.seed),
            LearntPart::choice("the words after which comments are cut", self.max_words),
        ];
        if let Some(most) = self.vocabulary {
            parts.push(LearntPart::choice("the size of the vocabulary", most));
        }
        if let Some(least) = self.min_count {
            parts.push(LearntPart::choice("the least count of a word", least));
        }
        if let Some(ids) = self.pieces {
            parts.push(LearntPart::choice("the number of pieces", ids));
        }
        if let Some(fit) = self.fit {
            parts.push(LearntPart::choice("the stretching of times", fit));
        }
        if let Some(words) = &self.words {
            let (dictionary, lexicon) = (&words.dictionary, &words.user_lexicon);
            let sha256 = dictionary.sha256.to_string();
            parts.push(LearntPart::file("the dictionary", &dictionary.name, sha256));
            let entries = format!("{} words", lexicon.entries().len());
            let sha256 = lexicon.sha256().to_string();
            parts.push(LearntPart::file("the user lexicon", entries, sha256));
            let normalizer = serde_json::to_string(&words.normalizer).unwrap_or_default();
            parts.push(LearntPart::choice("the normalization", normalizer));
        }
        parts.extend(self.filters.parts());
        let choices = self.choices.iter();
        parts.extend(choices.map(|(name, value)| LearntPart::choice(name.as_str(), value)));
        for (video, number) in self.videos.iter().zip(1..) {
            parts.extend(video.parts(number));
        }
        parts
    }

    /// Writes it into a model folder, whole or not at all.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be written.
    pub fn write(&self, model: impl AsRef<Path>) -> Result<(), Error> {
        write_json(&model.as_ref().join(NAME), self)
    }

    /// Reads it from a model folder, also from one of an earlier version. A model that was trained
    /// without a corpus has none.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if it cannot be read or does not hold a record.
    pub fn read(model: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let model = model.as_ref();
        if let Some(record) = read_json(&model.join(NAME))? {
            return Ok(Some(record));
        }
        let earlier: Option<EarlierRecord> = read_json(&model.join(EARLIER))?;
        Ok(earlier.map(Self::from))
    }
}

impl LearntVideo {
    /// A video by its name and its SHA-256.
    #[must_use]
    pub fn new(name: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            sha256: sha256.into(),
            held_out: None,
            comments: Vec::new(),
            taken_away: BTreeMap::new(),
        }
    }

    /// The video that a store's features are of.
    #[must_use]
    pub fn of_store(store: &FeatureStore) -> Self {
        let video = &store.info().plan.video;
        Self::new(video.path.display().to_string(), &video.sha256)
    }

    /// Sets [`held_out`](Self::held_out).
    #[must_use]
    pub fn held_out(mut self, held_out: bool) -> Self {
        self.held_out = Some(held_out);
        self
    }

    /// Sets [`comments`](Self::comments).
    #[must_use]
    pub fn comments(mut self, files: Vec<FileId>) -> Self {
        self.comments = files;
        self
    }

    /// Sets [`taken_away`](Self::taken_away).
    #[must_use]
    pub fn taken_away(mut self, counts: BTreeMap<String, u64>) -> Self {
        self.taken_away = counts;
        self
    }

    fn parts(&self, number: usize) -> Vec<LearntPart> {
        let mut parts = vec![LearntPart::file(
            format!("video {number}"),
            &self.name,
            &self.sha256,
        )];
        if let Some(held_out) = self.held_out {
            let what = format!("whether video {number} is held out");
            parts.push(LearntPart::choice(what, held_out));
        }
        let several = self.comments.len() > 1;
        for (file, position) in self.comments.iter().zip(1..) {
            let what = if several {
                format!("file {position} of the comments of video {number}")
            } else {
                format!("the comments of video {number}")
            };
            parts.push(LearntPart::file(what, &file.name, &file.sha256));
        }
        parts
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>, Error> {
    match fs::read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Error::io(path)(error)),
        Ok(text) => serde_json::from_slice(&text).map_err(Error::json(path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What folders of the version before hold.
    #[test]
    fn earlier_folders_are_read_and_what_they_do_not_say_is_unknown() {
        let model = tempfile::tempdir().unwrap();
        assert_eq!(LearntWith::read(model.path()).unwrap(), None);
        let earlier = r#"{"split":"seconds","seed":3,"cut":12,"videos":["ab12"]}"#;
        fs::write(model.path().join("split.json"), earlier).unwrap();
        let record = LearntWith::read(model.path()).unwrap().unwrap();
        assert_eq!(record.rule(), Some(SplitRule::Seconds));
        assert_eq!((record.seed, record.max_words), (3, 12));
        assert_eq!((record.vocabulary, record.min_count), (None, None));
        assert_eq!(
            record.videos,
            [LearntVideo::new("", "ab12").held_out(false)]
        );
        assert_eq!(record.unknown().len(), 3);
        assert_eq!(record.filters, FilterOptions::default());

        let whole = r#"{"split":"videos","seed":3,"cut":12,"videos":["ab12"]}"#;
        fs::write(model.path().join("split.json"), whole).unwrap();
        let record = LearntWith::read(model.path()).unwrap().unwrap();
        assert_eq!((record.rule(), record.videos[0].held_out), (None, None));

        fs::write(model.path().join("split.json"), r#"{"split":"dice"}"#).unwrap();
        let error = LearntWith::read(model.path()).unwrap_err().to_string();
        assert!(error.contains("split.json"), "{error}");
    }

    fn record() -> LearntWith {
        let comments = ["one.xml", "two.xml"].map(|name| FileId::new(name, name.len().to_string()));
        LearntWith::new(&CorpusOptions::default())
            .fit(TimeFit::Length(1440.5))
            .filters(FilterOptions::default().ng_words(["w"]))
            .choices([("the vocabulary".to_owned(), "given".to_owned())].into())
            .videos(vec![
                LearntVideo::new("cafe.mp4", "ab12")
                    .held_out(false)
                    .comments(comments.to_vec()),
            ])
    }

    #[test]
    fn the_file_holds_the_record() {
        let model = tempfile::tempdir().unwrap();
        record().write(model.path()).unwrap();
        assert_eq!(LearntWith::read(model.path()).unwrap(), Some(record()));
    }

    /// Whatever decides what is learnt is among the parts; where files lie is not.
    #[test]
    fn parts_differ_where_what_is_learnt_does() {
        let same = |one: &LearntWith, other: &LearntWith| {
            let (one, other) = (one.parts(), other.parts());
            one.len() == other.len() && one.iter().zip(&other).all(|(a, b)| a.is_same(b))
        };
        let change = |change: fn(&mut LearntWith)| {
            let mut changed = record();
            change(&mut changed);
            changed
        };
        let changes: [fn(&mut LearntWith); 13] = [
            |it| it.split = SplitBy::Videos,
            |it| it.seed = 9,
            |it| it.max_words = 9,
            |it| it.vocabulary = Some(9),
            |it| it.min_count = Some(9),
            |it| it.pieces = Some(9),
            |it| it.fit = Some(TimeFit::LastComment),
            |it| it.filters = FilterOptions::default(),
            |it| it.filters = it.filters.clone().shift(nico_comments::Vpos(5)),
            |it| it.choices.clear(),
            |it| it.videos[0].sha256.push('3'),
            |it| it.videos[0].held_out = Some(true),
            |it| it.videos[0].comments[1].sha256.push('3'),
        ];
        for changed in changes.map(change) {
            assert!(!same(&record(), &changed), "{changed:?}");
        }
        let moved = change(|it| {
            it.videos[0].name = "elsewhere/cafe.mp4".into();
            it.videos[0].comments[0].name = "elsewhere/one.xml".into();
        });
        assert!(same(&record(), &moved));
    }
}
