//! What is beside the pictures.

use overlay_render::{Layout, RenderOptions, RenderReport, render};
use tempfile::TempDir;

use crate::tools::{fast, ffmpeg, make, packets, probe, shown};

/// What was lost, a line each.
fn told(report: &RenderReport) -> Vec<String> {
    report.losses.iter().map(ToString::to_string).collect()
}

/// Two tracks of sound, one of them longer than the video, subtitles, an attachment, chapters,
/// dispositions and languages.
fn rich(dir: &TempDir) -> Option<std::path::PathBuf> {
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        std::fs::write(&path, text).expect("writable");
        path.display().to_string()
    };
    let subtitles = write(
        "in.srt",
        "1\n00:00:00,200 --> 00:00:00,900\nこんにちは\n\n2\n00:00:01,100 --> 00:00:01,400\nさようなら\n",
    );
    let marks = write(
        "in.txt",
        ";FFMETADATA1\ntitle=題\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=1000\ntitle=一\n",
    );
    let font = write("font.ttf", "not really a font");
    let arguments = format!(
        "-f lavfi -i testsrc2=size=160x90:rate=25:duration=1.5 -f lavfi -i sine=440:duration=2.5 -f lavfi -i sine=880:duration=1.5 \
         -i {subtitles} -i {marks} -map 0 -map 1 -map 2 -map 3 -map_metadata 4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p \
         -c:a:0 aac -c:a:1 flac -c:s srt -metadata:s:a:0 language=jpn -metadata:s:a:1 title=二番 -disposition:a:1 forced \
         -attach {font} -metadata:s:t mimetype=font/ttf"
    );
    make(dir, "in.mkv", &arguments)
}

/// A subtitle that is seen when a part begins has its rest there, and the picture stays where it
/// was: the first one from 0.5 s on is that of 0.52 s.
#[test]
fn subtitles_go_on_in_a_part() {
    let dir = TempDir::new().expect("a folder");
    let text = dir.path().join("in.srt");
    let lines = "1\n00:00:00,200 --> 00:00:00,900\n先\n\n2\n00:00:01,100 --> 00:00:01,400\n後\n";
    std::fs::write(&text, lines).expect("writable");
    let arguments = format!(
        "-f lavfi -i testsrc2=size=160x90:rate=25:duration=2 -i {} -map 0 -map 1 -c:v libx264 \
         -preset ultrafast -pix_fmt yuv420p -c:s srt",
        text.display()
    );
    let Some(input) = make(&dir, "in.mkv", &arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let part = fast().seconds(0.5..1.5);
    let report = render(&input, &output, &Layout::default(), &part).expect("it renders");
    assert_eq!(told(&report), [""; 0]);
    let asked = |stream: &str, entries: &str| {
        let asked = format!("-select_streams {stream} -show_entries packet={entries}");
        probe(&output, &asked)
    };
    assert_eq!(
        asked("s", "pts_time,duration_time"),
        [
            "pts_time=0.000000|duration_time=0.400000",
            "pts_time=0.600000|duration_time=0.300000"
        ]
    );
    assert_eq!(asked("v", "pts_time")[0], "pts_time=0.020000");
}

const STREAMS: &str = "-show_entries stream=index,codec_name,codec_type:stream_disposition=default,forced:stream_tags=language,title,filename,mimetype";

#[test]
fn everything_is_copied_bit_for_bit() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = rich(&dir) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    // With comments the last picture would be repeated for as long as there is sound.
    let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
    assert_eq!(told(&report), [""; 0]);
    assert_eq!(probe(&input, STREAMS), probe(&output, STREAMS));
    for stream in ["a:0", "a:1", "s:0"] {
        assert_eq!(
            packets(&input, stream),
            packets(&output, stream),
            "{stream}"
        );
    }
    let times = "-select_streams v -show_entries frame=pts_time";
    assert_eq!(probe(&input, times), probe(&output, times));
    let chapters = "-show_chapters -show_entries format_tags=title";
    assert_eq!(probe(&input, chapters), probe(&output, chapters));
}

