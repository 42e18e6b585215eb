use std::path::Path;

use image::RgbaImage;

use super::draw::{Drawer, Job};
use super::failure;
use super::frame::Geometry;
use super::options::RenderOptions;
use super::pool::Pool;
use super::render::quieten;
use super::source::{Item, Source, TimedFrame};
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
    let (info, found) = find(input, at)?;
    let size = (found.picture.width(), found.picture.height());
    let geometry = Geometry::new(info.rotation, size, info.pixel_aspect, options.size)?;
    let pool = Pool::default();
    let job = Job {
        input,
        layout,
        options,
        time_base: info.time_base,
        rotation: info.rotation,
        pixel_aspect: info.pixel_aspect,
        choice: None,
        pool: &pool,
    };
    let t = seconds(found.pts, info.time_base) * 100.0;
    let (picture, _) = Drawer::new(job, geometry)?.picture(found.picture, t)?;
    Ok(picture)
}

/// The frame that is shown at a moment. Where reading from a little earlier finds none, as in a
/// video that stands still for long or has ended by then, it is looked for from the start.
fn find(input: &Path, at: f64) -> Result<(StreamInfo, TimedFrame), Error> {
    const EARLIER: f64 = 2.0;
    let span = |start: f64| Span {
        start,
        end: f64::INFINITY,
    };
    if at > EARLIER {
        let (info, source) = Source::open(input, span(at - EARLIER))?;
        if let Some(found) = shown(source, &info, at)? {
            let begins_by_then = seconds(found.pts, info.time_base) <= at + Span::SAME;
            if begins_by_then {
                return Ok((info, found));
            }
        }
    }
    let (info, source) = Source::open(input, span(0.0))?;
    match shown(source, &info, at)? {
        Some(found) => Ok((info, found)),
        None => Err(failure::input(input, InputProblem::NoFrames)),
    }
}

/// The last frame that begins by `at`, else the first.
fn shown(mut source: Source, info: &StreamInfo, at: f64) -> Result<Option<TimedFrame>, Error> {
    let mut found = None;
    while let Some(item) = source.next_item()? {
        let Item::Frame(frame) = item else {
            continue;
        };
        if found.is_some() && seconds(frame.pts, info.time_base) > at + Span::SAME {
            break;
        }
        found = Some(frame);
    }
    Ok(found)
}
