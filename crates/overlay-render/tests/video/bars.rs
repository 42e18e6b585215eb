//! Frames of the stage's shape around pictures of another.

use overlay_render::{
    Attention, AttentionMap, AttentionTrack, Background, CommentMaps, FrameShape, Layout,
    RenderOptions, WordMap, render, render_frame,
};
use tempfile::TempDir;

use crate::tools::{fast, make, read, shown};

const CLIP: &str =
    "-f lavfi -i testsrc2=size=160x120:rate=10:duration=0.5 -c:v ffv1 -pix_fmt yuv420p";

/// 160x120 stands in 214x120 between bars of 26 and 28 columns, as it was; the first comment comes
/// in over the right one.
#[test]
fn pictures_stand_between_black_bars_that_comments_cross() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let output = dir.path().join("out.mkv");
    let options = RenderOptions::default()
        .encoder("ffv1")
        .shape(FrameShape::Stage);
    let report = render(&input, &output, &shown(), &options).expect("it renders");
    assert_eq!((report.width, report.height), (214, 120));
    let (before, after) = (read(&input), read(&output));
    assert_eq!(after.luma.len(), 5);
    for (before, after) in before.luma.iter().zip(&after.luma) {
        let row = &after[60 * 214..61 * 214]; // between the comments at the top and at the bottom
        assert!(row[..26].iter().chain(&row[186..]).all(|&luma| luma == 16));
        assert_eq!(row[26..186], before[60 * 160..61 * 160]);
    }
    let first = &after.luma[0];
    let right_bar = (0..10).flat_map(|y| first[y * 214 + 186..(y + 1) * 214].iter());
    assert!(right_bar.copied().max() > Some(100));
}

/// Every frame has its own bars, also where memory of earlier frames is used again; turned videos
/// and those on nothing have them too.
#[test]
fn bars_stay_clean() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let options = fast().shape(FrameShape::Stage);
    let plain = render_frame(&input, 0.3, &Layout::default(), &options).expect("a frame");
    assert_eq!(plain.dimensions(), (214, 120));
    let is_bar = |x: u32| !(26..186).contains(&x);
    let bars = || plain.enumerate_pixels().filter(|&(x, ..)| is_bar(x));
    assert!(bars().all(|(_, _, pixel)| pixel.0 == [0, 0, 0, 255]));
    let alone = options.background(Background::Transparent);
    let comments = render_frame(&input, 0.0, &shown(), &alone).expect("a frame");
    assert_eq!(comments.dimensions(), (214, 120));
}

/// A map of attention lies over the picture alone.
#[test]
fn maps_leave_bars_black() {
    let dir = TempDir::new().expect("a folder");
    let Some(input) = make(&dir, "in.mkv", CLIP) else {
        return;
    };
    let word = WordMap {
        word: "左".into(),
        gate: None,
        map: AttentionMap::new(2, 1, vec![1.0, 0.0]).expect("a map"),
    };
    let comment = CommentMaps {
        vpos: 0.0,
        words: vec![word],
    };
    let attention = Attention::new(AttentionTrack::new(vec![comment], 20.0));
    let options = fast().shape(FrameShape::Stage).attention(attention);
    let frame = render_frame(&input, 0.0, &Layout::default(), &options).expect("a frame");
    let plain = fast().shape(FrameShape::Stage);
    let plain = render_frame(&input, 0.0, &Layout::default(), &plain).expect("a frame");
    let mut differs = 0;
    for (x, y, pixel) in frame.enumerate_pixels() {
        if (26..186).contains(&x) {
            differs += u32::from(pixel != plain.get_pixel(x, y));
        } else {
            assert_eq!(pixel.0, [0, 0, 0, 255], "{x}, {y}");
        }
    }
    assert!(differs > 10_000, "{differs}");
}
