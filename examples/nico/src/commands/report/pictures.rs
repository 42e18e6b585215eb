//! Pictures of the commented video, taken where most is said, and of where the model looks then.

use std::io::Cursor;

use base64::{Engine, prelude::BASE64_STANDARD};
use burn::tensor::Device;
use caption_model::Captioner;
use image::{DynamicImage, ImageFormat};
use nico_comments::{Comment, Vpos};
use overlay_render::{Layout, OutputSize, RenderOptions, render_frame};

use super::{
    super::{attend::own_tiles, comment::has_attention},
    folder::RunFolder,
};
use crate::{failure::Outcome, progress::Output};

/// Height of a picture, pixels.
const HEIGHT: u32 = 360;
/// How long a comment is seen, centiseconds before and after its `vpos`.
const SEEN: (i64, i64) = (100, 300);
/// Most moments at which it is shown where the model looks.
const LOOKS: usize = 3;

/// What is seen at a moment.
#[derive(Debug)]
pub(super) struct Shot {
    pub(super) at: Vpos,
    /// Comments that are seen then.
    pub(super) comments: usize,
    /// The commented video's picture: a PNG as a `data:` address.
    pub(super) picture: String,
    /// Where the model looks while it writes a comment on it, if it has attention.
    pub(super) looks: Option<String>,
}

/// Draws at most so many moments, in order of time.
pub(super) fn draw(folder: &RunFolder, most: usize, output: Output) -> Outcome<Vec<Shot>> {
    let Some(video) = folder.video() else {
        return Ok(Vec::new());
    };
    let options = RenderOptions::default().size(OutputSize::Height(HEIGHT));
    let moments = busiest(&folder.comments, most).into_iter();
    let mut shots = moments
        .map(|(at, comments)| {
            let picture = render_frame(&video, at.as_secs_f64(), &Layout::default(), &options)?;
            Ok(Shot {
                at,
                comments,
                picture: address(&picture.into())?,
                looks: None,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    if let Err(failure) = look(folder, &mut shots) {
        output.say(&format!(
            "report: where the model looks is left out: {failure}"
        ));
    }
    Ok(shots)
}

/// Adds where the model looks, if it has attention and its video is still there.
fn look(folder: &RunFolder, shots: &mut [Shot]) -> Outcome {
    let Some(summary) = folder.summary.as_ref().filter(|_| !shots.is_empty()) else {
        return Ok(());
    };
    let captioner = Captioner::from_dir(folder.path.join("model"), &Device::flex())?;
    if !has_attention(&captioner) {
        return Ok(());
    }
    let moments = shots.iter().take(LOOKS);
    let moments: Vec<f64> = moments.map(|shot| shot.at.as_secs_f64()).collect();
    let tiles = own_tiles(&captioner, &summary.target, &moments)?;
    for (shot, tiles) in shots.iter_mut().zip(tiles) {
        shot.looks = Some(address(&tiles.into())?);
    }
    Ok(())
}

/// A picture as a `data:` address.
fn address(picture: &DynamicImage) -> Outcome<String> {
    let mut png = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut png, ImageFormat::Png)?;
    let text = BASE64_STANDARD.encode(png.get_ref());
    Ok(format!("data:image/png;base64,{text}"))
}

/// The moments at which most comments are seen, and how many; apart from each other, in order of
/// time. `comments` are by time.
fn busiest(comments: &[Comment], most: usize) -> Vec<(Vpos, usize)> {
    let times: Vec<i64> = comments
        .iter()
        .map(|comment| comment.vpos.0.max(0))
        .collect();
    let (Some(&first), Some(&last)) = (times.first(), times.last()) else {
        return Vec::new();
    };
    let parts = i64::try_from(most.max(1))
        .unwrap_or(i64::MAX)
        .saturating_mul(2);
    let apart = (last.saturating_sub(first) / parts).max(SEEN.0 + SEEN.1);
    let mut moments: Vec<(i64, usize)> = times
        .iter()
        .map(|time| {
            let at = time.saturating_add(SEEN.1 / 3); // when it has come into the picture
            let from = times.partition_point(|&other| other < at.saturating_sub(SEEN.1));
            let to = times.partition_point(|&other| other <= at.saturating_add(SEEN.0));
            (at, to - from)
        })
        .collect();
    moments.sort_by_key(|&(at, seen)| (std::cmp::Reverse(seen), at));
    let mut chosen: Vec<(i64, usize)> = Vec::new();
    for (at, seen) in moments {
        if chosen.len() >= most {
            break;
        }
        if chosen
            .iter()
            .all(|&(other, _)| at.abs_diff(other) >= apart.unsigned_abs())
        {
            chosen.push((at, seen));
        }
    }
    chosen.sort_unstable();
    chosen
        .into_iter()
        .map(|(at, seen)| (Vpos(at), seen))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_where_most_is_said_and_apart() {
        let at = |times: &[i64]| -> Vec<Comment> {
            times
                .iter()
                .map(|&time| Comment::new(Vpos(time), "w"))
                .collect()
        };
        let comments = at(&[
            -5,
            1_000,
            1_010,
            1_020,
            1_030,
            5_000,
            5_010,
            9_000,
            i64::MAX,
        ]);
        assert_eq!(
            busiest(&comments[..8], 2),
            [(Vpos(1_100), 4), (Vpos(5_100), 2)]
        );
        assert_eq!(busiest(&comments[..8], 9).len(), 4); // the four bunches, each once
        assert!(!busiest(&comments, 3).is_empty() && busiest(&[], 3).is_empty());
        assert_eq!(busiest(&comments, 0), []);
    }
}
