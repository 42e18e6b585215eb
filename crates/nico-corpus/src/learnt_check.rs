//! What is used with a model has to be what it learnt with.

use std::path::PathBuf;

use frame_features::VideoSource;
use jp_tokenize::{Dictionary, Tokenizer};

use crate::{
    error::Error,
    file_id::FileId,
    filter_options::FilterOptions,
    learnt_with::{LearntVideo, LearntWith},
    times::TimeFit,
};

/// Two things of a model's data that are the same, by contents, though one is to be learnt from and
/// the other to be measured on.
///
/// ```
/// use nico_corpus::{CorpusOptions, LearntVideo, LearntWith};
///
/// let videos = vec![
///     LearntVideo::new("cafe.mp4", "0123456789ab").held_out(false),
///     LearntVideo::new("copy.mp4", "0123456789ab").held_out(true),
/// ];
/// let same = LearntWith::new(&CorpusOptions::default()).videos(videos).on_both_sides();
/// assert_eq!(same[0].to_string(), "the videos cafe.mp4, learnt from, and copy.mp4, held out");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BothSides {
    /// What they are: "videos", "comments".
    pub what: &'static str,
    /// Name of the one learnt from.
    pub learnt: String,
    /// Name of the one held out.
    pub held_out: String,
}

impl std::fmt::Display for BothSides {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            what,
            learnt,
            held_out,
        } = self;
        write!(
            f,
            "the {what} {learnt}, learnt from, and {held_out}, held out"
        )
    }
}

impl LearntWith {
    /// The tokenizer by which the texts that were learnt from became words: of this dictionary and
    /// the model's own user lexicon. A model that does not say its words gets the dictionary as it
    /// is.
    ///
    /// # Errors
    ///
    /// Fails if the dictionary is not the one that the model learnt with.
    pub fn tokenizer(&self, dictionary: Dictionary) -> Result<Tokenizer, Error> {
        let lexicon = self.words.as_ref().map(|words| words.user_lexicon.to_csv());
        let dictionary = match lexicon {
            Some(csv) if !csv.is_empty() => dictionary.with_user_lexicon(&csv)?,
            _ => dictionary,
        };
        let tokenizer = Tokenizer::new(dictionary)?;
        self.check_words(&tokenizer)?;
        Ok(tokenizer)
    }

    /// Refuses a tokenizer that does not split texts as those that were learnt from were split. A
    /// model that does not say its words takes any.
    ///
    /// # Errors
    ///
    /// Fails, naming what differs, if it does not.
    pub fn check_words(&self, tokenizer: &Tokenizer) -> Result<(), Error> {
        let learnt = self.words.as_ref();
        match learnt.and_then(|learnt| tokenizer.identity().difference(learnt)) {
            None => Ok(()),
            Some(difference) => Err(Error::OtherWords(difference)),
        }
    }

    /// What a model does not say that it learnt with, in a line; nothing where its folder says all.
    #[must_use]
    pub fn gaps(record: Option<&Self>) -> Option<String> {
        let unknown = match record {
            Some(record) => record.unknown(),
            None => vec!["the split", "the words", "the stretching of times"],
        };
        let gaps = unknown.join(", ");
        (!gaps.is_empty()).then(|| {
            format!("the folder, of an earlier version, does not keep all that the model learnt with; as it is told here, or by default: {gaps}")
        })
    }

    /// How times of a video's comments are stretched: as they were when the model learnt from it; as
    /// asked for, or not at all, where it did not learn from it or does not say.
    ///
    /// # Errors
    ///
    /// Fails if it learnt from this video with times that were stretched otherwise than is asked
    /// for.
    pub fn fit_of(&self, video: &VideoSource, asked: Option<TimeFit>) -> Result<TimeFit, Error> {
        let is_this = |learnt: &LearntVideo| learnt.sha256 == video.sha256;
        let learnt = self.fit.filter(|_| self.videos.iter().any(is_this));
        match (learnt, asked) {
            (Some(learnt), Some(asked)) if learnt != asked => {
                Err(Error::OtherFit { learnt, asked })
            }
            (Some(fit), _) | (None, Some(fit)) => Ok(fit),
            (None, None) => Ok(TimeFit::Unchanged),
        }
    }

