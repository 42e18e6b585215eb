use std::{
    fs::File,
    io::{BufRead, BufReader, BufWriter, Read, Write},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::map::AttentionMap;
use super::tiles::WordMap;
use crate::error::Error;

/// Longest line that is read: a comment of 1,000 words over 28x28 locations has 16 MB.
const MAX_LINE: u64 = 64 << 20;

/// A comment with where its model looked.
///
/// ```
/// use overlay_render::CommentMaps;
///
/// let line = r#"{"vpos":120,"words":[
///     {"word":"チノ","gate":0.8,"map":{"columns":1,"rows":1,"weights":[1.0]}}
/// ]}"#;
/// let comment: CommentMaps = serde_json::from_str(line)?;
/// assert_eq!(comment.words[0].word, "チノ");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommentMaps {
    /// When the comment appears, centiseconds.
    pub vpos: f64,
    /// Its words in order.
    pub words: Vec<WordMap>,
}

/// Where a model looked over the length of a video.
///
/// Its file has a JSON object a line, one for each comment: `{"vpos": centiseconds, "words":
/// [{"word", "gate", "map": {"columns", "rows", "weights"}}]}`.
///
/// ```
/// use overlay_render::{AttentionMap, AttentionTrack, CommentMaps, WordMap};
///
/// let map_of = |word: &str, weights: [f32; 2]| WordMap {
///     word: word.into(),
///     gate: None,
///     map: AttentionMap::new(2, 1, weights.to_vec()).expect("a map"),
/// };
/// let words = vec![map_of("チノ", [1.0, 0.0]), map_of("かわいい", [0.0, 1.0])];
/// let comment = CommentMaps { vpos: 1_000.0, words };
/// let track = AttentionTrack::new(vec![comment], 400.0);
/// assert_eq!(track.map_at(1_000.0).expect("the first word").weights(), [1.0, 0.0]);
/// assert_eq!(track.map_at(1_200.0).expect("half and half").weights(), [0.5, 0.5]);
/// assert!(track.map_at(1_400.0).is_none()); // it is over
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AttentionTrack {
    /// In order of time.
    comments: Vec<CommentMaps>,
    /// How long each lasts, centiseconds.
    duration: f64,
    omitted: usize,
}

impl AttentionTrack {
    /// How long a scrolling comment takes to cross the original's picture, centiseconds.
    pub const CROSSING: f64 = 400.0;

    /// A track of comments, each shown for `duration` centiseconds. Comments that have no map to
    /// show, or no time to show it at, are left out and counted: see [`omitted`](Self::omitted).
    #[must_use]
    pub fn new(mut comments: Vec<CommentMaps>, duration: f64) -> Self {
        let given = comments.len();
        comments.retain(|comment| comment.vpos.is_finite() && !comment.words.is_empty());
        comments.sort_by(|a, b| a.vpos.total_cmp(&b.vpos));
        Self {
            omitted: given - comments.len(),
            comments,
            duration,
        }
    }

    /// How many of the comments that were given, or stand in the file that was read, are not on the
    /// track: those without words, and those whose time is not finite.
    #[must_use]
    pub fn omitted(&self) -> usize {
        self.omitted
    }

    /// The comments in order of time.
    #[must_use]
    pub fn comments(&self) -> &[CommentMaps] {
        &self.comments
    }

    /// Where the model looks at `t` centiseconds: the words of a comment one after the other while
    /// it is shown, each fading into the next; the mean over the comments that are shown. Nothing
    /// if there is none, or if their maps differ in size.
    #[must_use]
    pub fn map_at(&self, t: f64) -> Option<AttentionMap> {
        let end = self.comments.partition_point(|comment| comment.vpos <= t);
        let start = self
            .comments
            .partition_point(|comment| comment.vpos <= t - self.duration);
        let shown = self.comments.get(start..end)?;
        AttentionMap::mean(shown.iter().flat_map(|comment| {
            let passed = (t - comment.vpos) / self.duration; // 0 to below 1
            comment.shares(passed)
        }))
    }

