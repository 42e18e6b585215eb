//! Maps of attention over the moving video.

use overlay_render::{
    Attention, AttentionMap, AttentionTrack, CommentMaps, Layout, RenderOptions, WordMap, render,
};
use tempfile::TempDir;

use crate::tools::{make, read};

/// The model looks at the left for 0.2 s of grey frames: the left gets lighter, the right darker,
/// and all is as before afterwards.
#[test]
fn maps_are_laid_over_frames_while_their_comment_is_shown() {
    let dir = TempDir::new().expect("a folder");
    let arguments =
        "-f lavfi -i color=gray:size=160x90:rate=10:duration=0.5 -c:v ffv1 -pix_fmt yuv420p";
    let Some(input) = make(&dir, "in.mkv", arguments) else {
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
    let output = dir.path().join("out.mkv");
    let options = RenderOptions::default()
        .encoder("ffv1")
        .attention(attention);
    render(&input, &output, &Layout::default(), &options).expect("it renders");
    let (before, after) = (read(&input).luma, read(&output).luma);
    let row = 45 * 160;
    for (frame, (before, after)) in before.iter().zip(&after).enumerate() {
        let (left, right, grey) = (after[row + 5], after[row + 154], before[row]);
        if frame < 2 {
            assert!(
                left > grey && right < grey,
                "frame {frame}: {left} and {right} of {grey}"
            );
        } else {
            assert_eq!(before, after, "frame {frame}");
        }
    }
}