/// MP4 has no attachments and no SubRip; both tracks of sound stay.
#[test]
fn what_a_container_cannot_hold_is_named() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let Some(input) = rich(&dir) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    let report = render(&input, &output, &layout, &fast()).expect("it renders");
    assert_eq!(
        told(&report),
        [
            "subtitle stream 3 (subrip)",
            "attachment stream 4 (font.ttf)"
        ]
    );
    for stream in ["a:0", "a:1"] {
        assert_eq!(
            packets(&input, stream),
            packets(&output, stream),
            "{stream}"
        );
    }
}

#[test]
fn covers_stay_covers() {
    let dir = TempDir::new().expect("a folder");
    let Some(cover) = make(
        &dir,
        "cover.png",
        "-f lavfi -i color=red:size=32x32 -frames:v 1",
    ) else {
        return;
    };
    let arguments = format!(
        "-f lavfi -i testsrc2=size=160x90:rate=25:duration=0.4 -i {} -map 0 -map 1 -c:v:0 libx264 -preset ultrafast \
         -pix_fmt:v:0 yuv420p -c:v:1 copy -disposition:v:1 attached_pic",
        cover.display()
    );
    let Some(input) = make(&dir, "in.mp4", &arguments) else {
        return;
    };
    let output = dir.path().join("out.mp4");
    let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
    assert_eq!(told(&report), [""; 0]);
    let asked = "-show_entries stream=codec_name:stream_disposition=attached_pic";
    assert_eq!(probe(&input, asked), probe(&output, asked));
    assert_eq!(packets(&input, "v:1"), packets(&output, "v:1"));
}

/// Range, matrix, primaries, transfer, siting, the shape of pixels and the order of fields.
#[test]
fn tags_stay() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    let source = "-f lavfi -i testsrc2=size=160x96:rate=25:duration=0.4 -c:v libx264 -preset ultrafast -pix_fmt yuv420p";
    let cases = [
        (
            "full.mkv",
            "-vf scale=out_range=full,setsar=4/3 -color_range pc -colorspace bt709 -color_primaries bt709 -color_trc bt709 -chroma_sample_location center",
        ),
        (
            "limited.mkv",
            "-vf setsar=16/11 -color_range tv -colorspace smpte170m -color_primaries smpte170m -color_trc smpte170m -chroma_sample_location left",
        ),
        (
            "wide.mkv",
            "-color_range tv -colorspace bt2020nc -color_primaries bt2020 -color_trc bt2020-10 -chroma_sample_location topleft",
        ),
        ("fields.mkv", "-vf setfield=tff -flags +ildct+ilme"),
        ("untagged.mkv", ""),
    ];
    for (name, settings) in cases {
        let Some(input) = make(&dir, name, &format!("{source} {settings}")) else {
            continue;
        };
        let output = dir.path().join(format!("out-{name}"));
        render(&input, &output, &layout, &fast()).expect("it renders");
        let asked = "-select_streams v -show_entries \
            stream=sample_aspect_ratio,color_range,color_space,color_primaries,color_transfer,chroma_location,field_order";
        assert_eq!(probe(&input, asked), probe(&output, asked), "{name}");
    }
}

#[test]
fn depth_that_is_lost_is_named() {
    let dir = TempDir::new().expect("a folder");
    let arguments =
        "-f lavfi -i testsrc2=size=160x90:rate=12:duration=0.3 -c:v ffv1 -pix_fmt yuv420p10le";
    let Some(input) = make(&dir, "in.mkv", arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let options = RenderOptions::default().encoder("mpeg4");
    let report = render(&input, &output, &Layout::default(), &options).expect("it renders");
    assert_eq!(
        told(&report),
        ["10 bits a sample (yuv420p10le): 8 are written"]
    );
}

/// Chapters and tags that a container has no place for, which its muxer leaves out in silence.
#[test]
fn what_a_container_does_not_describe_is_named() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = rich(&dir) else {
        return;
    };
    for (name, expected) in [
        ("out.mkv", &[][..]),
        ("out.ts", &["1 chapter", "what the file says of its title"]),
    ] {
        let output = dir.path().join(name);
        let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
        let told = told(&report);
        let described: Vec<&String> = told
            .iter()
            .filter(|loss| !loss.contains("stream"))
            .collect();
        assert_eq!(described, expected, "{name}");
    }
}

