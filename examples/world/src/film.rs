//! Encoding pictures and sound into an MP4 file.

use std::fs::File;
use std::path::{Path, PathBuf};

use ffmpeg_next::{
    self as ffmpeg, ChannelLayout, Dictionary, Packet, Rational, codec, encoder, format,
    format::context::StreamIo, frame, software::scaling,
};
use tiny_skia::Pixmap;

use crate::error::Error;
use crate::sound::{Music, SAMPLE_RATE};

/// An MP4 being written: H.264 at a constant frame rate, with AAC stereo sound of the same length.
pub(crate) struct Film {
    path: PathBuf, // named in errors
    output: format::context::Output,
    video: encoder::Video,
    audio: encoder::Audio,
    scaler: scaling::Context,
    music: Music,
    frame_time: Rational,
    num_frames: i64,
    num_samples: i64,
}

const VIDEO: usize = 0;
const AUDIO: usize = 1;

impl Film {
    /// Begins a film in `file`; `path` is what errors call it. `fps` is a fraction.
    pub(crate) fn create(
        file: &File,
        path: &Path,
        [width, height]: [u32; 2],
        fps: [u32; 2],
        music: Music,
    ) -> Result<Self, Error> {
        let fault = |action| {
            move |source| Error::Video {
                path: path.to_owned(),
                action,
                source,
            }
        };
        ffmpeg::util::error::register_all(); // texts of errors
        ffmpeg::log::set_level(ffmpeg::log::Level::Error);
        let frame_time = Rational(to_i32(fps[1]), to_i32(fps[0]));
        let file = file.try_clone().map_err(|source| Error::io(path, source))?;
        let mut output = StreamIo::from_write_seek(file)
            .and_then(|file| format::output_to_stream(file, None, Some("mp4")))
            .map_err(fault("create the file"))?;
        let global_header = output
            .format()
            .flags()
            .contains(format::Flags::GLOBAL_HEADER);

        let h264 = encoder::find_by_name("libx264")
            .or_else(|| encoder::find(codec::Id::H264))
            .ok_or(ffmpeg::Error::EncoderNotFound)
            .map_err(fault(
                "find an H.264 encoder: install an FFmpeg with libx264",
            ))?;
        output
            .add_stream(h264)
            .map_err(fault("add a video track"))?;
        let mut video = codec::context::Context::new_with_codec(h264)
            .encoder()
            .video()
            .map_err(fault("set up H.264"))?;
        video.set_width(width);
        video.set_height(height);
        video.set_format(format::Pixel::YUV420P);
        video.set_time_base(frame_time);
        video.set_frame_rate(Some(frame_time.invert()));
        video.set_gop(60);
        // Browsers seek to pictures that nothing before them is needed for.
        let mut flags = codec::Flags::CLOSED_GOP;
        flags.set(codec::Flags::GLOBAL_HEADER, global_header);
        video.set_flags(flags);
        let mut options = Dictionary::new();
        options.set("preset", "veryfast");
        options.set("crf", "20");
        options.set("threads", "2");
        let video = video.open_with(options).map_err(fault("start H.264"))?;

        let aac = encoder::find(codec::Id::AAC)
            .ok_or(ffmpeg::Error::EncoderNotFound)
            .map_err(fault("find an AAC encoder"))?;
        output.add_stream(aac).map_err(fault("add a sound track"))?;
        let mut audio = codec::context::Context::new_with_codec(aac)
            .encoder()
            .audio()
            .map_err(fault("set up AAC"))?;
        audio.set_rate(to_i32(SAMPLE_RATE));
        audio.set_format(format::Sample::F32(format::sample::Type::Planar));
        audio.set_channel_layout(ChannelLayout::STEREO);
        audio.set_bit_rate(128_000);
        audio.set_time_base(Rational(1, to_i32(SAMPLE_RATE)));
        if global_header {
            audio.set_flags(codec::Flags::GLOBAL_HEADER);
        }
        let audio = audio.open().map_err(fault("start AAC"))?;

        for (index, time_base) in [
            (VIDEO, frame_time),
            (AUDIO, Rational(1, to_i32(SAMPLE_RATE))),
        ] {
            let mut stream = output.stream_mut(index).expect("it was added above");
            stream.set_time_base(time_base);
            match index {
                VIDEO => {
                    stream.set_parameters(&video);
                    stream.set_rate(frame_time.invert());
                    stream.set_avg_frame_rate(frame_time.invert());
                }
                _ => stream.set_parameters(&audio),
            }
        }
        output.write_header().map_err(fault("write the header"))?;
        let scaler = scaling::Context::get(
            format::Pixel::RGBA,
            width,
            height,
            format::Pixel::YUV420P,
            width,
            height,
            scaling::Flags::BILINEAR,
        )
        .map_err(fault("set up the change of colours"))?;
        Ok(Self {
            path: path.to_owned(),
            output,
            video,
            audio,
            scaler,
            music,
            frame_time,
            num_frames: 0,
            num_samples: 0,
        })
    }

