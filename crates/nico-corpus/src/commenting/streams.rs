use caption_model::{
    Commenter, NgramHasher,
    commenter::{CommentPlace, CommentSize, CommentStyle, EventKind, Stream, StreamEvent},
};
use frame_features::EncoderId;
use jp_tokenize::{PieceLearner, PieceOptions, Pieces};
use nico_comments::{Position, Size};

use crate::{
    error::Error,
    stream::{Episode, EpisodeComment},
};

/// Pictures are read at most once in so many milliseconds.
const PICTURE_EVERY: i64 = 1_000;

/// How a commenter reads episodes: the pieces and n-grams of its texts, and its pictures.
#[derive(Clone, Copy, Debug)]
pub struct StreamForm<'a> {
    /// Pieces of texts.
    pub pieces: &'a Pieces,
    /// What hashes their n-grams.
    pub hasher: NgramHasher,
    /// The encoder of the pictures; none if they are not read.
    pub encoder: Option<&'a EncoderId>,
}

impl<'a> StreamForm<'a> {
    /// What a commenter was trained on.
    #[must_use]
    pub fn of(commenter: &'a Commenter) -> Self {
        Self {
            pieces: commenter.pieces(),
            hasher: commenter.hasher(),
            encoder: commenter.config().encoder.as_ref(),
        }
    }

    /// The events of an episode: comments and lines of dialogue, and a picture a second where
    /// there are some. Of a picture with features of many locations their mean is read.
    ///
    /// # Errors
    ///
    /// [`Error::OtherPictures`] if another encoder made the pictures; an error of the source of
    /// the features.
    pub fn stream(&self, episode: &Episode) -> Result<Stream, Error> {
        let pictures = match self.encoder {
            Some(encoder) => pictures(episode, encoder)?,
            None => Vec::new(),
        };
        let lines = episode.dialogue().lines().iter().map(|line| {
            let kind = EventKind::Line;
            StreamEvent::new(
                line.start_ms,
                kind,
                None,
                &line.text,
                self.pieces,
                self.hasher,
            )
        });
        let comments = episode.comments().map(|comment| {
            let kind = EventKind::Comment(comment_style(&comment));
            let (millis, text) = (comment.millis, comment.text);
            StreamEvent::new(millis, kind, comment.user, text, self.pieces, self.hasher)
        });
        Ok(Stream::new(
            pictures.into_iter().chain(lines).chain(comments),
        ))
    }
}

fn pictures(episode: &Episode, encoder: &EncoderId) -> Result<Vec<StreamEvent>, Error> {
    let Some(all) = episode.pictures() else {
        return Ok(Vec::new());
    };
    let found = all.source().encoder();
    if !found.matches(encoder) {
        return Err(Error::OtherPictures {
            episode: episode.name().to_owned(),
            found: Box::new(found.clone()),
            read: Box::new(encoder.clone()),
        });
    }
    let [_, locations, size] = all.source().shape_of(1);
    let mut events = Vec::new();
    let mut next = i64::MIN;
    for picture in (0..all.len()).filter_map(|row| all.picture(row)) {
        if picture.millis < next {
            continue;
        }
        next = picture.millis.saturating_add(PICTURE_EVERY);
        let mut values = Vec::with_capacity(locations * size);
        picture.append_to(&mut values)?;
        let mut mean = vec![0.0; size];
        for location in values.chunks_exact(size.max(1)) {
            for (mean, value) in mean.iter_mut().zip(location) {
                *mean += value / locations as f32;
            }
        }
        events.push(StreamEvent::picture(picture.millis, mean));
    }
    Ok(events)
}

/// The encoder of the pictures of episodes, and how many features it makes of one; none if no
/// episode has pictures.
///
/// # Errors
///
/// [`Error::OtherPictures`] if not all were made by the same encoder.
pub fn picture_encoder<'a>(
    episodes: impl IntoIterator<Item = &'a Episode>,
) -> Result<Option<(EncoderId, usize)>, Error> {
    let mut first: Option<(EncoderId, usize)> = None;
    for episode in episodes {
        let Some(pictures) = episode.pictures() else {
            continue;
        };
        let source = pictures.source();
        let [_, _, size] = source.shape_of(1);
        let found = (source.encoder().clone(), size);
        match &first {
            None => first = Some(found),
            Some((read, d_picture)) if read.matches(&found.0) && *d_picture == found.1 => {}
            Some((read, _)) => {
                return Err(Error::OtherPictures {
                    episode: episode.name().to_owned(),
                    found: Box::new(found.0),
                    read: Box::new(read.clone()),
                });
            }
        }
    }
    Ok(first)
}

