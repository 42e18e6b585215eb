//! Our subtitles as FFmpeg's `ass` filter (libass) draws them, beside our own drawing.

use std::process::Command;

use nico_comments::{Comment, Vpos};
use overlay_render::{AssOptions, LayoutOptions, draw_stage, layout, write_ass};
use tempfile::TempDir;

use crate::common;

const SIZE: (u32, u32) = (1920, 1080);
/// How far edges may lie apart, in pixels of the stage.
const NEAR: i64 = 2;

/// The box around a comment's text, from the pixels in which its colours are at their full or
/// nothing.
#[derive(Debug, PartialEq)]
struct Edges([i64; 4]);

fn edges(pixels: &[u8], bytes: usize, color: [bool; 3]) -> Option<Edges> {
    let mut found: Option<[i64; 4]> = None;
    let width = i64::from(SIZE.0);
    for (at, pixel) in (0..).zip(pixels.chunks_exact(bytes)) {
        let is_text = color
            .iter()
            .zip(pixel)
            .all(|(&lit, &value)| if lit { value > 140 } else { value < 70 });
        if is_text && (bytes == 3 || pixel[3] > 200) {
            let (x, y) = (at % width, at / width);
            let [left, top, right, bottom] = found.unwrap_or([x, y, x, y]);
            found = Some([left.min(x), top.min(y), right.max(x), bottom.max(y)]);
        }
    }
    found.map(Edges)
}

/// Comments of different colours at different places, some with text that would be commands of ASS.
#[test]
fn libass_draws_comments_where_we_do() {
    let dir = TempDir::new().expect("a folder");
    let Some(fonts) = common::noto() else { return };
    let comments = [
        (
            Comment::new(Vpos(0), "流れるコメント").mail("red"),
            [true, false, false],
        ),
        (
            Comment::new(Vpos(0), "下に固定").mail("shita big green"),
            [false, true, false],
        ),
        (
            Comment::new(Vpos(0), "{\\b1}a\\Nb").mail("shita blue"),
            [false, false, true],
        ),
        (
            Comment::new(Vpos(0), "明朝　二行\n\tＡＢＣ").mail("mincho small yellow"),
            [true, true, false],
        ),
        (
            Comment::new(Vpos(0), "ゴシック 88888").mail("gothic cyan"),
            [false, true, true],
        ),
    ];
    let list: Vec<Comment> = comments
        .iter()
        .map(|(comment, _)| comment.clone())
        .collect();
    let placed = layout(&list, &fonts, &LayoutOptions::default());
    let file = dir.path().join("comments.ass");
    let mut text = Vec::new();
    write_ass(&placed, &AssOptions::default(), &mut text).expect("a Vec takes everything");
    std::fs::write(&file, text).expect("writable");
    let output = Command::new("ffmpeg")
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg(format!(
            "color=gray:size={}x{}:rate=1:duration=3,format=rgb24",
            SIZE.0, SIZE.1
        ))
        .arg("-vf")
        .arg(format!("ass={}", file.display()))
        .args("-f rawvideo -pix_fmt rgb24 -".split_whitespace())
        .output();
    let drawn = output.ok().filter(|output| output.status.success());
    let Some(theirs) = common::or_skip(drawn, "ffmpeg with libass") else {
        return;
    };
    let frame = SIZE.0 as usize * SIZE.1 as usize * 3;
    for (second, theirs) in theirs.stdout.chunks_exact(frame).enumerate().skip(1) {
        #[expect(clippy::cast_precision_loss, reason = "a second or two")]
        let ours = draw_stage(&placed, second as f64 * 100.0, SIZE.0, SIZE.1).expect("a picture");
        for (comment, color) in &comments {
            let (Some(a), Some(b)) = (edges(&ours, 4, *color), edges(theirs, 3, *color)) else {
                panic!("{:?} is not seen at {second} s", comment.body);
            };
            let apart = a.0.iter().zip(b.0).map(|(a, b)| (a - b).abs()).max();
            eprintln!("{:?}: {a:?} {b:?}", comment.body);
            assert!(
                apart <= Some(NEAR),
                "{:?} at {second} s: {a:?}, libass {b:?}",
                comment.body
            );
        }
    }
}