    /// Reads a file; every comment is shown for `duration` centiseconds, and those left out are
    /// counted as by [`new`](Self::new).
    ///
    /// # Errors
    ///
    /// [`Error::Read`] if it cannot be read, [`Error::AttentionFile`] with the line that is no
    /// comment with words.
    pub fn read(path: impl AsRef<Path>, duration: f64) -> Result<Self, Error> {
        let path = path.as_ref();
        let io = |error| Error::read(path, error);
        let mut file = BufReader::new(File::open(path).map_err(io)?);
        let mut comments = Vec::new();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            let read = file.by_ref().take(MAX_LINE).read_until(b'\n', &mut line);
            if read.map_err(io)? == 0 {
                break;
            }
            if line.trim_ascii().is_empty() {
                continue;
            }
            let comment = serde_json::from_slice(&line).map_err(|error| Error::AttentionFile {
                path: path.to_owned(),
                line: number,
                source: error,
            })?;
            comments.push(comment);
        }
        Ok(Self::new(comments, duration))
    }

    /// Writes the comments' lines.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&self, out: impl Write) -> std::io::Result<()> {
        let mut out = BufWriter::new(out);
        for comment in &self.comments {
            serde_json::to_writer(&mut out, comment)?;
            out.write_all(b"\n")?;
        }
        out.flush()
    }
}

impl CommentMaps {
    /// The two words that a moment lies between, with their shares; `passed` is 0 at the comment's
    /// beginning and 1 at its end.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place among a few words, held within them"
    )]
    fn shares(&self, passed: f64) -> impl Iterator<Item = (f32, &AttentionMap)> {
        let last = self.words.len() - 1;
        let place = (passed * self.words.len() as f64 - 0.5).clamp(0.0, last as f64);
        let (first, share) = (place as usize, place.fract() as f32);
        let pair = [(1.0 - share, first), (share, (first + 1).min(last))];
        pair.into_iter()
            .filter(|(share, _)| *share > 0.0)
            .map(|(share, index)| (share, &self.words[index].map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn comment(vpos: f64, maps: &[[f32; 2]]) -> CommentMaps {
        let words = maps.iter().map(|map| WordMap {
            word: "語".into(),
            gate: Some(0.5),
            map: AttentionMap::new(2, 1, map.to_vec()).unwrap(),
        });
        CommentMaps {
            vpos,
            words: words.collect(),
        }
    }

    /// Four words in 400 cs have their middles at 50, 150, 250 and 350 cs; at 175 the third has a
    /// quarter.
    #[test]
    fn words_fade_into_each_other() {
        let words = [[1.0, 0.0], [0.5, 0.5], [0.0, 1.0], [1.0, 0.0]];
        let track = AttentionTrack::new(vec![comment(0.0, &words)], 400.0);
        let at = |t| track.map_at(t).map(|map| map.weights().to_vec());
        assert_eq!(at(0.0), Some(vec![1.0, 0.0]));
        assert_eq!(at(150.0), Some(vec![0.5, 0.5]));
        assert_eq!(at(175.0), Some(vec![0.375, 0.625]));
        assert_eq!(at(399.0), Some(vec![1.0, 0.0]));
        assert_eq!((at(-1.0), at(400.0)), (None, None));
    }

    #[test]
    fn comments_without_words_or_time_are_counted() {
        let given = vec![
            comment(0.0, &[[1.0, 0.0]]),
            comment(1.0, &[]),
            comment(f64::NAN, &[[1.0, 0.0]]),
        ];
        let track = AttentionTrack::new(given, 400.0);
        assert_eq!((track.comments().len(), track.omitted()), (1, 2));
    }

    #[test]
    fn comments_shown_together_are_averaged() {
        let comments = vec![comment(300.0, &[[0.0, 1.0]]), comment(0.0, &[[1.0, 0.0]])];
        let track = AttentionTrack::new(comments, 400.0);
        assert_eq!(track.map_at(350.0).unwrap().weights(), [0.5, 0.5]);
        assert_eq!(track.map_at(450.0).unwrap().weights(), [0.0, 1.0]);
    }

    #[test]
    fn files_are_read_back_and_their_mistakes_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("attention.jsonl");
        let track = AttentionTrack::new(
            vec![comment(0.0, &[[1.0, 0.0]]), comment(7.5, &[[0.25, 0.75]])],
            400.0,
        );
        let mut bytes = Vec::new();
        track.write(&mut bytes).unwrap();
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(AttentionTrack::read(&path, 400.0).unwrap(), track);
        bytes.extend(br#"{"vpos": 3, "words": [{"word": "a", "map": {"columns": 9}}]}"#);
        std::fs::write(&path, &bytes).unwrap();
        let message = AttentionTrack::read(&path, 400.0).unwrap_err().to_string();
        assert!(
            message.contains("attention.jsonl") && message.contains("line 3"),
            "{message}"
        );
    }
}
