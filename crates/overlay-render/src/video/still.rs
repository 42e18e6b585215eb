use std::path::Path;

use image::RgbaImage;

use super::colors::depth_and_alpha;
use super::draw::{Canvas, Drawer, Job};
use super::failure;
use super::frames::{Frames, TimedFrame};
use super::geometry::Geometry;
use super::options::{Background, RenderOptions};
use super::pool::Pool;
use super::render::quieten;
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::seconds;
use crate::error::Error;
use crate::place::Layout;
use crate::problem::InputProblem;

/// Draws the frame that is shown `at` seconds from the video's start, with its comments: the last
/// one that begins by then, or the first. [`RenderOptions::size`] and
/// [`background`](RenderOptions::background) apply.
///
/// ```no_run
/// use std::path::Path;
///
/// use overlay_render::{Layout, RenderOptions, render_frame};
///
/// let (layout, options) = (Layout::default(), RenderOptions::default());
/// let picture = render_frame(Path::new("in.mp4"), 12.5, &layout, &options)?;
/// picture.save("frame.png").expect("the folder can be written");
/// # Ok::<(), overlay_render::Error>(())
/// ```
///
/// # Errors
///
/// As [`render`](crate::render); [`Error::Span`] if `at` is negative or no number.
pub fn render_frame(
    input: &Path,
    at: f64,
    layout: &Layout,
    options: &RenderOptions,
) -> Result<RgbaImage, Error> {
    quieten(options);
    if !(at.is_finite() && at >= 0.0) {
        return Err(Error::Span { start: at, end: at });
    }
    let needs_alpha = options.background == Background::Video;
    let (info, found) = find(input, at, needs_alpha)?;
    let size = (found.picture.width(), found.picture.height());
    let geometry = Geometry::new(
        info.rotation,
        size,
        info.pixel_aspect,
        (options.size, options.shape),
    )?;
    let (_, has_alpha, _) = depth_and_alpha(found.picture.format());
    let pool = Pool::default();
    let job = Job {
        input,
        layout,
        options,
        time_base: info.time_base,
        rotation: info.rotation,
        pixel_aspect: info.pixel_aspect,
        alpha_layer: info.alpha_layer.as_deref(),
        choice: None,
        pool: &pool,
    };
    let canvas = Canvas {
        geometry,
        keeps_alpha: has_alpha && job.can_keep_alpha(),
        format: job.paint_format(found.picture.format()),
    };
    let t = seconds(found.pts, info.time_base) * 100.0;
    let (picture, _) = Drawer::new(job, canvas)?.picture(found.picture, t)?;
    Ok(picture)
}

/// The frame that is shown at a moment: the last that begins by then, else the first.
fn find(input: &Path, at: f64, needs_alpha: bool) -> Result<(StreamInfo, TimedFrame), Error> {
    let (info, mut frames) = Frames::open(input, at, needs_alpha)?;
    let mut found = None;
    while let Some(frame) = frames.next_frame()? {
        if found.is_some() && seconds(frame.pts, info.time_base) > at + Span::SAME {
            break;
        }
        found = Some(frame);
    }
    match found {
        Some(found) => Ok((info, found)),
        None => Err(failure::input(input, InputProblem::NoFrames)),
    }
}
