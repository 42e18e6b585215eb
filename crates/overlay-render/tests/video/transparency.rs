//! Videos that are transparent in places.

use ffmpeg_next::{decoder, encoder};
use overlay_render::{Layout, Loss, RenderReport, render, render_frame, render_pictures};
use tempfile::TempDir;

use crate::common;
use crate::tools::{fast, make, mean_difference, rgba, shown};

/// Left a half transparent red, right nothing, for half a second.
const CLIP: &str = "-f lavfi -i color=red@0.5:size=64x48:rate=10:duration=0.5,format=yuva444p,\
    geq=lum='lum(X,Y)':cb='cb(X,Y)':cr='cr(X,Y)':a='if(lt(X,32),128,0)'";

fn names_transparency(report: &RenderReport) -> bool {
    let is_it = |loss: &Loss| matches!(loss, Loss::Transparency { .. });
    report.losses.iter().any(is_it)
}

/// Each way to store transparency stays where the output has one, and is named where it has none.
#[test]
fn transparency_stays_or_is_named() {
    let dir = TempDir::new().expect("a folder");
    let sources = [
        (
            "vp9.webm",
            "-c:v libvpx-vp9 -pix_fmt yuva420p -auto-alt-ref 0 -crf 4 -b:v 0",
        ),
        (
            "vp8.webm",
            "-c:v libvpx -pix_fmt yuva420p -auto-alt-ref 0 -b:v 2M",
        ),
        ("png.mov", "-c:v png -pix_fmt rgba"),
        ("qtrle.mov", "-c:v qtrle -pix_fmt argb"),
        (
            "prores.mov",
            "-c:v prores_ks -profile:v 4444 -pix_fmt yuva444p10le",
        ),
        ("ffv1.mkv", "-c:v ffv1 -pix_fmt yuva420p"),
    ];
    let outputs = [
        ("out.webm", None, "-c:v libvpx-vp9"),
        ("out.mov", Some("prores_ks"), ""),
        ("out.mov", Some("qtrle"), ""),
        ("out.mkv", Some("ffv1"), ""),
    ];
    let mut is_first = true;
    for (name, settings) in sources {
        let encoder = settings.split(' ').nth(1).expect("an encoder");
        if common::or_skip(encoder::find_by_name(encoder), encoder).is_none() {
            continue;
        }
        let Some(input) = make(&dir, name, &format!("{CLIP} {settings}")) else {
            continue;
        };
        // Between them are pictures of RGBA: what one source can be written as, all others can.
        let tried = match std::mem::replace(&mut is_first, false) {
            true => &outputs[..],
            false => &outputs[3..],
        };
        for &(output, codec, reader) in tried {
            let mut options = overlay_render::RenderOptions::default();
            options.encoder = codec.map(str::to_owned);
            let output = dir.path().join(output);
            let report = render(&input, &output, &Layout::default(), &options)
                .unwrap_or_else(|error| panic!("{name}, {codec:?}: {error}"));
            assert!(
                !names_transparency(&report),
                "{name}, {codec:?}: {report:?}"
            );
            let pixels = rgba(&output, reader);
            let at = |x: usize, y: usize| &pixels[(y * 64 + x) * 4..][..4];
            let (left, right) = (at(12, 24), at(52, 24));
            assert!(
                left[0] > 225 && left[1] < 30 && left[2] < 30,
                "{name}, {codec:?}: {left:?}"
            );
            assert!(
                left[3].abs_diff(128) < 12 && right[3] < 12,
                "{name}, {codec:?}: {left:?} {right:?}"
            );
        }
        let output = dir.path().join("out.mp4");
        let report = render(&input, &output, &Layout::default(), &fast()).expect("it renders");
        assert!(names_transparency(&report), "{name}: {report:?}");
    }
    assert!(decoder::find_by_name("png").is_some());
}

/// PNG pictures have the video's transparency, and comments on it are opaque.
#[test]
fn pictures_are_transparent_too() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = make(&dir, "in.mov", &format!("{CLIP} -c:v png -pix_fmt rgba")) else {
        return;
    };
    let layout = shown();
    let without = render_frame(&input, 0.3, &Layout::default(), &fast()).expect("a frame");
    assert_eq!(without.get_pixel(12, 24).0[3], 128);
    assert_eq!(without.get_pixel(52, 24).0[3], 0);
    let with = render_frame(&input, 0.3, &layout, &fast()).expect("a frame");
    // The comments are small here.
    let drawn = with.pixels().zip(without.pixels());
    let drawn = drawn
        .filter(|(with, without)| with.0[3] > without.0[3] + 40)
        .count();
    assert!(drawn > 20, "{drawn}");
    let folder = dir.path().join("frames");
    let go_on = |_| std::ops::ControlFlow::Continue(());
    render_pictures(&input, &folder, &layout, &fast(), go_on).expect("it renders");
    let pixels = rgba(&folder.join("000004.png"), "");
    assert!(mean_difference(&pixels, with.as_raw(), 0..pixels.len()) < 0.01);
}

/// A quarter turn brings the red half to where FFmpeg's player shows it.
#[test]
fn transparent_pictures_stand_upright() {
    let dir = TempDir::new().expect("a folder");
    let Some(flat) = make(&dir, "flat.mov", &format!("{CLIP} -c:v png -pix_fmt rgba")) else {
        return;
    };
    // Before FFmpeg 6 a tag of the stream, from then on an option of the input.
    let old = format!("-i {} -c copy -metadata:s:v rotate=90", flat.display());
    let new = format!("-display_rotation 270 -i {} -c copy", flat.display());
    let upright = [old, new].into_iter().find_map(|arguments| {
        let turned = crate::tools::try_make(&dir, "turned.mov", &arguments)?;
        let picture = render_frame(&turned, 0.0, &Layout::default(), &fast()).ok()?;
        (picture.dimensions() == (48, 64)).then_some((turned, picture))
    });
    let (turned, upright) = upright.expect("one of the two turns it");
    let shown = rgba(&turned, "");
    let (size, drawn) = (48 * 64 * 4, upright.as_raw());
    assert!(mean_difference(&shown[..size], drawn, 0..size) < 0.5);
    let ends = [12, 52].map(|row| upright.get_pixel(24, row).0[3]);
    assert!(ends.contains(&0) && ends.contains(&128), "{ends:?}");
}
