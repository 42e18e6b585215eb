//! Sound of a codec that a container does not hold, encoded anew.

use std::collections::VecDeque;

use ffmpeg_next::{
    self as ffmpeg, ChannelLayout, Rational, Rescale, codec, decoder, encoder, format, frame,
    software::resampling,
};

use super::stream_info::OtherStream;
use super::time::seconds;

/// Bits a second for each channel: lossy codecs of today are transparent there.
const BIT_RATE: usize = 96_000;
/// Samples of a frame for encoders that take any number.
const ANY_SIZE: usize = 1024;
/// Samples that a resampler may keep for what follows.
const ROOM: usize = 4096;
/// Channels that frames of FFmpeg's bindings reach.
const MAX_CHANNELS: i32 = 8;
/// Time may jump by this much, in seconds, before what follows is moved.
const GAP: f64 = 0.1;

/// Packets of one codec into packets of another.
pub(super) struct Transcoder {
    decoder: decoder::Audio,
    encoder: encoder::audio::Encoder,
    resampler: Option<(Sound, resampling::Context)>,
    output: Sound,
    from: Rational,        // time base of the packets that come
    waiting: Vec<Vec<u8>>, // samples that do not fill a frame yet, by plane
    frame_size: usize,
    next: Option<i64>, // time of the first of them, in samples
    ready: VecDeque<ffmpeg::Packet>,
}

/// How samples are stored.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Sound {
    format: format::Sample,
    layout: ChannelLayout,
    rate: u32,
}

impl Sound {
    fn of(frame: &frame::Audio) -> Self {
        Self {
            format: frame.format(),
            layout: known(frame.channel_layout(), frame.channels()),
            rate: frame.rate(),
        }
    }

    /// Planes, and bytes of a sample in one.
    fn planes(self) -> (usize, usize) {
        let channels = usize::try_from(self.layout.channels()).unwrap_or(1).max(1);
        if self.format.is_planar() {
            (channels, self.format.bytes())
        } else {
            (1, channels * self.format.bytes())
        }
    }
}

/// The usual layout of so many channels where a file does not say.
fn known(layout: ChannelLayout, channels: u16) -> ChannelLayout {
    if layout.is_empty() {
        ChannelLayout::default(channels.max(1).into())
    } else {
        layout
    }
}

impl Transcoder {
    /// From the codec of a stream to `id`, as a container with or without one place for headers
    /// wants it.
    pub(super) fn open(
        stream: &OtherStream,
        id: codec::Id,
        global_header: bool,
    ) -> Result<Self, ffmpeg::Error> {
        let context = codec::Context::from_parameters(stream.parameters.clone())?;
        let mut decoder = context.decoder().audio()?;
        decoder.set_packet_time_base(stream.time_base);
        let codec = encoder::find(id).ok_or(ffmpeg::Error::EncoderNotFound)?;
        let takes = codec.audio()?;
        let layout = known(decoder.channel_layout(), decoder.channels());
        let layout = if layout.channels() > MAX_CHANNELS {
            ChannelLayout::STEREO
        } else {
            layout
        };
        let output = Sound {
            format: takes
                .formats()
                .and_then(|mut formats| formats.next())
                .ok_or(ffmpeg::Error::EncoderNotFound)?,
            layout: takes.channel_layouts().map_or(layout, |layouts| {
                let layouts: Vec<_> = layouts.collect();
                let found = layouts.contains(&layout);
                if found { layout } else { ChannelLayout::STEREO }
            }),
            rate: takes.rates().map_or(decoder.rate(), |rates| {
                nearest(
                    rates.filter_map(|rate| u32::try_from(rate).ok()),
                    decoder.rate(),
                )
            }),
        };
        let mut context = codec::Context::new_with_codec(codec);
        if global_header {
            context.set_flags(codec::Flags::GLOBAL_HEADER);
        }
        // Older FFmpegs call their own encoders of Opus and Vorbis experimental.
        context.compliance(codec::Compliance::Experimental);
        let mut audio = context.encoder().audio()?;
        let rate = i32::try_from(output.rate).map_err(|_| ffmpeg::Error::InvalidData)?;
        audio.set_rate(rate);
        audio.set_format(output.format);
        audio.set_channel_layout(output.layout);
        audio.set_time_base(Rational(1, rate));
        let channels = usize::try_from(output.layout.channels()).unwrap_or(1);
        audio.set_bit_rate(BIT_RATE * channels);
        let encoder = audio.open()?;
        let frame_size = usize::try_from(encoder.frame_size()).unwrap_or(0);
        Ok(Self {
            decoder,
            frame_size: if frame_size > 0 { frame_size } else { ANY_SIZE },
            encoder,
            resampler: None,
            waiting: vec![Vec::new(); output.planes().0],
            output,
            from: stream.time_base,
            next: None,
            ready: VecDeque::new(),
        })
    }

    /// The encoder, for the parameters of the stream.
    pub(super) fn encoder(&self) -> &encoder::audio::Encoder {
        &self.encoder
    }