/// What a comment is like besides its text.
#[must_use]
pub fn comment_style(comment: &EpisodeComment<'_>) -> CommentStyle {
    CommentStyle {
        is_one_tap: comment.is_one_tap,
        place: match comment.position {
            Position::Naka => CommentPlace::Scrolling,
            Position::Ue => CommentPlace::Top,
            Position::Shita => CommentPlace::Bottom,
        },
        size: match comment.size {
            Size::Medium => CommentSize::Medium,
            Size::Small => CommentSize::Small,
            Size::Big => CommentSize::Big,
        },
        is_colored: comment.is_colored,
    }
}

/// Learns `size` pieces of text from all comments and lines of episodes.
///
/// # Errors
///
/// Fails if the size is out of range.
pub fn learn_pieces(episodes: &[Episode], size: usize) -> Result<Pieces, Error> {
    let mut learner = PieceLearner::new(PieceOptions::default().size(size))?;
    for episode in episodes {
        episode
            .comments()
            .for_each(|comment| learner.add(comment.text));
        let lines = episode.dialogue().lines();
        lines.iter().for_each(|line| learner.add(&line.text));
    }
    Ok(learner.learn()?)
}

/// Characters of each comment's text; of lines and pictures none.
pub(super) fn text_lengths(episode: &Episode, stream: &Stream) -> Vec<u64> {
    let mut comments = episode.comments();
    let length = |event: &StreamEvent| match event.is_comment() {
        false => 0,
        true => comments
            .next()
            .map_or(0, |comment| comment.text.chars().count() as u64),
    };
    stream.events().iter().map(length).collect()
}

#[cfg(test)]
mod tests {
    use frame_features::{Layer, MemoryFeatures};
    use jp_tokenize::PieceOptions;
    use nico_comments::{Comment, Vpos};

    use super::*;
    use crate::stream::{Dialogue, EpisodePictures};

    /// Its name is for people: another one has other weights.
    fn encoder(name: &str) -> EncoderId {
        let digit = if name == "other" { "1" } else { "0" };
        EncoderId::new(name, digit.repeat(64), Layer::Output, 32)
    }

    /// Pictures at 0, 0.4, 1 and 2 s, of two locations with two features each.
    fn episode(name: &str) -> Episode {
        let values: Vec<f32> = (0..16).map(|at| at as f32).collect();
        let rows = MemoryFeatures::from_f32(encoder(name), [2, 2], &values).unwrap();
        let pictures = EpisodePictures::new(rows, [0, 400, 1_000, 2_000]).unwrap();
        let comments = [Comment::new(Vpos(100), "草")];
        Episode::new("show/01", comments, Dialogue::default()).with_pictures(pictures)
    }

    #[test]
    fn a_picture_a_second_is_read_before_the_comments_of_its_time() {
        let pieces = Pieces::learn(["草"], &PieceOptions::default().size(265)).unwrap();
        let own = encoder("mine");
        let form = StreamForm {
            pieces: &pieces,
            hasher: NgramHasher::new(64),
            encoder: Some(&own),
        };
        let stream = form.stream(&episode("mine")).unwrap();
        let read: Vec<_> = stream.events().iter().map(|event| event.millis).collect();
        assert_eq!(read, [0, 1_000, 1_000, 2_000]);
        let features = |event: usize| stream.events()[event].features.as_deref();
        assert_eq!(features(0), Some(&[1.0, 2.0][..]), "means of the locations");
        assert_eq!(features(1), Some(&[9.0, 10.0][..]));
        assert!(stream.events()[2].is_comment());
        let blind = StreamForm {
            encoder: None,
            ..form
        };
        assert_eq!(blind.stream(&episode("mine")).unwrap().events().len(), 1);
        let renamed = form.stream(&episode("renamed")).unwrap();
        assert_eq!(renamed.events().len(), stream.events().len());
        let error = form.stream(&episode("other")).unwrap_err().to_string();
        assert!(
            error.contains("show/01") && error.contains("other"),
            "{error}"
        );
    }

    #[test]
    fn episodes_have_pictures_of_one_encoder() {
        let blind = Episode::new("show/02", [], Dialogue::default());
        assert_eq!(picture_encoder([&blind]).unwrap(), None);
        let found = picture_encoder([&blind, &episode("mine"), &episode("renamed")]).unwrap();
        assert_eq!(found, Some((encoder("mine"), 2)));
        let error = picture_encoder([&episode("mine"), &episode("other")]).unwrap_err();
        assert!(error.to_string().contains("other"), "{error}");
    }
}
