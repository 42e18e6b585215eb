//! Writing a video: frames encoded, other packets as they are.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::mpsc::Receiver;

use video_rs::ffmpeg::{self, Dictionary, Rational, codec, encoder, format, frame, media, picture};

use super::source::{About, Item, TimedFrame, offset};
use super::{encode_error, file_url};
use crate::{Error, RenderOptions};

/// Presets of libx264 and libx265.
const PRESETS: [&str; 10] = [
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
    "placebo",
];

/// An output file being written.
pub(super) struct Sink {
    path: PathBuf,
    output: format::context::Output,
    encoder: encoder::Video,
    time_base: Rational,     // of the frames
    out_time_base: Rational, // of the video in the file
    copied: HashMap<usize, Copied>,
    pub(super) left_out: Vec<String>,
    durations: BTreeMap<i64, i64>, // of frames in the encoder, by time
    last_pts: Option<i64>,
    nominal: i64, // duration of a packet that is not of a known frame
    pub(super) frames: u64,
}

/// A copied stream.
struct Copied {
    index: usize,
    from: Rational,
    to: Rational,
    offset: i64, // taken off times, in `from`
}

/// What the encoder must know of the first frame.
pub(super) struct Picture<'a> {
    pub(super) frame: &'a frame::Video,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) pixel_aspect: Rational,
}

impl Sink {
    /// Opens `file` for writing and `path` for telling.
    pub(super) fn open(
        file: &Path,
        path: &Path,
        about: &About,
        picture: &Picture<'_>,
        options: &RenderOptions,
    ) -> Result<Self, Error> {
        let fail =
            |what: &str, error: ffmpeg::Error| encode_error(path, format!("{what}: {error}"));
        // Containers differ in what they hold: everything, sound and subtitles, sound, nothing else. Another picture, which is
        // mostly a cover, would become a second video.
        let attempts: [fn(media::Type) -> bool; 4] = [
            |medium| medium != media::Type::Video,
            |medium| matches!(medium, media::Type::Audio | media::Type::Subtitle),
            |medium| medium == media::Type::Audio,
            |_| false,
        ];
        let mut failure = None;
        for keeps in attempts {
            let encoder = open_encoder(path, about, picture, options, file)?;
            match Self::begin(file, about, &encoder, keeps) {
                Ok((output, copied, left_out)) => {
                    let out_time_base = output.stream(0).map_or(about.time_base, |s| s.time_base());
                    let nominal = about.nominal_duration();
                    return Ok(Self {
                        path: path.to_owned(),
                        output,
                        encoder,
                        time_base: about.time_base,
                        out_time_base,
                        copied,
                        left_out,
                        durations: BTreeMap::new(),
                        last_pts: None,
                        nominal,
                        frames: 0,
                    });
                }
                Err(error) => {
                    failure.get_or_insert(error);
                }
            }
        }
        Err(fail(
            "the container cannot be written; choose a name that ends in .mp4 or .mkv",
            failure.unwrap_or(ffmpeg::Error::Unknown),
        ))
    }

    #[expect(
        clippy::type_complexity,
        reason = "the parts of a Sink that depend on the streams"
    )]
    fn begin(
        file: &Path,
        about: &About,
        encoder: &encoder::Video,
        keeps: fn(media::Type) -> bool,
    ) -> Result<(format::context::Output, HashMap<usize, Copied>, Vec<String>), ffmpeg::Error> {
        let url = file_url(file).map_err(|_| ffmpeg::Error::Bug)?;
        let mut output = format::output(&url)?;
        let mut stream = output.add_stream(encoder.codec())?;
        stream.set_parameters(&**encoder);
        stream.set_time_base(about.time_base);
        stream.set_avg_frame_rate(about.frame_rate);
        stream.set_metadata(about.stream_metadata.clone());
        let mut left_out = Vec::new();
        let mut kept = Vec::new();
        for other in &about.others {
            if !keeps(other.medium) {
                left_out.push(format!(
                    "{:?} stream {} ({:?})",
                    other.medium,
                    other.index,
                    other.parameters.id()
                ));
                continue;
            }
            let mut stream = output.add_stream(None::<ffmpeg::Codec>)?;
            stream.set_parameters(other.parameters.clone());
            stream.set_time_base(other.time_base);
            stream.set_metadata(other.metadata.clone());
            let mut parameters = stream.parameters();
            clear_codec_tag(&mut parameters);
            kept.push((other, stream.index()));
        }
        output.set_metadata(about.metadata.clone());
        for chapter in &about.chapters {
            output.add_chapter(
                chapter.id,
                chapter.time_base,
                chapter.start,
                chapter.end,
                &chapter.title,
            )?;
        }
        let mut settings = Dictionary::new();
        if has_ending(file, &["mp4", "m4v", "mov"]) {
            settings.set("movflags", "+faststart"); // browsers begin before they have the whole file
        }
        output.write_header_with(settings).map(drop)?;
        let copied = kept
            .into_iter()
            .filter_map(|(other, index)| {
                let copied = Copied {
                    index,
                    from: other.time_base,
                    to: output.stream(index)?.time_base(),
                    offset: offset(about.start, other.time_base),
                };
                Some((other.index, copied))
            })
            .collect();
        Ok((output, copied, left_out))
    }

    /// Takes everything that comes, then ends the file.
    pub(super) fn run(mut self, items: &Receiver<Item>) -> Result<Self, Error> {
        for item in items {
            match item {
                Item::Frame(frame) => self.frame(frame)?,
                Item::Packet(index, packet) => self.copy(index, packet)?,
            }
        }
        self.encoder.send_eof().map_err(|error| self.fail(error))?;
        self.drain()?;
        self.output
            .write_trailer()
            .map_err(|error| self.fail(error))?;
        Ok(self)
    }

    fn frame(&mut self, timed: TimedFrame) -> Result<(), Error> {
        let TimedFrame {
            mut picture,
            pts,
            duration,
        } = timed;
        if let Some(last) = self.last_pts
            && let Some(duration) = self.durations.get_mut(&last)
        {
            *duration = pts.saturating_sub(last);
        }
        self.durations.insert(pts, duration);
        self.last_pts = Some(pts);
        picture.set_pts(Some(pts));
        picture.set_kind(picture::Type::None);
        self.encoder
            .send_frame(&picture)
            .map_err(|error| self.fail(error))?;
        self.frames += 1;
        self.drain()
    }

    fn drain(&mut self) -> Result<(), Error> {
        let mut packet = ffmpeg::Packet::empty();
        while self.encoder.receive_packet(&mut packet).is_ok() {
            let duration = packet.pts().and_then(|pts| self.durations.remove(&pts));
            packet.set_duration(duration.unwrap_or(self.nominal));
            packet.set_stream(0);
            packet.rescale_ts(self.time_base, self.out_time_base);
            packet
                .write_interleaved(&mut self.output)
                .map_err(|error| self.fail(error))?;
        }
        Ok(())
    }

    fn copy(&mut self, index: usize, mut packet: ffmpeg::Packet) -> Result<(), Error> {
        let Some(copied) = self.copied.get(&index) else {
            return Ok(());
        };
        packet.set_pts(packet.pts().map(|pts| pts.saturating_sub(copied.offset)));
        packet.set_dts(packet.dts().map(|dts| dts.saturating_sub(copied.offset)));
        packet.rescale_ts(copied.from, copied.to);
        packet.set_position(-1);
        packet.set_stream(copied.index);
        match packet.write_interleaved(&mut self.output) {
            // A broken packet of another stream does not stop the video.
            Ok(()) | Err(ffmpeg::Error::InvalidData) => Ok(()),
            Err(error) => Err(self.fail(error)),
        }
    }

    fn fail(&self, error: ffmpeg::Error) -> Error {
        encode_error(&self.path, format!("cannot be encoded or written: {error}"))
    }
}

