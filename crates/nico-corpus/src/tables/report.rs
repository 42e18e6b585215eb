use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jp_tokenize::{PartOfSpeech, Tokenizer, VocabularyBuilder};
use nico_comments::{CommentStats, OutsideVideo, Share, Timeline};
use serde::Serialize;

use super::{
    frame_tables::{FrameTables, Splits, splits_of_video, splits_of_videos},
    options::TableOptions,
    words::TokenizedComments,
};
use crate::{
    corpus::is_speech,
    error::Error,
    reading::{Reading, remarks},
};

/// The original experiment's tables of comment files: commands, lengths, words, and over the time
/// of a video frames, seconds and bursts. Serialised, they are what `nico stats --json` prints.
#[derive(Debug, Serialize)]
pub struct CommentTables {
    pub(crate) files: Vec<FileReport>,
    pub(crate) totals: Totals,
    /// What filters took away, where there are some: all but the counts of files and their totals
    /// are of what they left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filters: Option<Taken>,
    /// What the viewers' comments are like.
    pub(crate) viewers: Viewers,
    /// Most frequent words of all comments that speak.
    pub(crate) words: Vec<(String, u64)>,
    /// Most frequent nouns.
    pub(crate) nouns: Vec<(String, u64)>,
    pub(crate) vocabulary: Cut,
    /// Frames with the most comments: count, index, time. Empty without a video.
    pub(crate) frames: Vec<(u32, usize, String)>,
    /// Frames without comments, where there is a video.
    #[serde(skip_serializing_if = "Option::is_none")]
    frames_without: Option<usize>,
    /// Comments over the time of the video, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) time: Option<FrameTables>,
    /// What each way to split leaves to learn from and to measure on: by frames where there is a
    /// video, by files where there are several and no video.
    pub(crate) splits: Splits,
}

/// What filters took away.
#[derive(Debug, Serialize)]
pub(crate) struct Taken {
    pub(crate) kept: u64,
    pub(crate) taken: BTreeMap<String, u64>,
}

impl Taken {
    fn of(reading: &Reading) -> Option<Self> {
        let (filters, kept) = (reading.filters().tally(), reading.filters().kept());
        let taken: BTreeMap<_, _> = filters
            .into_iter()
            .map(|one| (one.name, one.taken))
            .collect();
        (!taken.is_empty()).then_some(Self { kept, taken })
    }
}

#[derive(Debug, Serialize)]
pub(crate) struct FileReport {
    pub(crate) path: String,
    /// Short name of the format; absent if the file holds no comment.
    pub(crate) format: Option<&'static str>,
    /// Comment elements that could be read, deleted ones included.
    pub(crate) comments: u64,
    pub(crate) deleted: u64,
    pub(crate) owner: u64,
    pub(crate) rejected: u64,
    pub(crate) ends_early: bool,
}

#[derive(Debug, Default, Serialize)]
pub(crate) struct Totals {
    pub(crate) comments: u64,
    pub(crate) deleted: u64,
    pub(crate) owner: u64,
    pub(crate) rejected: u64,
    /// Neither deleted nor anything but white space.
    pub(crate) empty: u64,
    /// By one tap.
    pub(crate) easy: u64,
    /// Programs and commands to the player.
    pub(crate) scripts: u64,
    /// Comments that are not deleted, not empty and no script: what the tables below count.
    pub(crate) speech: u64,
    /// Words of these, and how many distinct ones.
    pub(crate) words: u64,
    pub(crate) distinct_words: usize,
    pub(crate) distinct_nouns: usize,
}

