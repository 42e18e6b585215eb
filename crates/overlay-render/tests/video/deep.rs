//! Pictures of 10 and 12 bits a sample, and those of a high dynamic range.

use std::path::Path;

use ffmpeg_next::encoder;
use overlay_render::{FrameShape, Layout, RenderOptions, render};
use tempfile::TempDir;

use crate::common;
use crate::tools::{ffmpeg, make, probe, shown, turned};

const SOURCE: &str = "-f lavfi -i testsrc2=size=640x360:rate=10:duration=0.2";
/// Samples whose lower bits are not empty.
const GRAINY: &str =
    "geq=lum=mod(X*37+Y*101+N*13\\,876)+64:cb=mod(X*53+Y*7\\,896)+64:cr=mod(X*5+Y*77\\,896)+64";

/// The samples of all frames as they are stored, of two bytes each.
fn samples(path: &Path, format: &str) -> Vec<u16> {
    let bytes = ffmpeg(path, &format!("-f rawvideo -pix_fmt {format}"));
    let pairs = bytes.chunks_exact(2);
    pairs
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect()
}

fn lossless() -> RenderOptions {
    RenderOptions::default().encoder("ffv1")
}

/// Every format stays: without comments bit for bit, with them wherever there is none, and the white
/// of comments is that of the depth (235 of 8 bits, times 4 or 16).
#[test]
fn samples_stay_as_deep_as_they_are() {
    let dir = TempDir::new().expect("a folder");
    let layout = shown();
    for (format, luma, white) in [
        ("yuv420p10le", 640 * 360, 940),
        ("yuv422p10le", 640 * 360, 940),
        ("yuv444p10le", 640 * 360, 940),
        ("yuv420p12le", 640 * 360, 3760),
        ("yuv422p12le", 640 * 360, 3760),
        ("yuv444p12le", 640 * 360, 3760),
    ] {
        let arguments = format!("{SOURCE} -vf format={format},{GRAINY} -c:v ffv1");
        let Some(input) = make(&dir, &format!("{format}.mkv"), &arguments) else {
            return;
        };
        let output = dir.path().join("out.mkv");
        let report = render(&input, &output, &Layout::default(), &lossless()).expect("it renders");
        assert_eq!(report.losses, [], "{format}");
        let asked = "-select_streams v -show_entries stream=pix_fmt";
        assert_eq!(probe(&output, asked), [format!("pix_fmt={format}")]);
        let before = samples(&input, format);
        assert!(
            before == samples(&output, format),
            "{format} is not as it was"
        );

        render(&input, &output, &layout, &lossless()).expect("it renders");
        let after = samples(&output, format);
        assert_eq!(before.len(), after.len());
        let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
        assert!(
            changed > 1_000 && changed < before.len() / 2,
            "{format}: {changed}"
        );
        let whites = after[..luma]
            .iter()
            .filter(|&&sample| sample == white)
            .count();
        assert!(whites > 30, "{format}: {whites} are white");
    }
}

/// Bars, sizes and rotations of deep pictures: the bars are black, 64 of 10 bits.
#[test]
fn deep_pictures_have_bars() {
    let dir = TempDir::new().expect("a folder");
    let arguments =
        "-f lavfi -i testsrc2=size=120x90:rate=10:duration=0.2 -pix_fmt yuv422p10le -c:v ffv1";
    let Some(input) = make(&dir, "in.mkv", arguments) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let options = lossless().shape(FrameShape::Stage);
    let report = render(&input, &output, &Layout::default(), &options).expect("it renders");
    assert_eq!((report.width, report.height), (160, 90));
    let (before, after) = (
        samples(&input, "yuv422p10le"),
        samples(&output, "yuv422p10le"),
    );
    for y in 0..90 {
        let row = &after[y * 160..][..160];
        assert!(row[..20].iter().chain(&row[140..]).all(|&luma| luma == 64));
        assert_eq!(row[20..140], before[y * 120..][..120]);
        let chroma = &after[160 * 90 + y * 80..][..80];
        assert!(
            chroma[..10]
                .iter()
                .chain(&chroma[70..])
                .all(|&cb| cb == 512)
        );
    }
}