    /// FFmpeg's name of the codec that comes out.
    pub(super) fn name(&self) -> &'static str {
        self.encoder.id().name()
    }

    /// The time base of packets that come out.
    pub(super) fn time_base(&self) -> Rational {
        Rational(1, i32::try_from(self.output.rate).unwrap_or(i32::MAX))
    }

    /// Takes a packet, whose times count from the start of the output.
    pub(super) fn send(&mut self, packet: &ffmpeg::Packet) -> Result<(), ffmpeg::Error> {
        self.decoder.send_packet(packet)?;
        self.encode_decoded()
    }

    /// There are no more packets.
    pub(super) fn finish(&mut self) -> Result<(), ffmpeg::Error> {
        self.decoder.send_eof()?;
        self.encode_decoded()?;
        if let Some((_, resampler)) = &mut self.resampler {
            let mut rest = frame::Audio::new(self.output.format, ROOM, self.output.layout);
            resampler.flush(&mut rest)?;
            self.wait(&rest);
        }
        while self.waiting[0].len() >= self.frame_size * self.output.planes().1 {
            self.encode(self.frame_size)?;
        }
        let rest = self.waiting[0].len() / self.output.planes().1;
        self.encode(rest)?;
        self.encoder.send_eof()
    }

    /// An encoded packet, if one is ready.
    pub(super) fn packet(&mut self) -> Option<ffmpeg::Packet> {
        self.ready.pop_front().or_else(|| self.receive())
    }

    fn receive(&mut self) -> Option<ffmpeg::Packet> {
        let mut packet = ffmpeg::Packet::empty();
        self.encoder.receive_packet(&mut packet).ok()?;
        Some(packet)
    }

    fn encode_decoded(&mut self) -> Result<(), ffmpeg::Error> {
        let mut decoded = frame::Audio::empty();
        while self.decoder.receive_frame(&mut decoded).is_ok() {
            self.follow(&decoded);
            self.convert(&mut decoded)?;
            while self.waiting[0].len() >= self.frame_size * self.output.planes().1 {
                self.encode(self.frame_size)?;
            }
        }
        Ok(())
    }

    /// Where sound pauses, what follows begins later.
    fn follow(&mut self, decoded: &frame::Audio) {
        let unit = self.time_base();
        let Some(time) = decoded
            .timestamp()
            .map(|time| time.rescale(self.from, unit))
        else {
            return;
        };
        let waiting = self.waiting[0].len() / self.output.planes().1;
        let waiting = i64::try_from(waiting).unwrap_or(0);
        let expected = self.next.map(|next| next.saturating_add(waiting));
        if expected.is_none_or(|expected| seconds(time.saturating_sub(expected), unit) > GAP) {
            self.next = Some(time.saturating_sub(waiting));
        }
    }

    fn convert(&mut self, decoded: &mut frame::Audio) -> Result<(), ffmpeg::Error> {
        let input = Sound::of(decoded);
        decoded.set_channel_layout(input.layout);
        if self.resampler.as_ref().is_none_or(|(of, _)| *of != input) {
            let output = self.output;
            let made = resampling::Context::get(
                input.format,
                input.layout,
                input.rate,
                output.format,
                output.layout,
                output.rate,
            )?;
            self.resampler = Some((input, made));
        }
        if let Some((_, resampler)) = &mut self.resampler {
            // With room for all that comes out, nothing is left inside but the filter's own delay.
            let rates = u64::from(self.output.rate) / u64::from(input.rate.max(1)) + 1;
            let rates = usize::try_from(rates).unwrap_or(1);
            let room = decoded.samples() * rates + ROOM;
            let mut converted = frame::Audio::new(self.output.format, room, self.output.layout);
            resampler.run(decoded, &mut converted)?;
            self.wait(&converted);
        }
        Ok(())
    }

    fn wait(&mut self, converted: &frame::Audio) {
        let (planes, bytes) = self.output.planes();
        for (plane, waiting) in self.waiting.iter_mut().enumerate().take(planes) {
            waiting.extend_from_slice(&converted.data(plane)[..converted.samples() * bytes]);
        }
    }

    /// Encodes the first samples that wait.
    fn encode(&mut self, samples: usize) -> Result<(), ffmpeg::Error> {
        if samples == 0 {
            return Ok(());
        }
        let Sound {
            format,
            layout,
            rate,
        } = self.output;
        let mut frame = frame::Audio::new(format, samples, layout);
        frame.set_rate(rate);
        let (planes, bytes) = self.output.planes();
        for (plane, waiting) in self.waiting.iter_mut().enumerate().take(planes) {
            let length = samples * bytes;
            frame.data_mut(plane)[..length].copy_from_slice(&waiting[..length]);
            waiting.drain(..length);
        }
        let time = self.next.unwrap_or(0);
        frame.set_pts(Some(time));
        self.next = Some(time.saturating_add(i64::try_from(samples).unwrap_or(0)));
        self.encoder.send_frame(&frame)?;
        // It takes no other frame before its packets are fetched.
        while let Some(packet) = self.receive() {
            self.ready.push_back(packet);
        }
        Ok(())
    }
}

/// The lowest rate that is not below the wanted one, or the highest.
fn nearest(rates: impl Iterator<Item = u32>, wanted: u32) -> u32 {
    let rates: Vec<u32> = rates.collect();
    let enough = rates.iter().copied().filter(|rate| *rate >= wanted).min();
    enough.or(rates.iter().copied().max()).unwrap_or(wanted)
}
