use std::fmt;

use caption_model::{Caption, Captioner, GenerateOptions, Generator};
use frame_features::FeatureStore;
use nico_comments::{Comment, Vpos};
use serde::Serialize;

use crate::{
    error::Error,
    moments::{CrowdRate, Moment, draw_moments},
    rate::FittedRate,
};

/// When generated comments say they were posted, in unix seconds: players show comments from before
/// July 2017 the way the Flash player did.
pub(crate) const POSTED_AT: i64 = 1_500_000_000;

/// How a crowd of comments is written for a video.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CrowdOptions {
    /// How many comments. Default: as many as the model learnt from, but no more than can be
    /// watched.
    pub rate: CrowdRate,
    /// How words are chosen. Default: [`GenerateOptions::default`].
    pub generate: GenerateOptions,
    /// Seed of the moments. Default: 1.
    pub seed: u64,
}

impl Default for CrowdOptions {
    fn default() -> Self {
        Self {
            rate: CrowdRate::Auto,
            generate: GenerateOptions::default(),
            seed: 1,
        }
    }
}

impl CrowdOptions {
    /// Sets [`rate`](Self::rate).
    #[must_use]
    pub fn rate(mut self, rate: CrowdRate) -> Self {
        self.rate = rate;
        self
    }

    /// Sets [`generate`](Self::generate).
    #[must_use]
    pub fn generate(mut self, options: GenerateOptions) -> Self {
        self.generate = options;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// The moments of a video that get comments, and the model that writes them.
#[derive(Debug)]
pub struct Crowd<'a> {
    captioner: &'a Captioner,
    store: &'a FeatureStore,
    generate: GenerateOptions,
    rate: CrowdRate,
    moments: Vec<Moment>,
    rows: Vec<usize>,
}

/// A comment that a model wrote for a video.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CrowdComment {
    /// The frame's number in its video.
    pub frame: usize,
    /// The comment as the site would have it.
    pub comment: Comment,
    /// What the model wrote, with its attention where that was asked for.
    pub caption: Caption,
}

/// A written comment as results list it.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[non_exhaustive]
pub struct WrittenComment {
    /// When it appears, in seconds of the video.
    pub seconds: f64,
    /// The frame's number in its video.
    pub frame: usize,
    /// What it says.
    pub body: String,
}

impl From<&CrowdComment> for WrittenComment {
    fn from(written: &CrowdComment) -> Self {
        Self {
            seconds: written.comment.vpos.as_secs_f64(),
            frame: written.frame,
            body: written.comment.body.clone(),
        }
    }
}

/// A video that gets almost no comments: less than one a minute.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct FewComments {
    /// How many it gets.
    pub comments: usize,
    /// The video's length, seconds.
    pub seconds: f64,
    /// The rate that was asked for.
    pub rate: CrowdRate,
}

impl fmt::Display for FewComments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.comments {
            0 => f.write_str("no comment was")?,
            1 => f.write_str("1 comment was")?,
            number => write!(f, "{number} comments were")?,
        }
        let Self { seconds, rate, .. } = self;
        write!(
            f,
            " written for a video of {seconds:.0} s, at the rate {rate}"
        )
    }
}

impl<'a> Crowd<'a> {
    /// Draws the moments of the comments that `captioner` will write for the video of `store`.
    ///
    /// `fitted` is the rate that [`CrowdRate::Fitted`] asks for.
    ///
    /// # Errors
    ///
    /// Fails if a fitted rate is asked for and there is none, and if the store cannot be read.
    pub fn new(
        captioner: &'a Captioner,
        store: &'a FeatureStore,
        fitted: Option<&FittedRate>,
        options: &CrowdOptions,
    ) -> Result<Self, Error> {
        let rate = captioner.rate();
        let moments = draw_moments(store, options.rate, rate, fitted, options.seed)?;
        Ok(Self {
            captioner,
            store,
            generate: options.generate.clone(),
            rate: options.rate,
            rows: moments.iter().map(|moment| moment.row).collect(),
            moments,
        })
    }

    /// How many comments will be written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.moments.len()
    }

    /// Whether none will be.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.moments.is_empty()
    }

    /// Whether the video gets almost no comments, which is hardly what was wanted.
    #[must_use]
    pub fn few(&self) -> Option<FewComments> {
        let few = FewComments {
            comments: self.len(),
            seconds: self.store.info().duration,
            rate: self.rate,
        };
        (self.is_empty() || (few.comments as f64) < few.seconds / 60.0).then_some(few)
    }

    /// Writes the comments, in order of time.
    ///
    /// # Errors
    ///
    /// Fails if the features come from another encoder than the model's and if an option cannot
    /// work. The iterator fails if a row cannot be read.
    pub fn write(&self) -> Result<CrowdComments<'_>, Error> {
        Ok(CrowdComments {
            moments: &self.moments,
            captions: self
                .captioner
                .generate(self.store, &self.rows, &self.generate)?,
        })
    }
}

/// The comments of a [`Crowd`], one after the other.
#[derive(Debug)]
pub struct CrowdComments<'a> {
    moments: &'a [Moment],
    captions: Generator<'a>,
}

impl Iterator for CrowdComments<'_> {
    type Item = Result<CrowdComment, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let caption = match self.captions.next()? {
            Ok(caption) => caption,
            Err(error) => return Some(Err(error.into())),
        };
        let moment = self.moments[caption.request];
        Some(Ok(CrowdComment {
            frame: moment.frame,
            comment: comment(caption.request, moment.vpos, &caption.text),
            caption,
        }))
    }

    /// At most the comments that are left; an error ends them early.
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.captions.size_hint()
    }
}

impl std::iter::FusedIterator for CrowdComments<'_> {}

fn comment(number: usize, vpos: Vpos, text: &str) -> Comment {
    let no = i64::try_from(number).unwrap_or(i64::MAX - 1) + 1;
    Comment::new(vpos, text)
        .no(no)
        .thread("1")
        .date(POSTED_AT + vpos.0.div_euclid(100))
        .mail("184")
        .user("generated")
        .anonymous(true)
}
