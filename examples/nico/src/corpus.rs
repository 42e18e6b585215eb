//! What is learnt from, on the command line.

use std::path::{Path, PathBuf};

use anyhow::anyhow;
use clap::builder::RangedU64ValueParser;
use frame_features::{FeatureStore, Sampling};
use jp_tokenize::Vocabulary;
use nico_corpus::{
    Corpus, CorpusOptions, CorpusVideo, LearntVideo, LearntWith, SplitBy, row_timeline,
};

use crate::{
    comments::{FitArgs, Reader},
    failure::Outcome,
    filters::FilterArgs,
    known_file::KnownFile,
    progress::Output,
    words::{DictionaryArgs, ModelWords},
};

/// What is learnt from: shared by `train` and `run`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct CorpusArgs {
    /// How frames are split into those learnt from and those measured on: blocks (of 10 s, with
    /// guards between), seconds, halves, frames (the original's, which leaks), or whole videos.
    #[arg(
        long,
        value_name = "blocks|seconds|halves|frames|videos",
        default_value_t
    )]
    pub(crate) split: SplitBy,
    /// With --split videos: numbers, from 1, of the videos to measure on. Default: a tenth of them
    /// at random.
    #[arg(long, value_name = "N", num_args = 1..)]
    hold_out: Vec<usize>,
    /// Words of the vocabulary, the most frequent ones; the others become the unknown word.
    #[arg(long, value_name = "N", default_value_t = 30_000)]
    pub(crate) vocabulary: usize,
    /// Learns a vocabulary of pieces from the comments instead of taking words of a dictionary: so
    /// many, with the 256 bytes, from 260 on. There is no unknown word then.
    #[arg(long, value_name = "N", conflicts_with_all = ["vocabulary", "min_count"])]
    pub(crate) pieces: Option<usize>,
    /// Words said less often become the unknown word.
    #[arg(long, value_name = "N", default_value_t = 2)]
    min_count: u64,
    /// Comments are cut after so many words.
    #[arg(long, value_name = "N", default_value_t = 30, value_parser = RangedU64ValueParser::<usize>::new().range(1..))]
    pub(crate) cut: usize,
    #[command(flatten)]
    pub(crate) fit: FitArgs,
    #[command(flatten)]
    pub(crate) dictionary: DictionaryArgs,
    #[command(flatten)]
    pub(crate) filters: FilterArgs,
}

/// A video to learn from: its comment files, and its features.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Video<'a> {
    pub(crate) comments: &'a [PathBuf],
    pub(crate) store: &'a FeatureStore,
}

impl Video<'_> {
    /// Its comment files by their contents.
    fn comment_files(&self) -> Outcome<Vec<KnownFile>> {
        let files = self.comments.iter().map(|path| KnownFile::read(path));
        files.collect()
    }

    /// What the model's folder keeps of it, whose comments were read from these files.
    fn record(&self, held_out: bool, files: &[KnownFile]) -> Outcome<LearntVideo> {
        files.iter().try_for_each(KnownFile::check)?;
        let comments = files
            .iter()
            .map(|file| file.id().clone())
            .collect::<Vec<_>>();
        Ok(LearntVideo::of_store(self.store)
            .held_out(held_out)
            .comments(comments))
    }
}

