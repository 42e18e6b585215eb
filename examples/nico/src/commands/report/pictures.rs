//! Pictures of the commented video, taken where most is said, and of where the model looks then.

use std::io::Cursor;

use burn::tensor::Device;
use caption_model::Captioner;
use image::{DynamicImage, ImageFormat};
use nico_corpus::report::{PageMoment, RunFolder, busiest_moments};
use overlay_render::{Layout, OutputSize, RenderOptions, render_frame};

use super::super::{attend::own_tiles, comment::has_attention};
use crate::{failure::Outcome, progress::Output};

/// Height of a picture, pixels.
const HEIGHT: u32 = 360;
/// Most moments at which it is shown where the model looks.
const LOOKS: usize = 3;

/// Draws at most so many moments, in order of time.
pub(super) fn draw(folder: &RunFolder, most: usize, output: Output) -> Outcome<Vec<PageMoment>> {
    let Some(video) = folder.video() else {
        return Ok(Vec::new());
    };
    let options = RenderOptions::default().size(OutputSize::Height(HEIGHT));
    let mut moments = busiest_moments(&folder.comments, most)
        .into_iter()
        .map(|(at, comments)| {
            let picture = render_frame(&video, at.as_secs_f64(), &Layout::default(), &options)?;
            Ok(PageMoment {
                at,
                comments,
                picture: png(&picture.into())?,
                attention: None,
            })
        })
        .collect::<Outcome<Vec<_>>>()?;
    if let Err(failure) = look(folder, &mut moments) {
        output.warn(&format!(
            "report: where the model looks is left out: {failure}"
        ));
    }
    Ok(moments)
}

/// Adds where the model looks, if it has attention and its video is still there.
fn look(folder: &RunFolder, moments: &mut [PageMoment]) -> Outcome {
    let Some(summary) = folder.summary.as_ref().filter(|_| !moments.is_empty()) else {
        return Ok(());
    };
    let captioner = Captioner::from_dir(folder.path.join("model"), &Device::flex())?;
    if !has_attention(&captioner) {
        return Ok(());
    }
    let times = moments.iter().take(LOOKS);
    let times: Vec<f64> = times.map(|moment| moment.at.as_secs_f64()).collect();
    let tiles = own_tiles(&captioner, &summary.target, &times)?;
    for (moment, tiles) in moments.iter_mut().zip(tiles) {
        moment.attention = Some(png(&tiles.into())?);
    }
    Ok(())
}

fn png(picture: &DynamicImage) -> Outcome<Vec<u8>> {
    let mut png = Cursor::new(Vec::new());
    picture.to_rgb8().write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}