/// ProRes, red on the left and blue on the right, turned by a quarter as FFmpeg does it: one above,
/// one below, each in its half. 4:2:2 has no half as many rows, so that 4:2:0 is painted on, or 4:4:4
/// for an encoder without it.
#[test]
fn chroma_turns_with_the_picture() {
    let dir = TempDir::new().expect("a folder");
    let arguments = "-f lavfi -i color=red:size=64x48:rate=10:duration=0.2 \
        -vf drawbox=x=32:y=0:w=32:h=48:color=blue:t=fill -c:v prores_ks -pix_fmt yuv422p10le";
    let upright = make(&dir, "up.mov", arguments);
    let Some(input) = upright.and_then(|upright| turned(&dir, "in.mov", &upright)) else {
        return;
    };
    let expected = samples(&input, "yuv444p10le");
    for (encoder, name) in [("ffv1", "out.mkv"), ("prores_ks", "out.mov")] {
        let output = dir.path().join(name);
        let options = RenderOptions::default().encoder(encoder);
        let report = render(&input, &output, &Layout::default(), &options).expect("it renders");
        assert_eq!((report.width, report.height), (48, 64), "{encoder}");
        assert_eq!(report.losses, [], "{encoder}");
        let planes = samples(&output, "yuv444p10le");
        assert_eq!(planes.len(), expected.len(), "{encoder}");
        for (at, (is, should)) in planes.iter().zip(&expected).enumerate() {
            let (x, y) = (at % 48, at / 48 % 64);
            if !(28..36).contains(&y) {
                let apart = is.abs_diff(*should);
                assert!(apart < 40, "{encoder}: {is} for {should} at {x}, {y}");
            }
        }
    }
}

/// PQ and HLG: the white of comments is 203 cd/m², which is 573 and 721 of 10 bits, and the tags
/// stay.
#[test]
fn comments_are_as_bright_as_graphics() {
    let dir = TempDir::new().expect("a folder");
    for (transfer, white) in [("smpte2084", 573), ("arib-std-b67", 721)] {
        let arguments = format!(
            "-f lavfi -i color=black:size=640x360:rate=10:duration=0.2 -pix_fmt yuv420p10le -c:v ffv1 \
             -color_primaries bt2020 -color_trc {transfer} -colorspace bt2020nc -color_range tv"
        );
        let Some(input) = make(&dir, &format!("{transfer}.mkv"), &arguments) else {
            return;
        };
        let output = dir.path().join("out.mkv");
        render(&input, &output, &shown(), &lossless()).expect("it renders");
        let asked =
            "-select_streams v -show_entries stream=color_transfer,color_primaries,color_space";
        assert_eq!(probe(&output, asked), probe(&input, asked));
        assert!(probe(&output, asked)[0].contains(transfer));
        let luma = &samples(&output, "yuv420p10le")[..640 * 360];
        let most = luma.iter().copied().max().expect("samples");
        assert!(most.abs_diff(white) <= 1, "{transfer}: {most}");
    }
}

/// Without a word of the encoder: H.265 of 10 bits, with the display that the video was made on;
/// SVT-AV1 and VP9 keep the bits as well.
#[test]
fn high_dynamic_range_stays_what_it_is() {
    let dir = TempDir::new().expect("a folder");
    let arguments = format!(
        "{SOURCE} -c:v libx265 -pix_fmt yuv420p10le -x265-params log-level=none:colorprim=bt2020:\
         transfer=smpte2084:colormatrix=bt2020nc:master-display=G(8500,39850)B(6550,2300)R(35400,14600)\
         WP(15635,16450)L(10000000,50):max-cll=1000,400"
    );
    let Some(input) = make(&dir, "in.mp4", &arguments) else {
        return;
    };
    let asked = "-select_streams v -read_intervals %+#1 -show_entries \
        frame=pix_fmt,color_transfer,color_primaries,color_space:frame_side_data";
    let described = |path: &Path| probe(path, asked).join("|");
    for (encoder, codec, output, keeps_light) in [
        (None, "libx265", "out.mp4", true),
        (Some("libx265"), "libx265", "out.mkv", true),
        (Some("libsvtav1"), "libsvtav1", "out.mkv", true),
        (None, "libvpx-vp9", "out.webm", false),
    ] {
        if common::or_skip(encoder::find_by_name(codec), codec).is_none() {
            continue;
        }
        let output = dir.path().join(output);
        let mut options = RenderOptions::default();
        options.encoder = encoder.map(str::to_owned);
        let report = render(&input, &output, &shown(), &options)
            .unwrap_or_else(|error| panic!("{codec}: {error:?}"));
        assert_eq!(report.encoder, codec);
        let after = described(&output);
        assert!(after.contains("pix_fmt=yuv420p10le"), "{codec}: {after}");
        assert!(
            after.contains("smpte2084") && after.contains("bt2020nc"),
            "{codec}: {after}"
        );
        if keeps_light {
            assert_eq!(report.losses, [], "{codec}");
            for expected in ["red_x=35400/50000", "max_content=1000", "max_average=400"] {
                let is_there = after.contains(expected) || codec == "libsvtav1";
                assert!(is_there, "{codec}: {expected} is not in {after}");
            }
            assert!(after.contains("Mastering display"), "{codec}: {after}");
        }
    }
}