impl CorpusArgs {
    /// Reads the comments and makes pairs of them, with the record of what they were made of; tells
    /// the sizes and the leak. A model to begin with gives its words.
    pub(crate) fn read(
        &self,
        videos: &[Video<'_>],
        seed: u64,
        given: Option<(&Path, &Vocabulary)>,
        output: Output,
    ) -> Outcome<(Corpus, LearntWith)> {
        let filters = self.filters.options()?;
        let mut with_comments = Vec::with_capacity(videos.len());
        let mut taken_away = Vec::with_capacity(videos.len());
        let before = videos.iter().map(Video::comment_files);
        let before: Vec<Vec<KnownFile>> = before.collect::<Outcome<_>>()?;
        for &Video { comments, store } in videos {
            let reader = Reader::new(filters.reading(None)?, output); // counts a video's
            let mut comments = reader.read_all(comments)?;
            taken_away.push(reader.taken());
            let timeline = row_timeline(store)?;
            let is_moved = self.fit.times().apply(&mut comments, &timeline)?;
            let of_commented = matches!(store.info().plan.sampling, Sampling::Frames(_));
            if of_commented && (is_moved || !filters.has_no_times()) {
                output.warn(&format!(
                    "{}: holds the frames on which comments stood before they were moved (--commented), so that many are put beside an earlier picture; shift the file itself with `nico convert`, or extract other frames",
                    store.path().display()
                ));
            }
            with_comments.push(CorpusVideo::of_store(comments, store));
        }
        let options = self.options(seed);
        let (words, corpus) = match (given, self.pieces) {
            (None, Some(size)) => (None, Corpus::with_pieces(with_comments, size, &options)),
            (None, None) => {
                let tokenizer = self.dictionary.tokenizer()?;
                let corpus = Corpus::new(with_comments, &tokenizer, &options);
                (Some(ModelWords::Dictionary(tokenizer)), corpus)
            }
            (Some((model, _)), Some(_)) => {
                let model = model.display();
                return Err(anyhow!(
                    "{model}: training begins with its words, beside which --pieces does nothing"
                ));
            }
            (Some((model, vocabulary)), None) => {
                let record = LearntWith::read(model)?;
                let dictionary = &self.dictionary;
                let words = dictionary.words_of(model, record.as_ref(), vocabulary)?;
                let (splitter, given) = (words.splitter(), vocabulary.clone());
                let corpus = Corpus::with_vocabulary(with_comments, splitter, &options, given);
                (Some(words), corpus)
            }
        };
        let corpus = corpus.map_err(|error| anyhow::Error::new(error).context(names(videos)))?;
        let learnt_videos = videos
            .iter()
            .zip(&corpus.held_out)
            .zip(before)
            .zip(taken_away);
        let mut record = LearntWith::new(&options)
            .fit(self.fit.times())
            .filters(filters)
            .videos(
                learnt_videos
                    .map(|(((video, &held_out), before), taken)| {
                        Ok(video.record(held_out, &before)?.taken_away(taken))
                    })
                    .collect::<Outcome<_>>()?,
            );
        match &words {
            Some(ModelWords::Dictionary(tokenizer)) => {
                record = record.words(tokenizer.identity().clone());
            }
            Some(ModelWords::Pieces(_)) | None => {
                record = record.pieces(corpus.vocabulary.len());
            }
        }
        if given.is_some() {
            record = record.vocabulary_given();
        }
        if let Some(video) = videos.first() {
            record = record.encoder(video.store.info().plan.encoder.clone());
        }
        warn(&corpus, &record, videos, output);
        self.tell(&corpus, output);
        Ok((corpus, record))
    }

    /// Refuses to hold out whole videos where there is one.
    #[cfg(feature = "video")]
    pub(crate) fn check_one_video(&self) -> Outcome {
        if self.split != SplitBy::Videos && self.hold_out.is_empty() {
            return Ok(());
        }
        Err(anyhow!(
            "--split videos and --hold-out keep whole videos aside, and there is one; take another --split, or `nico train` with the --features of several"
        ))
    }

    /// How comments become pairs.
    pub(crate) fn options(&self, seed: u64) -> CorpusOptions {
        CorpusOptions::default()
            .split(self.split)
            .hold_out(self.hold_out.clone())
            .vocabulary(self.vocabulary)
            .min_count(self.min_count)
            .max_words(self.cut)
            .seed(seed)
    }

    fn tell(&self, corpus: &Corpus, output: Output) {
        let (train, dev) = (corpus.train.len(), corpus.dev.len());
        output.say(&format!(
            "corpus: {train} comments to learn from, {dev} to measure on (split by {}); {} of {} distinct dev comments are also in train ({:.1} %)",
            self.split,
            corpus.tally.shared,
            corpus.tally.distinct_dev,
            100.0 * corpus.tally.leak()
        ));
        let vocabulary = &corpus.vocabulary;
        if vocabulary.has_pieces() {
            let counts = || vocabulary.words().map(|piece| piece.count);
            let (all, bytes): (u64, u64) = (counts().sum(), counts().take(256).sum());
            output.say(&format!(
                "corpus: {} pieces, 256 of them bytes, which are {:.1} % of what is said",
                vocabulary.num_words(),
                100.0 * bytes as f64 / all.max(1) as f64
            ));
            return;
        }
        output.say(&format!(
            "corpus: {} words, the rarest said {} times; they are {:.1} % of what is said",
            vocabulary.num_words(),
            vocabulary.count_at_cut().unwrap_or(0),
            100.0 * vocabulary.known_share()
        ));
    }
}

/// Warns of comments that do not belong to their video, and of the same things given twice.
fn warn(corpus: &Corpus, record: &LearntWith, videos: &[Video<'_>], output: Output) {
    for (video, outside) in videos.iter().zip(&corpus.outside) {
        if outside.is_suspicious() {
            output.warn(&format!("corpus: {}: {outside}", names(&[*video])));
        }
    }
    for same in record.on_both_sides() {
        output.warn(&format!("corpus: {same}, are the same"));
    }
    for (one, other) in record.repeated_comments() {
        output.warn(&format!(
            "corpus: the comments {one} and {other} are the same"
        ));
    }
}

/// The comment files of videos.
fn names(videos: &[Video<'_>]) -> String {
    let files = videos.iter().flat_map(|video| video.comments);
    let names = files.map(|path| path.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}
