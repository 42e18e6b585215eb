use caption_model::{
    Commenter,
    commenter::{CommentWriter, WritingOptions},
};
use nico_comments::Comment;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::{
    crowd_moments::CrowdMoments,
    liveliness::{Liveliness, liveliness},
    streams::StreamForm,
    when::RateModel,
    written_comment::written_comment,
};
use crate::{crowd::POSTED_AT, error::Error, stream::Episode};

/// How a commenter writes a crowd of comments for a video. Made by `new` and the setters.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct StreamCrowdOptions {
    /// Length of the video, milliseconds.
    pub length_ms: i64,
    /// Comments a second, on average. Default: 1.
    pub per_second: f64,
    /// Viewers who write, some much more than others. Default: 40.
    pub viewers: u32,
    /// What tells when comments come. Default: none, and they come evenly.
    pub timing: Option<RateModel>,
    /// How each comment is written. Default: [`WritingOptions::default`].
    pub writing: WritingOptions,
    /// Seed of the moments and of who writes. Default: 1.
    pub seed: u64,
}

impl StreamCrowdOptions {
    /// For a video of this length, milliseconds.
    #[must_use]
    pub fn new(length_ms: i64) -> Self {
        Self {
            length_ms,
            per_second: 1.0,
            viewers: 40,
            timing: None,
            writing: WritingOptions::default(),
            seed: 1,
        }
    }

    /// Sets [`per_second`](Self::per_second).
    #[must_use]
    pub fn per_second(mut self, comments: f64) -> Self {
        self.per_second = comments;
        self
    }

    /// Sets [`viewers`](Self::viewers).
    #[must_use]
    pub fn viewers(mut self, viewers: u32) -> Self {
        self.viewers = viewers;
        self
    }

    /// Sets [`timing`](Self::timing).
    #[must_use]
    pub fn timing(mut self, model: Option<RateModel>) -> Self {
        self.timing = model;
        self
    }

    /// Sets [`writing`](Self::writing).
    #[must_use]
    pub fn writing(mut self, options: WritingOptions) -> Self {
        self.writing = options;
        self
    }

    /// Sets [`seed`](Self::seed).
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }
}

/// Writes a crowd of comments for a video in order of time. Each of them is written from the lines
/// and comments of `read` before its moment, and from what was written before; `each` gets them as
/// they come.
///
/// # Errors
///
/// Fails if the commenter's transformer was not trained, if an option cannot work, if the device
/// fails, and where `each` does.
pub fn write_stream_crowd<E: From<Error>>(
    commenter: &Commenter,
    read: &Episode,
    options: &StreamCrowdOptions,
    mut each: impl FnMut(&Comment) -> Result<(), E>,
) -> Result<Vec<Comment>, E> {
    let writer = CommentWriter::new(commenter, options.writing.clone());
    let mut writer = writer.map_err(Error::from)?;
    let moments = CrowdMoments::new(options.per_second, options.viewers, options.seed)?;
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    rng.set_stream(1); // the moments have the other one
    let liveliness = match &options.timing {
        Some(model) => liveliness(model, read, options.length_ms, &mut rng),
        None => Liveliness::even(),
    };
    // As many as at the liveliest, of which some are left out where it is less lively.
    let moments = moments.times(liveliness.most());
    let stream = StreamForm::of(commenter).stream(read)?;
    // Numbers of their own: a viewer who is written for is none of those who are read.
    let first = u32::try_from(read.len()).unwrap_or(u32::MAX / 2);
    let mut events = stream.events().iter().peekable();
    let mut written = Vec::new();
    for (millis, viewer) in moments.take_while(|moment| moment.0 < options.length_ms) {
        if rng.random::<f64>() * liveliness.most() >= liveliness.at(millis) {
            continue;
        }
        while let Some(event) = events.next_if(|event| event.millis <= millis) {
            writer.read(event.clone());
        }
        let comment = writer.write(millis, first + viewer).map_err(Error::from)?;
        if let Some(comment) = comment {
            let no = i64::try_from(written.len()).unwrap_or(i64::MAX - 1) + 1;
            let comment = written_comment(millis, viewer, &comment)
                .no(no)
                .date(POSTED_AT + millis.div_euclid(1_000));
            each(&comment)?;
            written.push(comment);
        }
    }
    Ok(written)
}
