//! ASS subtitles as players read them: the file parses, and FFmpeg draws it where the events say.
//! The latter is skipped, with a line that says so, where FFmpeg or its `ass` filter is not
//! installed.

use std::path::Path;
use std::process::Command;

use nico_comments::{AssOptions, AssStage, Comment, Fork, Format, Vpos, WriteOptions, write_file};
use proptest::prelude::*;

/// The fields of each event, as `Format:` names them, by the rules of the format: the last takes
/// all that is left.
fn events(file: &str) -> Vec<Vec<&str>> {
    let file = file.strip_prefix('\u{FEFF}').expect("a byte-order mark");
    assert!(file.split("\r\n").all(|line| !line.contains(['\r', '\n'])));
    assert!(file.starts_with("[Script Info]\r\n"));
    let (_, events) = file.split_once("\r\n[Events]\r\n").expect("events");
    let mut lines = events.lines();
    let format = lines.next().and_then(|line| line.strip_prefix("Format: "));
    let fields = format.expect("the names of the fields").split(", ").count();
    let events = lines.map(|line| line.strip_prefix("Dialogue: ").expect("only dialogues"));
    events
        .map(|event| event.splitn(fields, ',').collect())
        .collect()
}

/// Centiseconds of `H:MM:SS.cc`.
fn time(text: &str) -> i64 {
    let digits: Vec<i64> = text
        .split([':', '.'])
        .map(|n| n.parse().expect("a number"))
        .collect();
    let [hours, minutes, seconds, centis] = digits[..] else {
        panic!("a time: {text}")
    };
    ((hours * 60 + minutes) * 60 + seconds) * 100 + centis
}

fn written(comments: &[Comment], options: &AssOptions) -> String {
    let mut file = Vec::new();
    nico_comments::write_ass(&mut file, comments, options).expect("memory does not fail");
    String::from_utf8(file).expect("text")
}

fn comment() -> impl Strategy<Value = Comment> {
    let body = prop_oneof!["[a-zぁ-ん{}\\\\,\\n\\t ]{0,12}", any::<String>()];
    let mail = "(ue|shita|naka|big|small|full|ender|_live|@3|red|#00ff00|black|mincho| ){0,4}";
    let vpos = prop_oneof![9 => -500..20_000_i64, 1 => any::<i64>()];
    (body, mail, vpos, any::<bool>(), any::<bool>()).prop_map(
        |(body, mail, vpos, owner, premium)| {
            let fork = if owner { Fork::Owner } else { Fork::Main };
            Comment::new(Vpos(vpos), body)
                .mail(&*mail)
                .fork(fork)
                .premium(premium)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Each comment is at most one line of the file, whose text neither ends its commands nor
    /// begins others.
    #[test]
    fn files_parse(comments in prop::collection::vec(comment(), 0..12)) {
        let file = written(&comments, &AssOptions::default());
        let events = events(&file);
        prop_assert!(events.len() <= comments.len());
        for event in events {
            prop_assert!(time(event[1]) < time(event[2]));
            let (commands, text) = event[9].strip_prefix('{').and_then(|text| text.split_once('}')).expect("commands");
            prop_assert!(commands.starts_with("\\pos(") || commands.starts_with("\\move("), "{}", commands);
            let braces = text.match_indices(['{', '}']);
            let bare = braces.filter(|&(at, _)| !text[..at].ends_with('\\')).count();
            prop_assert_eq!(bare, 0, "{}", text);
        }
    }
}

/// A frame of a black video under the subtitles, as rows of grey pixels.
fn frame(subtitles: &Path, at: &str) -> Option<Vec<Vec<u8>>> {
    let filter = format!("ass={}", subtitles.file_name()?.to_str()?);
    let mut ffmpeg = Command::new("ffmpeg");
    ffmpeg
        .current_dir(subtitles.parent()?)
        .args(["-v", "error", "-f", "lavfi"]);
    ffmpeg.args([
        "-i",
        "color=black:s=320x180:d=9:r=10",
        "-vf",
        &filter,
        "-ss",
        at,
    ]);
    let output = ffmpeg
        .args(["-frames:v", "1", "-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output();
    let pixels = output
        .ok()
        .filter(|output| output.stdout.len() == 320 * 180)?
        .stdout;
    Some(pixels.chunks(320).map(<[u8]>::to_vec).collect())
}

#[test]
fn ffmpeg_draws_comments_where_they_belong() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("comments.ass");
    let comments = [
        Comment::new(Vpos(100), "abcdefgh").mail("ue"),
        Comment::new(Vpos(100), "abcdefgh").mail("shita small"),
        Comment::new(Vpos(600), "abcdefgh"),
    ];
    write_file(&path, Format::Ass, &comments, &WriteOptions::default()).expect("it is written");
    let Some(fixed) = frame(&path, "2") else {
        eprintln!("skipped: there is no ffmpeg with the filter `ass`");
        return;
    };
    let lit = |frame: &[Vec<u8>], rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
        frame[rows]
            .iter()
            .any(|row| row[columns.clone()].iter().any(|&pixel| pixel > 128))
    };
    let anything = lit(&fixed, 0..180, 0..320);
    assert!(anything, "nothing is drawn: is no font installed?");
    assert!(lit(&fixed, 0..20, 130..190) && lit(&fixed, 165..180, 130..190));
    assert!(!lit(&fixed, 20..165, 0..320) && !lit(&fixed, 0..180, 0..100));
    // Scrolling ones come in on the right a second before their time and go out on the left.
    let (early, late) = (frame(&path, "5.5"), frame(&path, "8.4"));
    let (early, late) = (early.expect("as before"), late.expect("as before"));
    assert!(lit(&early, 0..20, 250..320) && !lit(&early, 0..180, 0..160));
    assert!(lit(&late, 0..20, 0..100) && !lit(&late, 0..180, 160..320));
}

#[test]
fn stages_are_scaled() {
    let file = written(&[], &AssOptions::default().stage(AssStage::new(640, 480)));
    assert!(file.contains("PlayResX: 640\r\nPlayResY: 480\r\n"));
    assert!(events(&file).is_empty());
}
