//! What a file says of its streams.

use ffmpeg_next::{
    self as ffmpeg, Dictionary, Rational, Rescale, codec, format, format::stream::Disposition,
    media,
};

use super::ffi::states_duration;
use super::rotation::Rotation;
use super::time::{offset, ratio, seconds};

/// What there is to know about the video before its first frame.
pub(super) struct StreamInfo {
    pub(super) time_base: Rational,
    pub(super) frame_rate: Rational,
    /// Duration of the file in seconds, 0 if it does not say.
    pub(super) seconds: f64,
    /// Duration that the file states, in its header.
    pub(super) stated: Option<Stated>,
    /// The codec of a video that has transparency in a layer beside its pictures, as in WebM.
    pub(super) alpha_layer: Option<String>,
    /// When the file begins, in seconds; streams may begin later. 0 if it begins before.
    pub(super) start: f64,
    /// When the video begins after that, in seconds.
    pub(super) begins: f64,
    /// How long a picture is shown on average, in seconds.
    pub(super) nominal_seconds: f64,
    /// Frames that the file says it has, 0 if it does not say.
    pub(super) declared_frames: u64,
    pub(super) rotation: Rotation,
    pub(super) pixel_aspect: Rational,
    pub(super) metadata: Dictionary<'static>,
    /// The stream's index in the file.
    pub(super) index: usize,
    pub(super) stream_metadata: Dictionary<'static>,
    pub(super) disposition: Disposition,
    pub(super) others: Vec<OtherStream>,
    pub(super) chapters: Vec<Chapter>,
}

/// A duration in the header of a file, in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Stated {
    /// That of the video.
    Video(f64),
    /// That of the longest stream.
    Longest(f64),
}

/// A chapter mark, counted from the start of the file.
pub(super) struct Chapter {
    pub(super) id: i64,
    pub(super) time_base: Rational,
    pub(super) start: i64,
    pub(super) end: i64,
    pub(super) title: String,
}

/// A stream that is copied.
pub(super) struct OtherStream {
    pub(super) index: usize,
    pub(super) medium: media::Type,
    pub(super) parameters: codec::Parameters,
    pub(super) time_base: Rational,
    pub(super) metadata: Dictionary<'static>,
    pub(super) disposition: Disposition,
}

impl OtherStream {
    /// FFmpeg's name of its codec.
    pub(super) fn codec_name(&self) -> String {
        self.parameters.id().name().to_owned()
    }
}

impl StreamInfo {
    pub(super) fn of(
        input: &format::context::Input,
        stream: &format::stream::Stream<'_>,
        pixel_aspect: Rational,
    ) -> Self {
        Self {
            time_base: stream.time_base(),
            frame_rate: frame_rate(stream),
            seconds: duration(input, stream),
            stated: stated(input, stream),
            alpha_layer: has_alpha_layer(stream)
                .then(|| stream.parameters().id().name().to_owned()),
            start: start(input),
            begins: begins(input, stream),
            nominal_seconds: ratio(frame_rate(stream).invert()),
            declared_frames: u64::try_from(stream.frames()).unwrap_or(0),
            rotation: Rotation::of(stream),
            pixel_aspect,
            metadata: input.metadata().to_owned(),
            index: stream.index(),
            stream_metadata: without_statistics(&stream.metadata()),
            disposition: stream.disposition(),
            others: others(input, stream.index()),
            chapters: chapters(input),
        }
    }

    /// How long a frame lasts at the average rate, in the video's time base.
    pub(super) fn nominal_duration(&self) -> i64 {
        1.rescale(self.frame_rate.invert(), self.time_base).max(1)
    }
}