/// The display that a high dynamic range was made on, where an encoder is not told it.
#[test]
fn metadata_of_high_dynamic_range_that_is_lost_is_named() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i testsrc2=size=160x90:rate=12:duration=0.3 -c:v libx265 -pix_fmt yuv420p10le -x265-params \
        log-level=none:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc:master-display=G(8500,39850)B(6550,2300)R(35400,14600)WP(15635,16450)L(10000000,1):max-cll=1000,400";
    let Some(input) = make(&dir, "in.mp4", arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let options = RenderOptions::default().encoder("ffv1");
    let report = render(&input, &output, &Layout::default(), &options).expect("it renders");
    let told = told(&report);
    assert_eq!(told.len(), 2, "{told:?}");
    for expected in ["display that it was made on", "brightest"] {
        assert!(
            told.iter().any(|loss| loss.contains(expected)),
            "{expected}: {told:?}"
        );
    }
}

/// WebM holds neither AAC nor FLAC, MP4 no PCM of AVI: the sound is encoded anew, which is told, and
/// sounds the same at the same time.
#[test]
fn sound_that_a_container_cannot_hold_is_encoded_anew() {
    let dir = TempDir::new().expect("a folder");
    let video = "-f lavfi -i testsrc2=size=64x48:rate=10:duration=2 -c:v mpeg4";
    // A tone from 0.5 s to 1 s.
    let tone = "-f lavfi -i aevalsrc=exprs=0.5*sin(2*PI*440*t)*between(t\\,0.5\\,1)|0.5*sin(2*PI*440*t)*between(t\\,0.5\\,1)";
    for (name, sound, output, codec) in [
        ("aac.mp4", "s=44100:d=2 -c:a aac", "out.webm", "opus"),
        ("flac.mkv", "s=96000:d=2 -c:a flac", "out.webm", "opus"),
        ("pcm.avi", "s=22050:d=2 -c:a pcm_s16le", "out.mp4", "aac"),
    ] {
        let Some(input) = make(&dir, name, &format!("{video} {tone}:{sound}")) else {
            continue;
        };
        let output = dir.path().join(output);
        let mut options = RenderOptions::default();
        options.preset = output.ends_with("out.webm").then(|| "8".to_owned());
        let report = render(&input, &output, &Layout::default(), &options).expect("it renders");
        let asked = "-select_streams a -show_entries stream=codec_name,channels";
        assert_eq!(
            probe(&output, asked),
            [format!("codec_name={codec}|channels=2")],
            "{name}"
        );
        let told = told(&report);
        assert_eq!(told.len(), 1, "{name}: {told:?}");
        assert!(
            told[0].contains(&format!("anew as {codec}")),
            "{name}: {told:?}"
        );
        let heard = ffmpeg(&output, "-map 0:a -f f32le -ac 1 -ar 1000");
        let samples: Vec<f32> = heard
            .chunks_exact(4)
            .map(|bytes| f32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            .collect();
        let loud: Vec<usize> = (0..samples.len())
            .filter(|&at| samples[at].abs() > 0.2)
            .collect();
        let (first, last) = (loud[0], loud[loud.len() - 1]);
        assert!(
            first.abs_diff(500) < 30 && last.abs_diff(1000) < 30,
            "{name}: {first} to {last}"
        );
        assert!(
            samples.len().abs_diff(2000) < 60,
            "{name}: {}",
            samples.len()
        );
    }
}
