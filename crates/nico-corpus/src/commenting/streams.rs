use caption_model::{
    NgramHasher,
    commenter::{CommentPlace, CommentSize, CommentStyle, EventKind, Stream, StreamEvent},
};
use jp_tokenize::{PieceLearner, PieceOptions, Pieces};
use nico_comments::{Position, Size};

use crate::{
    error::Error,
    stream::{Episode, EpisodeComment},
};

/// The events of an episode as a commenter reads them: comments and lines of dialogue in pieces of
/// text and n-grams.
#[must_use]
pub fn commenter_stream(episode: &Episode, pieces: &Pieces, hasher: NgramHasher) -> Stream {
    let lines = episode.dialogue().lines().iter().map(|line| {
        let kind = EventKind::Line;
        StreamEvent::new(line.start_ms, kind, None, &line.text, pieces, hasher)
    });
    let comments = episode.comments().map(|comment| {
        let kind = EventKind::Comment(comment_style(&comment));
        let (millis, text) = (comment.millis, comment.text);
        StreamEvent::new(millis, kind, comment.user, text, pieces, hasher)
    });
    Stream::new(lines.chain(comments))
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