    /// Shows `picture` for `frames` frames.
    pub(crate) fn push(&mut self, picture: &Pixmap, frames: usize) -> Result<(), Error> {
        let mut rgba = frame::Video::new(format::Pixel::RGBA, picture.width(), picture.height());
        let stride = rgba.stride(0);
        let row_bytes = picture.width() as usize * tiny_skia::BYTES_PER_PIXEL;
        let rows = picture.data().chunks_exact(row_bytes);
        for (row, line) in rows.zip(rgba.data_mut(0).chunks_mut(stride)) {
            line[..row_bytes].copy_from_slice(row);
        }
        let mut yuv = frame::Video::empty();
        self.scaler
            .run(&rgba, &mut yuv)
            .map_err(|source| self.fault("change colours", source))?;
        for _ in 0..frames {
            yuv.set_pts(Some(self.num_frames));
            self.num_frames += 1;
            self.video
                .send_frame(&yuv)
                .map_err(|source| self.fault("encode a picture", source))?;
            self.drain(VIDEO)?;
        }
        let reached = self.samples_at(self.num_frames);
        while self.num_samples + self.block() <= reached {
            self.push_sound(self.block())?;
        }
        Ok(())
    }

    /// Writes what is left and closes the file.
    pub(crate) fn finish(mut self) -> Result<(), Error> {
        let rest = self.samples_at(self.num_frames) - self.num_samples;
        if rest > 0 {
            self.push_sound(rest)?;
        }
        self.video
            .send_eof()
            .map_err(|source| self.fault("end the pictures", source))?;
        self.drain(VIDEO)?;
        self.audio
            .send_eof()
            .map_err(|source| self.fault("end the sound", source))?;
        self.drain(AUDIO)?;
        self.output
            .write_trailer()
            .map_err(|source| self.fault("end the file", source))
    }

    /// How many samples the encoder takes at a time.
    fn block(&self) -> i64 {
        i64::from(self.audio.frame_size().max(1))
    }

    /// How many samples of sound there are when `frames` frames have been shown.
    fn samples_at(&self, frames: i64) -> i64 {
        let (time, scale) = (
            i64::from(self.frame_time.numerator()),
            i64::from(self.frame_time.denominator()),
        );
        (frames * time * i64::from(SAMPLE_RATE) + scale / 2) / scale
    }

    fn push_sound(&mut self, samples: i64) -> Result<(), Error> {
        let count = usize::try_from(samples).unwrap_or(0);
        let mut sound = frame::Audio::new(
            format::Sample::F32(format::sample::Type::Planar),
            count,
            ChannelLayout::STEREO,
        );
        sound.set_rate(SAMPLE_RATE);
        sound.set_pts(Some(self.num_samples));
        let (mut left, mut right) = (vec![0.0; count], vec![0.0; count]);
        self.music.render(&mut left, &mut right);
        sound.plane_mut::<f32>(0)[..count].copy_from_slice(&left);
        sound.plane_mut::<f32>(1)[..count].copy_from_slice(&right);
        self.num_samples += samples;
        self.audio
            .send_frame(&sound)
            .map_err(|source| self.fault("encode sound", source))?;
        self.drain(AUDIO)
    }

    /// Moves finished packets of a track from its encoder to the file.
    fn drain(&mut self, track: usize) -> Result<(), Error> {
        let mut packet = Packet::empty();
        let time_base = if track == VIDEO {
            self.frame_time
        } else {
            Rational(1, to_i32(SAMPLE_RATE))
        };
        let to = self
            .output
            .stream(track)
            .expect("it was added when the film began")
            .time_base();
        loop {
            let received = match track {
                VIDEO => self.video.receive_packet(&mut packet),
                _ => self.audio.receive_packet(&mut packet),
            };
            match received {
                Ok(()) => {}
                Err(ffmpeg::Error::Eof) => return Ok(()),
                Err(ffmpeg::Error::Other { errno }) if errno == ffmpeg::error::EAGAIN => {
                    return Ok(());
                }
                Err(source) => return Err(self.fault("encode", source)),
            }
            packet.set_stream(track);
            packet.rescale_ts(time_base, to);
            packet
                .write_interleaved(&mut self.output)
                .map_err(|source| self.fault("write", source))?;
        }
    }

    fn fault(&self, action: &'static str, source: ffmpeg::Error) -> Error {
        Error::Video {
            path: self.path.clone(),
            action,
            source,
        }
    }
}

fn to_i32(value: u32) -> i32 {
    i32::try_from(value).unwrap_or(i32::MAX)
}