/// Viewers' comments that speak.
#[derive(Debug, Serialize)]
pub(crate) struct Viewers {
    pub(crate) comments: u64,
    pub(crate) premium: u64,
    pub(crate) anonymous: u64,
    pub(crate) comment_art: u64,
    /// Comments by command: name, count.
    pub(crate) positions: Vec<(&'static str, u64)>,
    pub(crate) sizes: Vec<(&'static str, u64)>,
    pub(crate) colors: Vec<(&'static str, u64)>,
    pub(crate) lengths: Lengths,
}

/// Characters of a comment.
#[derive(Debug, Serialize)]
pub(crate) struct Lengths {
    pub(crate) mean: f64,
    pub(crate) median: usize,
    pub(crate) p90: usize,
    pub(crate) p99: usize,
    pub(crate) longest: usize,
    /// Comments of 0, 1, 2, … characters.
    #[serde(skip)]
    pub(crate) histogram: Vec<u64>,
}

/// The vocabulary of the most frequent words.
#[derive(Debug, Serialize)]
pub(crate) struct Cut {
    /// Words it may have, and words it has.
    pub(crate) most: usize,
    pub(crate) words: usize,
    /// How often its last word was said.
    pub(crate) count_at_cut: Option<u64>,
    /// Share of what is said that it knows.
    pub(crate) coverage: f64,
}

impl CommentTables {
    /// Reads comment files and counts what `reading` keeps; `timeline` is of the video that they all
    /// belong to, if it is known. What is not good in a file is told to `rejected`, and what should
    /// be told of it, or of all, to `remark`.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be read at all or is no comment file.
    pub fn read(
        paths: &[PathBuf],
        timeline: Option<&Timeline>,
        tokenizer: &Tokenizer,
        options: &TableOptions,
        reading: &Reading,
        mut rejected: impl FnMut(nico_comments::Error),
        mut remark: impl FnMut(Option<&Path>, String),
    ) -> Result<Self, Error> {
        let mut speech = TokenizedComments::new(tokenizer);
        let mut stats = CommentStats::default();
        let mut files = Vec::new();
        for (file, path) in paths.iter().enumerate() {
            let mut comments = reading.open(path)?;
            let summary = reading.each(
                &mut comments,
                &mut rejected,
                |comment| -> Result<(), Error> {
                    stats.push(&comment);
                    if is_speech(&comment) {
                        speech.push(file, comment.vpos, comment.body);
                    }
                    Ok(())
                },
            )?;
            remarks(&comments)
                .into_iter()
                .for_each(|text| remark(Some(path), text));
            files.push(FileReport {
                path: path.display().to_string(),
                format: summary.format.map(|format| format.as_str()),
                comments: summary.comments,
                deleted: summary.deleted,
                owner: summary.owner,
                rejected: summary.rejected,
                ends_early: summary.ends_early,
            });
        }
        speech.finish();
        let vocabulary = speech.counts.build(Some(options.vocabulary), 1);
        let (words, distinct_words) = top(&speech.counts, options.top, |_| true);
        let (nouns, distinct_nouns) = top(&speech.counts, options.top, |part| part.is_noun());
        let sum = |of: fn(&FileReport) -> u64| files.iter().map(of).sum();
        let mut report = Self {
            filters: Taken::of(reading),
            totals: Totals {
                comments: sum(|file| file.comments),
                deleted: sum(|file| file.deleted),
                owner: sum(|file| file.owner),
                rejected: sum(|file| file.rejected),
                empty: stats.empty,
                easy: stats.easy,
                scripts: stats.scripts,
                speech: stats.speech,
                words: speech.counts.total(),
                distinct_words,
                distinct_nouns,
            },
            files,
            viewers: Viewers::of(&stats),
            words,
            nouns,
            vocabulary: Cut {
                most: options.vocabulary,
                words: vocabulary.num_words(),
                count_at_cut: vocabulary.count_at_cut(),
                coverage: vocabulary.known_share(),
            },
            frames: Vec::new(),
            frames_without: None,
            time: None,
            splits: Splits::new(),
        };
        if let Some(timeline) = timeline {
            let known = speech.known(&vocabulary);
            let mut positions = std::mem::take(&mut speech.positions);
            options.fit.apply_to_positions(&mut positions, timeline)?;
            let outside = OutsideVideo::count(positions.iter().copied(), timeline.duration());
            if let Some(warning) = outside.warning() {
                remark(None, warning);
            }
            let mut places = FrameTables::of(&positions, timeline, options.top);
            report.frames = std::mem::take(&mut places.top);
            report.frames_without = Some(places.without);
            report.time = Some(places);
            report.splits = splits_of_video(&positions, timeline, &speech.texts, &known);
        } else if paths.len() > 1 {
            let known = speech.known(&vocabulary);
            report.splits = splits_of_videos(paths.len(), &speech.files, &speech.texts, &known);
        }
        Ok(report)
    }
}

impl Viewers {
    fn of(stats: &CommentStats) -> Self {
        let rows = |shares: Vec<Share>| {
            let row = |share: Share| (share.name, share.comments);
            shares.into_iter().map(row).collect()
        };
        let lengths = &stats.lengths;
        Self {
            comments: stats.viewers,
            premium: stats.premium,
            anonymous: stats.anonymous,
            comment_art: stats.art,
            positions: rows(stats.positions()),
            sizes: rows(stats.sizes()),
            colors: rows(stats.colors()),
            lengths: Lengths {
                mean: lengths.mean(),
                median: lengths.quantile(0.5),
                p90: lengths.quantile(0.9),
                p99: lengths.quantile(0.99),
                longest: lengths.longest(),
                histogram: lengths.histogram().to_vec(),
            },
        }
    }
}

/// The first rows of a table of words, and how many it has.
fn top(
    counts: &VocabularyBuilder,
    rows: usize,
    select: impl FnMut(PartOfSpeech<'_>) -> bool,
) -> (Vec<(String, u64)>, usize) {
    let table = counts.table(select);
    let first = table.iter().take(rows);
    let rows = first
        .map(|&(word, count)| (word.to_owned(), count))
        .collect();
    (rows, table.len())
}

#[cfg(test)]
pub(crate) mod tests {
    use nico_comments::{Filters, NgUsers, ReadOptions};

    use super::*;

    const FILE: &str = "<packet><chat vpos='10' user_id='a' mail='184 ue red' premium='1'>猫がいる</chat><chat vpos='2' deleted='1'/>\
        <chat vpos='10' user_id='b'>猫がいる</chat><chat vpos='x'>b</chat><chat vpos='500' user_id='b'>=猫\u{3000}犬</chat>\
        <chat vpos='3' fork='1'>@逆</chat><chat vpos='9' user_id='c'> </chat></packet>";

    /// The report of a small file, so many times; `None` without a dictionary.
    pub(crate) fn report(timeline: Option<&Timeline>, files: usize) -> Option<CommentTables> {
        if jp_tokenize::Dictionary::find().is_err() {
            assert!(
                std::env::var_os("REQUIRE_ALL").is_none_or(|value| value != "1"),
                "no IPADIC sources on this system"
            );
            eprintln!("skipped: no IPADIC sources on this system");
            return None;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("c.xml");
        std::fs::write(&path, FILE).unwrap();
        let options = TableOptions::default().top(4).vocabulary(2);
        let dictionary = jp_tokenize::DictionaryOptions::default().open().unwrap();
        let tokenizer = Tokenizer::new(dictionary).unwrap();
        let paths = vec![path; files];
        let filters = Filters::new().with("by z", NgUsers::new(["z"]));
        let reading = Reading::new(ReadOptions::default(), filters);
        let mut told = Vec::new();
        let tell = |_: Option<&Path>, text| told.push(text);
        let read = CommentTables::read(
            &paths,
            timeline,
            &tokenizer,
            &options,
            &reading,
            |_| (),
            tell,
        );
        let all = 3 * files;
        let outside = format!("{files} of {all} comments lie outside the video of 2 s");
        assert_eq!(
            told,
            timeline.map(|_| outside).into_iter().collect::<Vec<_>>()
        );
        Some(read.unwrap())
    }

    #[test]
    fn all_is_counted() {
        let timeline = Timeline::constant(10, 1, 20).unwrap();
        let Some(report) = report(Some(&timeline), 1) else {
            return;
        };
        let totals = &report.totals;
        assert_eq!(
            (totals.comments, totals.deleted, totals.rejected),
            (6, 1, 1)
        );
        assert_eq!(
            (totals.owner, totals.scripts, totals.empty, totals.speech),
            (1, 1, 1, 3)
        );
        let viewers = &report.viewers;
        assert_eq!(
            (viewers.comments, viewers.premium, viewers.anonymous),
            (3, 1, 1)
        );
        assert_eq!(viewers.positions, [("naka", 2), ("ue", 1), ("shita", 0)]);
        assert_eq!(report.words[0], ("猫".to_owned(), 3));
        assert!(report.nouns.contains(&("犬".to_owned(), 1)));
        assert_eq!(
            (report.vocabulary.words, report.vocabulary.count_at_cut),
            (2, Some(2))
        );
        assert!(report.vocabulary.coverage > 0.0 && report.vocabulary.coverage < 1.0);
        assert_eq!(
            report.frames,
            [(2, 1, "0:00".to_owned()), (1, 19, "0:01".to_owned())]
        );
        let time = report.time.as_ref().unwrap();
        assert_eq!((time.outside, report.frames_without), (1, Some(18)));
        let frames = &report.splits["frames"];
        assert_eq!((frames.all, frames.distinct.distinct), (3, 2));
    }

    #[test]
    fn files_are_videos_where_no_video_is_given() {
        let Some(report) = report(None, 2) else {
            return;
        };
        assert_eq!(report.files.len(), 2);
        assert_eq!(report.splits.keys().collect::<Vec<_>>(), ["videos"]);
        let videos = &report.splits["videos"];
        assert_eq!((videos.train, videos.dev, videos.known.leak), (3, 3, 1.0));
        assert!(report.frames.is_empty() && report.time.is_none());
    }

    #[test]
    fn json_keeps_its_shape() {
        let Some(report) = report(None, 1) else {
            return;
        };
        let json = serde_json::to_value(&report).unwrap();
        assert_eq!(json["frames"], serde_json::json!([]));
        assert_eq!(json["splits"], serde_json::json!({}));
        assert_eq!(json["words"][0], serde_json::json!(["猫", 3]));
        assert_eq!(json["files"][0]["format"], "xml");
        assert!(json.get("time").is_none() && json["totals"]["comments"] == 6);
    }
}
