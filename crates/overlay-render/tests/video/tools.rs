//! Making clips with the `ffmpeg` program, and looking at what came of them.

use std::path::{Path, PathBuf};
use std::process::Command;

use ffmpeg_next::{codec, format, frame, media};
use nico_comments::{Comment, Vpos};
use overlay_render::{Layout, LayoutOptions, RenderOptions, layout};
use tempfile::TempDir;

use crate::common;

/// Runs `ffmpeg` with these arguments and the file to make; `None` if there is no such program.
pub(crate) fn make(dir: &TempDir, name: &str, arguments: &str) -> Option<PathBuf> {
    common::or_skip(
        try_make(dir, name, arguments),
        &format!("ffmpeg {arguments}"),
    )
}

/// As [`make`], where `ffmpeg` may refuse.
pub(crate) fn try_make(dir: &TempDir, name: &str, arguments: &str) -> Option<PathBuf> {
    let path = dir.path().join(name);
    let made = Command::new("ffmpeg")
        .args(["-v", "error", "-y"])
        .args(arguments.split_whitespace())
        .arg(&path)
        .status();
    made.is_ok_and(|status| status.success()).then_some(path)
}

/// A copy of a clip that asks its player to turn it by a quarter; which way depends on the FFmpeg.
pub(crate) fn turned(dir: &TempDir, name: &str, upright: &Path) -> Option<PathBuf> {
    let help = Command::new("ffmpeg")
        .args(["-hide_banner", "-h", "full"])
        .output();
    let help = help.expect("ffmpeg has just made a clip").stdout;
    let arguments = if String::from_utf8_lossy(&help).contains("display_rotation") {
        format!("-display_rotation 270 -i {} -c copy", upright.display())
    } else {
        // Before FFmpeg 6.
        format!("-i {} -c copy -metadata:s:v rotate=90", upright.display())
    };
    make(dir, name, &arguments)
}

pub(crate) fn shown() -> Layout {
    let fonts = common::subset();
    let comments = [
        Comment::new(Vpos(20), "こんにちは w"),
        Comment::new(Vpos(0), "固定").mail("ue big red"),
        Comment::new(Vpos(50), "下").mail("shita"),
    ];
    layout(&comments, &fonts, &LayoutOptions::default())
}

pub(crate) fn fast() -> RenderOptions {
    RenderOptions::default().preset("ultrafast").crf(12)
}

/// What a file holds: frame times in seconds, luma planes, and the packets of its sound.
pub(crate) struct Content {
    pub(crate) times: Vec<f64>,
    pub(crate) size: (u32, u32),
    pub(crate) luma: Vec<Vec<u8>>,
    pub(crate) sound: Vec<(f64, Vec<u8>)>,
    pub(crate) rate: f64,
    pub(crate) duration: f64,
}

pub(crate) fn read(path: &Path) -> Content {
    let mut input = format::input(path).expect("a readable file");
    let number = |r: ffmpeg_next::Rational| f64::from(r.numerator()) / f64::from(r.denominator());
    let stream = input
        .streams()
        .best(media::Type::Video)
        .expect("a video stream");
    let (video, unit, rate) = (
        stream.index(),
        number(stream.time_base()),
        number(stream.avg_frame_rate()),
    );
    let context = codec::Context::from_parameters(stream.parameters()).expect("parameters");
    let mut decoder = context.decoder().video().expect("a decoder");
    let sound = input
        .streams()
        .best(media::Type::Audio)
        .map(|s| (s.index(), number(s.time_base())));
    let mut content = Content {
        times: Vec::new(),
        size: (decoder.width(), decoder.height()),
        luma: Vec::new(),
        sound: Vec::new(),
        rate,
        duration: 0.0,
    };
    #[expect(clippy::cast_precision_loss, reason = "a clip of seconds")]
    let seconds = |time: i64, unit: f64| time as f64 * unit;
    content.duration = seconds(input.duration(), 1e-6);
    let mut receive = |decoder: &mut ffmpeg_next::decoder::Video| {
        let mut picture = frame::Video::empty();
        while decoder.receive_frame(&mut picture).is_ok() {
            content
                .times
                .push(seconds(picture.timestamp().expect("a time"), unit));
            let width = usize::try_from(picture.width()).expect("small");
            let rows = picture.data(0).chunks(picture.stride(0));
            content
                .luma
                .push(rows.flat_map(|row| row[..width].to_vec()).collect());
        }
    };
    for (stream, packet) in input.packets() {
        if stream.index() == video {
            decoder.send_packet(&packet).expect("whole packets");
            receive(&mut decoder);
        } else if let Some((index, unit)) = sound
            && stream.index() == index
        {
            let data = packet.data().map(<[u8]>::to_vec).unwrap_or_default();
            content
                .sound
                .push((seconds(packet.pts().unwrap_or(0), unit), data));
        }
    }
    decoder.send_eof().expect("once");
    receive(&mut decoder);
    content
}

pub(crate) fn same_times(a: &[f64], b: &[f64]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-3)
}

pub(crate) fn mean_difference(a: &[u8], b: &[u8], pixels: impl Iterator<Item = usize>) -> f64 {
    let (sum, count) = pixels.fold((0.0, 0.0), |(sum, count), i| {
        (sum + f64::from(a[i].abs_diff(b[i])), count + 1.0)
    });
    sum / f64::max(count, 1.0)
}

/// What `ffprobe` prints, a line for each thing asked for.
pub(crate) fn probe(path: &Path, arguments: &str) -> Vec<String> {
    let output = Command::new("ffprobe")
        .args(["-v", "error", "-of", "compact=p=0"])
        .args(arguments.split_whitespace())
        .arg(path)
        .output()
        .expect("ffprobe comes with ffmpeg");
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines().map(str::to_owned).collect()
}

/// MD5 of a stream's packets, copied as they are.
pub(crate) fn packets(path: &Path, stream: &str) -> String {
    let output = ffmpeg(path, &format!("-map 0:{stream} -c copy -f md5"));
    String::from_utf8_lossy(&output).into_owned()
}

/// The pixels of a file's frames as red, green, blue and opacity.
pub(crate) fn rgba(path: &Path, decoder: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error"])
        .args(decoder.split_whitespace())
        .arg("-i")
        .arg(path)
        .args("-f rawvideo -pix_fmt rgba -".split_whitespace())
        .output();
    output.expect("there was an ffmpeg before").stdout
}

/// What `ffmpeg` writes to standard output.
pub(crate) fn ffmpeg(path: &Path, arguments: &str) -> Vec<u8> {
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(path)
        .args(arguments.split_whitespace())
        .arg("-")
        .output();
    output.expect("there was an ffmpeg before").stdout
}