fn open_encoder(
    path: &Path,
    about: &About,
    picture: &Picture<'_>,
    options: &RenderOptions,
    file: &Path,
) -> Result<encoder::Video, Error> {
    let name = options.encoder.as_str();
    if name.contains('\0') {
        return Err(encode_error(
            path,
            "the encoder's name holds a NUL character",
        ));
    }
    let codec = encoder::find_by_name(name).ok_or_else(|| {
        encode_error(
            path,
            format!("this FFmpeg has no encoder {name}: install one built with it (Debian, Ubuntu: `apt install libavcodec-extra`), or name another"),
        )
    })?;
    let preset = options.preset.as_str();
    if name.starts_with("libx26") && !PRESETS.contains(&preset) {
        // libx264 would write its own complaint to the terminal.
        return Err(encode_error(
            path,
            format!(
                "no preset is named {preset:?}: choose one of {}",
                PRESETS.join(", ")
            ),
        ));
    }
    let mut context = codec::Context::new_with_codec(codec);
    context.set_threading(codec::threading::Config::count(options.threads));
    // These containers keep the codec's headers in one place.
    if has_ending(file, &["mp4", "m4v", "mov", "mkv", "webm", "flv", "3gp"]) {
        context.set_flags(codec::Flags::GLOBAL_HEADER);
    }
    let fail = |error: ffmpeg::Error| {
        encode_error(
            path,
            format!(
                "{name} does not take {}x{} frames with preset {} and crf {}: {error}",
                picture.width, picture.height, options.preset, options.crf
            ),
        )
    };
    let mut video = context.encoder().video().map_err(fail)?;
    let frame = picture.frame;
    video.set_width(picture.width);
    video.set_height(picture.height);
    video.set_format(frame.format());
    video.set_aspect_ratio(picture.pixel_aspect);
    video.set_time_base(about.time_base);
    video.set_frame_rate(Some(about.frame_rate));
    video.set_colorspace(frame.color_space());
    video.set_color_range(frame.color_range());
    video.set_color_primaries(frame.color_primaries());
    video.set_color_transfer_characteristic(frame.color_transfer_characteristic());
    let mut settings = Dictionary::new();
    settings.set("crf", &options.crf.to_string());
    settings.set("preset", &preset.replace('\0', ""));
    video.open_with(settings).map_err(fail)
}

fn has_ending(file: &Path, endings: &[&str]) -> bool {
    let is = |ending: &&str| {
        file.extension()
            .is_some_and(|e| e.eq_ignore_ascii_case(ending))
    };
    endings.iter().any(is)
}

/// Lets the container choose its own tag for the codec; those of one container are errors in another.
#[expect(
    unsafe_code,
    reason = "copying a stream into another container needs it, and FFmpeg's bindings have no setter"
)]
fn clear_codec_tag(parameters: &mut codec::Parameters) {
    // SAFETY: the pointer is that of the output stream's parameters, which live as long as the output, and no other
    // reference to them exists while the field is written.
    unsafe {
        (*parameters.as_mut_ptr()).codec_tag = 0;
    }
}
