use caption_model::{
    Commenter,
    commenter::{
        CommentPlace, CommentSize, CommentStyle, CommentWriter, StreamComment, WritingOptions,
    },
};
use nico_comments::{Comment, Vpos};
use rand::{RngExt, SeedableRng, distr::Distribution, distr::weighted::WeightedIndex};
use rand_chacha::ChaCha8Rng;

use super::{
    liveliness::{Liveliness, liveliness},
    streams::StreamForm,
    when::RateModel,
};
use crate::{crowd::POSTED_AT, error::Error, stream::Episode};

/// Colours that coloured comments get, each viewer one of them.
const COLORS: [&str; 8] = [
    "red", "pink", "orange", "yellow", "green", "cyan", "blue", "purple",
];

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
    let writer = CommentWriter::new(commenter, options.writing.clone()).map_err(Error::from)?;
    let mut writer = writer.ok_or(Error::NoTransformer)?;
    let mut rng = ChaCha8Rng::seed_from_u64(options.seed);
    let moments = moments(read, options, &mut rng)?;
    let stream = StreamForm::of(commenter).stream(read)?;
    // Numbers of their own: a viewer who is written for is none of those who are read.
    let first = u32::try_from(read.len()).unwrap_or(u32::MAX / 2);
    let mut events = stream.events().iter().peekable();
    let mut written = Vec::new();
    for (millis, viewer) in moments {
        while let Some(event) = events.next_if(|event| event.millis <= millis) {
            writer.read(event.clone());
        }
        let comment = writer.write(millis, first + viewer).map_err(Error::from)?;
        if let Some(comment) = comment {
            let comment = as_comment(written.len(), millis, viewer, &comment);
            each(&comment)?;
            written.push(comment);
        }
    }
    Ok(written)
}

/// When somebody writes, and who: a Poisson process whose rate is even or that of
/// [`liveliness`], and viewers by Zipf's law.
fn moments(
    read: &Episode,
    options: &StreamCrowdOptions,
    rng: &mut ChaCha8Rng,
) -> Result<Vec<(i64, u32)>, Error> {
    let rate = options.per_second;
    let works = rate > 0.0 && rate <= 100.0 && (1..=100_000).contains(&options.viewers);
    let who = WeightedIndex::new((0..options.viewers).map(|rank| 1.0 / f64::from(rank + 3)));
    let (true, Ok(who)) = (works, who) else {
        return Err(Error::Crowd {
            per_second: rate,
            viewers: options.viewers,
        });
    };
    let liveliness = match &options.timing {
        Some(model) => liveliness(model, read, options.length_ms, rng),
        None => Liveliness::even(),
    };
    // At the rate of the liveliest span, of which as many are left out as the others are less lively.
    let most = rate * liveliness.most();
    let (mut moments, mut seconds) = (Vec::new(), 0.0);
    loop {
        // 1 − u is never 0.
        seconds -= (1.0 - rng.random::<f64>()).ln() / most;
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let millis = (seconds * 1_000.0) as i64;
        if millis >= options.length_ms {
            return Ok(moments);
        }
        if rng.random::<f64>() * liveliness.most() < liveliness.at(millis) {
            let viewer = u32::try_from(who.sample(rng)).unwrap_or(0);
            moments.push((millis, viewer));
        }
    }
}

fn as_comment(number: usize, millis: i64, viewer: u32, written: &StreamComment) -> Comment {
    let vpos = Vpos(millis.div_euclid(10));
    let no = i64::try_from(number).unwrap_or(i64::MAX - 1) + 1;
    Comment::new(vpos, written.text.as_str())
        .no(no)
        .thread("1")
        .date(POSTED_AT + millis.div_euclid(1_000))
        .mail(mail(written.style, viewer).as_str())
        .user(format!("generated-{viewer}"))
        .anonymous(true)
}

/// The commands of a style.
fn mail(style: CommentStyle, viewer: u32) -> String {
    let mut words = vec!["184"];
    match style.place {
        CommentPlace::Top => words.push("ue"),
        CommentPlace::Bottom => words.push("shita"),
        _ => {}
    }
    match style.size {
        CommentSize::Big => words.push("big"),
        CommentSize::Small => words.push("small"),
        _ => {}
    }
    if style.is_colored {
        words.push(COLORS[viewer as usize % COLORS.len()]);
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crowd_writes_as_often_as_asked_and_some_more_than_others() {
        let options = StreamCrowdOptions::new(600_000).per_second(5.0).viewers(20);
        let nothing = Episode::new("a", [], crate::stream::Dialogue::default());
        let draw = || moments(&nothing, &options, &mut ChaCha8Rng::seed_from_u64(4)).unwrap();
        let moments = draw();
        assert_eq!(moments, draw());
        assert!((2_700..3_300).contains(&moments.len()), "{}", moments.len());
        assert!(moments.is_sorted_by_key(|one| one.0));
        let of = |viewer| moments.iter().filter(|one| one.1 == viewer).count();
        assert!(of(0) > 3 * of(19), "{} {}", of(0), of(19));
        for wrong in [options.clone().per_second(0.0), options.clone().viewers(0)] {
            let error =
                super::moments(&nothing, &wrong, &mut ChaCha8Rng::seed_from_u64(4)).unwrap_err();
            assert!(error.to_string().contains("comments a second"), "{error}");
        }
    }

    #[test]
    fn styles_are_commands_and_come_back() {
        for style in CommentStyle::all().filter(|style| !style.is_one_tap) {
            let comment = Comment::new(Vpos(0), "w").mail(mail(style, 3).as_str());
            let episode = Episode::new("a", [comment], crate::stream::Dialogue::default());
            assert_eq!(super::super::comment_style(&episode.comment(0)), style);
        }
    }
}
