//! Opening a video file.

use std::path::Path;
use std::sync::Once;

use ffmpeg_next::{self as ffmpeg, Discard, Rational, format, format::stream::Disposition, media};

use super::failure;
use super::ffi::set_discard;
use super::files::file_url;
use super::time::offset;
use crate::error::Error;
use crate::problem::InputProblem;

/// Opens a file, and finds the stream that is its video. A file is read from two places at once,
/// [pictures](super::frames) and [everything else](super::packets), so it must be a regular one.
pub(super) fn open(path: &Path) -> Result<(format::context::Input, usize), Error> {
    let meta = std::fs::metadata(path).map_err(|source| Error::read(path, source))?;
    if meta.is_dir() {
        return Err(failure::input(path, InputProblem::Folder));
    }
    if !meta.is_file() {
        return Err(failure::input(path, InputProblem::NotRegular));
    }
    start();
    let url = file_url(path).ok_or_else(|| failure::input(path, InputProblem::Name))?;
    let input = format::input(&url)
        .map_err(|error| failure::input_because(path, InputProblem::NotAVideo, error))?;
    let video = input
        .streams()
        .best(media::Type::Video)
        .filter(|stream| !stream.disposition().contains(Disposition::ATTACHED_PIC))
        .map(|stream| stream.index())
        .ok_or_else(|| failure::input(path, InputProblem::NoVideoStream))?;
    Ok((input, video))
}

/// Keeps the demuxer from reading streams that nobody asks for.
pub(super) fn read_only(input: &mut format::context::Input, is_wanted: impl Fn(usize) -> bool) {
    for mut stream in input.streams_mut() {
        if !is_wanted(stream.index()) {
            set_discard(&mut stream, Discard::All);
        }
    }
}

/// Goes to a place before `seconds`, as near as the container finds it; whether it could.
pub(super) fn seek(input: &mut format::context::Input, seconds: f64) -> bool {
    let at = offset(seconds, Rational(1, ffmpeg::ffi::AV_TIME_BASE));
    input.seek(at, ..at).is_ok()
}

/// Makes FFmpeg's texts of errors. Not `ffmpeg::init`, which also starts cameras and screens, and
/// links two hundred libraries for them: starting a program with these takes twice as long.
fn start() {
    static STARTED: Once = Once::new();
    STARTED.call_once(ffmpeg::util::error::register_all);
}