/// What was measured on the old packets is not true of the new ones.
fn without_statistics(metadata: &ffmpeg::DictionaryRef<'_>) -> Dictionary<'static> {
    let measured = ["BPS", "DURATION", "NUMBER_OF_", "_STATISTICS_"];
    let mut kept = Dictionary::new();
    for (key, value) in metadata {
        let is_measured = measured.iter().any(|prefix| key.starts_with(prefix));
        if !is_measured && !key.eq_ignore_ascii_case("encoder") {
            kept.set(key, value);
        }
    }
    kept
}

pub(super) fn frame_rate(stream: &format::stream::Stream<'_>) -> Rational {
    [stream.avg_frame_rate(), stream.rate(), Rational(25, 1)]
        .into_iter()
        .find(|rate| ratio(*rate) > 0.0)
        .unwrap_or(Rational(25, 1))
}

#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a video are far below 2⁵³"
)]
pub(super) fn duration(input: &format::context::Input, stream: &format::stream::Stream<'_>) -> f64 {
    let of_stream = stream.duration().max(0) as f64 * ratio(stream.time_base());
    if of_stream > 0.0 {
        return of_stream;
    }
    input.duration().max(0) as f64 / f64::from(ffmpeg::ffi::AV_TIME_BASE)
}

/// What a header that was written at the end of the recording says. A recording that was broken off
/// has none, or one of zero.
#[expect(
    clippy::cast_precision_loss,
    reason = "microseconds of a video are far below 2⁵³"
)]
fn stated(input: &format::context::Input, stream: &format::stream::Stream<'_>) -> Option<Stated> {
    if !states_duration(input) {
        return None;
    }
    let longest = input.duration().max(0) as f64 / f64::from(ffmpeg::ffi::AV_TIME_BASE);
    let own = stream.duration().max(0) as f64 * ratio(stream.time_base());
    // FFmpeg shortens what an AVI that was cut off says of its time, and keeps what it says of its
    // frames.
    if input.format().name() == "avi" {
        let frames = stream.frames().max(0) as f64 / ratio(frame_rate(stream));
        return (frames > 0.0).then_some(Stated::Video(frames));
    }
    // Where the container has one duration for all, streams are given that.
    if own > 0.0 && own + 1e-3 < longest {
        Some(Stated::Video(own))
    } else {
        (longest > 0.0).then_some(Stated::Longest(longest))
    }
}

/// Whether a stream of VP8 or VP9 has a second one with its transparency inside.
pub(super) fn has_alpha_layer(stream: &format::stream::Stream<'_>) -> bool {
    stream.metadata().get("alpha_mode") == Some("1")
}

/// When the video begins, in seconds from the start of the file.
fn begins(input: &format::context::Input, stream: &format::stream::Stream<'_>) -> f64 {
    match stream.start_time() {
        ffmpeg::ffi::AV_NOPTS_VALUE => 0.0,
        time => (seconds(time, stream.time_base()) - start(input)).max(0.0),
    }
}

/// When the earliest stream begins, if that is after 0.
#[expect(
    clippy::cast_precision_loss,
    reason = "times of a video are far below 2⁵³"
)]
fn start(input: &format::context::Input) -> f64 {
    let starts = input
        .streams()
        .filter(|stream| {
            // Covers have no time of their own.
            stream.start_time() != ffmpeg::ffi::AV_NOPTS_VALUE
                && !stream.disposition().contains(Disposition::ATTACHED_PIC)
        })
        .map(|stream| stream.start_time() as f64 * ratio(stream.time_base()));
    let earliest = starts.fold(f64::INFINITY, f64::min);
    if earliest.is_finite() {
        earliest.max(0.0)
    } else {
        0.0
    }
}

fn chapters(input: &format::context::Input) -> Vec<Chapter> {
    let start = start(input);
    let chapter = |chapter: format::chapter::Chapter<'_>| {
        let moved = offset(start, chapter.time_base());
        Chapter {
            id: chapter.id(),
            time_base: chapter.time_base(),
            start: chapter.start().saturating_sub(moved),
            end: chapter.end().saturating_sub(moved),
            title: chapter
                .metadata()
                .get("title")
                .unwrap_or_default()
                .replace('\0', ""),
        }
    };
    input.chapters().map(chapter).collect()
}

fn others(input: &format::context::Input, video: usize) -> Vec<OtherStream> {
    input
        .streams()
        .filter(|stream| stream.index() != video)
        .map(|stream| OtherStream {
            index: stream.index(),
            medium: stream.parameters().medium(),
            parameters: stream.parameters(),
            time_base: stream.time_base(),
            metadata: stream.metadata().to_owned(),
            disposition: stream.disposition(),
        })
        .collect()
}