    /// Which comments of a video are taken, and how their times are shifted: as the model learnt;
    /// filters that are asked for take the place of the model's. Times of a video that it did not
    /// learn from are as asked for.
    ///
    /// # Errors
    ///
    /// Fails if it learnt from this video with times that were shifted otherwise than is asked for.
    pub fn filters_of(
        &self,
        video: &VideoSource,
        asked: &FilterOptions,
    ) -> Result<FilterOptions, Error> {
        let used = asked.clone().or_filters_of(&self.filters);
        let has_learnt = self.videos.iter().any(|it| it.sha256 == video.sha256);
        match has_learnt {
            false => Ok(used),
            true if asked.has_no_times() => Ok(used.with_times_of(&self.filters)),
            true if asked.has_times_of(&self.filters) => Ok(used),
            true => {
                let times = |of: &FilterOptions| {
                    let times = FilterOptions::default().with_times_of(of).parts();
                    let told = times.iter().map(|part| format!("{} {part}", part.what));
                    match told.collect::<Vec<_>>().join(", ") {
                        none if none.is_empty() => "times as they are".to_owned(),
                        told => told,
                    }
                };
                Err(Error::OtherTimes {
                    learnt: times(&self.filters),
                    asked: times(asked),
                })
            }
        }
    }

    /// Videos and files of comments that are both learnt from and held out, where whole videos are
    /// held out: what is measured on them says nothing.
    #[must_use]
    pub fn on_both_sides(&self) -> Vec<BothSides> {
        let side = |held_out| {
            let videos = self.videos.iter();
            videos.filter(move |video| video.held_out == Some(held_out))
        };
        let mut found = Vec::new();
        for learnt in side(false) {
            for held_out in side(true) {
                found.extend(shared(learnt, held_out));
            }
        }
        found
    }

    /// What of a video of which all is to be measured on was learnt from: it, or one of its files of
    /// comments.
    #[must_use]
    pub fn has_learnt(&self, held_out: &LearntVideo) -> Vec<BothSides> {
        let learnt = self.videos.iter();
        let learnt = learnt.filter(|video| video.held_out != Some(true));
        learnt.flat_map(|video| shared(video, held_out)).collect()
    }

    /// How many videos were learnt from: those that were not held out whole.
    #[must_use]
    pub fn num_learnt(&self) -> usize {
        let learnt = self.videos.iter();
        learnt.filter(|video| video.held_out != Some(true)).count()
    }

    /// Whether a video's comments are other files, by contents and in whatever order, than those
    /// that were read for it when the model learnt. No where the folder does not say.
    ///
    /// # Errors
    ///
    /// Fails, naming the file, if one cannot be read.
    pub fn has_other_comments(
        &self,
        video: &VideoSource,
        comments: &[PathBuf],
    ) -> Result<bool, Error> {
        let mut videos = self.videos.iter();
        let learnt = videos.find(|learnt| learnt.sha256 == video.sha256);
        let read: &[FileId] = learnt.map_or(&[], |learnt| &learnt.comments);
        if read.is_empty() {
            return Ok(false);
        }
        Ok(checksums(read) != checksums(&ids(comments)?))
    }

    /// Names of the files of comments that stand more than once on one side, each pair with the same
    /// contents.
    #[must_use]
    pub fn repeated_comments(&self) -> Vec<(String, String)> {
        let files = self.videos.iter().flat_map(|video| {
            let files = video.comments.iter();
            files.map(|file| (video.held_out == Some(true), file))
        });
        let mut earlier: Vec<(bool, &FileId)> = Vec::new();
        let mut found = Vec::new();
        for (held_out, file) in files {
            let is_same = |(side, other): &&(bool, &FileId)| *side == held_out && *other == file;
            if let Some((_, same)) = earlier.iter().find(is_same) {
                found.push((same.name.clone(), file.name.clone()));
            }
            earlier.push((held_out, file));
        }
        found
    }
}

