//! Where the model looked, as files and pictures take it.

use anyhow::anyhow;
use std::{
    io::{self, Write},
    path::Path,
};

use caption_model::{Captioner, WordAttention};
use nico_comments::write_whole;
use overlay_render::{AttentionMap, CommentMaps, WordMap};

use nico_corpus::CrowdComment;

use crate::failure::Outcome;

/// A file of attention maps that is being written.
pub(crate) struct MapsFile<'a> {
    out: &'a mut dyn Write,
}

/// Writes a file of attention maps, whole or not at all, while `write` writes comments.
pub(crate) fn write_maps<T>(
    path: &Path,
    write: impl FnOnce(&mut MapsFile<'_>) -> Outcome<T>,
) -> Outcome<T> {
    let mut outcome = None;
    let written = write_whole(path, |out| {
        let made = write(&mut MapsFile { out });
        let failed = made.is_err();
        outcome = Some(made);
        if failed {
            return Err(io::Error::other("the comments could not be written"));
        }
        Ok(())
    });
    match (outcome, written) {
        (Some(Err(failure)), _) => Err(failure), // the reason itself
        (_, Err(error)) => Err(error.into()),
        (Some(made), Ok(())) => made,
        (None, Ok(())) => Err(anyhow!("no comments were written")),
    }
}

impl MapsFile<'_> {
    /// Adds a comment's line.
    pub(crate) fn push(&mut self, captioner: &Captioner, written: &CrowdComment) -> Outcome {
        let words = written.caption.words.iter();
        let labels: Vec<String> = words
            .map(|&word| captioner.vocabulary().decode(&[word]))
            .collect();
        let seen = written.caption.attention.as_deref().unwrap_or_default();
        #[expect(
            clippy::cast_precision_loss,
            reason = "a time in a video, far below 2^52"
        )]
        let comment = CommentMaps {
            vpos: written.comment.vpos.0 as f64,
            words: word_maps(captioner, &labels, seen, rounded)?,
        };
        serde_json::to_writer(&mut self.out, &comment)?;
        Ok(self.out.write_all(b"\n")?)
    }
}

/// Words with where the model looked before each; `weight` is done to every weight.
pub(crate) fn word_maps(
    captioner: &Captioner,
    words: &[String],
    seen: &[WordAttention],
    weight: impl Fn(f32) -> f32,
) -> Outcome<Vec<WordMap>> {
    let pairs = words.iter().zip(seen);
    pairs
        .map(|(word, seen)| {
            let weights: Vec<f32> = seen.weights.iter().map(|&value| weight(value)).collect();
            let locations = weights.len();
            let encoder = &captioner.config().encoder;
            let (rows, columns) = encoder.rows_and_columns(locations).ok_or_else(|| {
                anyhow!(
                    "{encoder}: its maps have {locations} locations, which fill no rows and columns"
                )
            })?;
            Ok(WordMap {
                word: word.clone(),
                gate: seen.gate,
                map: AttentionMap::new(columns, rows, weights)?,
            })
        })
        .collect()
}

/// A weight to five decimals: files become half as long, and pictures have 256 shades.
fn rounded(weight: f32) -> f32 {
    (weight * 1e5).round() / 1e5
}