/// What of a video that is to be held out whole was learnt from: the video or its `comments`, by the
/// model's record, and files that are also among those of `learnt_from`.
///
/// # Errors
///
/// Fails, naming the file, if one cannot be read.
pub fn learnt_and_held_out(
    record: Option<&LearntWith>,
    video: LearntVideo,
    comments: &[PathBuf],
    learnt_from: &[PathBuf],
) -> Result<Vec<BothSides>, Error> {
    let held_out = video.comments(ids(comments)?);
    let mut same = record.map_or(Vec::new(), |record| record.has_learnt(&held_out));
    let others = LearntVideo::new("", "").comments(ids(learnt_from)?);
    let told = same.len();
    for file in shared(&others, &held_out) {
        if same[..told].iter().all(|one| one.held_out != file.held_out) {
            same.push(file);
        }
    }
    Ok(same)
}

fn ids(paths: &[PathBuf]) -> Result<Vec<FileId>, Error> {
    paths.iter().map(FileId::read).collect()
}

/// The checksums of files, whose order does not count.
fn checksums(files: &[FileId]) -> Vec<&str> {
    let mut checksums: Vec<&str> = files.iter().map(|file| &*file.sha256).collect();
    checksums.sort_unstable();
    checksums
}

fn shared(learnt: &LearntVideo, held_out: &LearntVideo) -> Vec<BothSides> {
    let pair = |what, learnt: &str, held_out: &str| BothSides {
        what,
        learnt: learnt.to_owned(),
        held_out: held_out.to_owned(),
    };
    let mut found = Vec::new();
    if learnt.sha256 == held_out.sha256 {
        found.push(pair("videos", &learnt.name, &held_out.name));
    }
    for one in &learnt.comments {
        let same = held_out
            .comments
            .iter()
            .filter(|other| other.sha256 == one.sha256);
        found.extend(same.map(|other| pair("comments", &one.name, &other.name)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::corpus::CorpusOptions;
    use nico_comments::Vpos;

    fn dictionary(word: &str) -> Dictionary {
        let csv = format!("{word},0,0,10,名詞,一般\n");
        let (char, unk) = (
            "DEFAULT 0 1 0\nSPACE 0 1 0\n0x0020 SPACE\n",
            "DEFAULT,0,0,100,記号,一般\nSPACE,0,0,100,記号,空白\n",
        );
        Dictionary::from_sources(&csv, "1 1\n0 0 0\n", char, unk).unwrap()
    }

    fn record() -> LearntWith {
        LearntWith::new(&CorpusOptions::default())
    }

    /// The lexicon is the model's: nobody has to name its file again.
    #[test]
    fn a_models_words_are_used_again_and_others_refused() {
        let lexicon = "大草原,0,0,10,名詞,一般\n";
        let learnt = dictionary("草").with_user_lexicon(lexicon).unwrap();
        let learnt = Tokenizer::new(learnt).unwrap();
        let record = record().words(learnt.identity().clone());
        let again = record.tokenizer(dictionary("草")).unwrap();
        let mut worker = again.worker();
        let words: Vec<&str> = worker
            .tokenize("草大草原")
            .map(|token| token.surface)
            .collect();
        assert_eq!(words, ["草", "大草原"]);

        let plain = Tokenizer::new(dictionary("草")).unwrap();
        let error = record.check_words(&plain).unwrap_err().to_string();
        assert!(
            error.contains("no user lexicon, expected one of 1 word"),
            "{error}"
        );
        let error = record.tokenizer(dictionary("木")).unwrap_err().to_string();
        assert!(error.contains("the dictionary"), "{error}");
    }

    /// Another shift would put comments beside the frames that they were learnt with.
    #[test]
    fn a_models_filters_are_used_again_and_other_times_refused() {
        let learnt = FilterOptions::default().ng_words(["w"]).shift(Vpos(-300));
        let record = record()
            .filters(learnt.clone())
            .videos(vec![LearntVideo::new("a.mp4", "aa")]);
        let of = |sha256, asked: &FilterOptions| record.filters_of(&video(sha256), asked);
        let none = FilterOptions::default();
        assert_eq!(of("aa", &none).unwrap(), learnt);
        assert_eq!(of("bb", &none).unwrap(), none.clone().ng_words(["w"]));
        let asked = none.clone().ng_words(["草"]);
        assert_eq!(of("aa", &asked).unwrap(), learnt.ng_words(["草"]));
        assert_eq!(
            of("aa", &none.shift(Vpos(7))).unwrap_err().to_string(),
            "the model learnt from this video with the shift of times in centiseconds -300; \
             asked for: the shift of times in centiseconds 7"
        );
    }

    fn video(sha256: &str) -> VideoSource {
        let json = format!(r#"{{"path":"v.mp4","bytes":1,"sha256":"{sha256}"}}"#);
        serde_json::from_str(&json).unwrap()
    }

    #[test]
    fn comments_that_a_video_was_not_learnt_with_are_known() {
        let folder = tempfile::tempdir().unwrap();
        let files = ["a.xml", "b.xml"].map(|name| folder.path().join(name));
        for path in &files {
            std::fs::write(path, path.as_os_str().as_encoded_bytes()).unwrap();
        }
        let record = record().videos(vec![
            LearntVideo::new("a.mp4", "aa").comments(ids(&files).unwrap()),
            LearntVideo::new("b.mp4", "bb").held_out(false),
            LearntVideo::new("c.mp4", "cc").held_out(true),
        ]);
        assert_eq!(record.num_learnt(), 2);
        let [a, b] = files;
        let others = |sha256, files: &[PathBuf]| {
            let found = record.has_other_comments(&video(sha256), files);
            found.unwrap()
        };
        let one = std::slice::from_ref(&a);
        assert!(!others("aa", &[b.clone(), a.clone()]));
        assert!(others("aa", one) && others("aa", &[a.clone(), b.clone(), b]));
        // Which files were read is not known.
        assert!(!others("bb", one) && !others("dd", one));
    }

    #[test]
    fn what_stands_on_both_sides_is_named() {
        let file = |name: &str| vec![FileId::new(name, "11")];
        let video =
            |name: &str, sha256: &str, held_out| LearntVideo::new(name, sha256).held_out(held_out);
        let record = record().videos(vec![
            video("a.mp4", "aa", false).comments(file("a.xml")),
            video("b.mp4", "bb", false),
            video("c.mp4", "cc", true).comments(file("copy.xml")),
            video("b2.mp4", "bb", true),
        ]);
        let told: Vec<String> = record
            .on_both_sides()
            .iter()
            .map(ToString::to_string)
            .collect();
        assert_eq!(
            told,
            [
                "the comments a.xml, learnt from, and copy.xml, held out",
                "the videos b.mp4, learnt from, and b2.mp4, held out"
            ]
        );
        assert!(record.repeated_comments().is_empty());
        let twice = LearntWith::new(&CorpusOptions::default()).videos(vec![
            video("a.mp4", "aa", false).comments(file("a.xml")),
            video("b.mp4", "bb", false).comments(file("copy.xml")),
        ]);
        assert_eq!(
            twice.repeated_comments(),
            [("a.xml".into(), "copy.xml".into())]
        );
        let found = record.has_learnt(&LearntVideo::new("moved.mp4", "aa"));
        assert_eq!((found.len(), found[0].learnt.as_str()), (1, "a.mp4"));
        assert!(
            record
                .has_learnt(&LearntVideo::new("c.mp4", "cc"))
                .is_empty()
        );
    }
}
