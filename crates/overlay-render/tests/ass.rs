//! ASS subtitles as players read them: the file parses, and FFmpeg draws it where the events say.

mod common;

use std::path::Path;
use std::process::Command;

use nico_comments::{Comment, Fork, Vpos};
use overlay_render::{AssOptions, Fonts, Layout, LayoutOptions, draw_stage, layout, write_ass};
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

/// The file of comments that were placed by estimated widths.
fn written(comments: &[Comment], options: &AssOptions) -> String {
    let placed = layout(comments, &Fonts::estimated(), &LayoutOptions::default());
    let mut file = Vec::new();
    write_ass(&placed, options, &mut file).expect("memory does not fail");
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

    /// Each event is a line of the file, whose text neither ends its commands nor begins others.
    #[test]
    fn files_parse(comments in prop::collection::vec(comment(), 0..12)) {
        let file = written(&comments, &AssOptions::default());
        for event in events(&file) {
            prop_assert!(time(event[1]) < time(event[2]));
            let (commands, text) = event[9].strip_prefix('{').and_then(|text| text.split_once('}')).expect("commands");
            prop_assert!(commands.starts_with("\\pos(") || commands.starts_with("\\move("), "{}", commands);
            let braces = text.match_indices(['{', '}']);
            let bare = braces.filter(|&(at, _)| !text[..at].ends_with('\\')).count();
            prop_assert_eq!(bare, 0, "{}", text);
        }
    }
}

/// A script of the owner's at every tenth of a second, and a blank behind every letter: an event
/// for each of the 2,000 stretches, not for each letter.
#[test]
fn what_scripts_and_blanks_cut_has_a_bound() {
    let script = |number: i64| {
        let script = Comment::new(Vpos(number * 10), "@逆").mail("@0.05");
        script.fork(Fork::Owner)
    };
    let mut comments: Vec<Comment> = (0..1_000).map(script).collect();
    comments.push(Comment::new(Vpos(0), "あ　".repeat(1_000)).mail("@120"));
    let file = written(&comments, &AssOptions::default());
    assert_eq!(events(&file).len(), 2_000);
    // One that stands still is not mirrored.
    let last = comments.len() - 1;
    comments[last] = Comment::new(Vpos(0), "草").mail("ue @120");
    let file = written(&comments, &AssOptions::default());
    assert_eq!(events(&file).len(), 1);
    // Where the next script acts before the last one ends, nothing changes between them.
    let overlapping = |number: i64| {
        let script = Comment::new(Vpos(number * 10), "@逆");
        script.fork(Fork::Owner)
    };
    let mut comments: Vec<Comment> = (0..1_000).map(overlapping).collect();
    comments.push(Comment::new(Vpos(300), "草"));
    let file = written(&comments, &AssOptions::default());
    assert_eq!(events(&file).len(), 1);
    // As it is without them, each letter has its place.
    let few = Comment::new(Vpos(0), "あ　".repeat(100));
    let file = written(&[few], &AssOptions::default());
    assert_eq!(events(&file).len(), 100);
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
    std::fs::write(&path, written(&comments, &AssOptions::default())).expect("writable");
    let Some(fixed) = common::or_skip(frame(&path, "2"), "ffmpeg with the filter `ass`") else {
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
    let (early, late) = (frame(&path, "5.5"), frame(&path, "8.6"));
    let (early, late) = (early.expect("as before"), late.expect("as before"));
    assert!(lit(&early, 0..20, 200..320) && !lit(&early, 0..180, 0..160));
    assert!(lit(&late, 0..20, 0..120) && !lit(&late, 0..180, 160..320));
}

/// Left, top, right and bottom of what is bright.
type Lit = Option<[usize; 4]>;

fn lit(width: usize, pixels: &[u8]) -> Lit {
    let lit = pixels.iter().enumerate().filter(|&(_, &pixel)| pixel > 128);
    let places = lit.map(|(at, _)| (at % width, at / width));
    places.fold(None, |area: Lit, (x, y)| {
        let [left, top, right, bottom] = area.unwrap_or([x, y, x, y]);
        Some([left.min(x), top.min(y), right.max(x), bottom.max(y)])
    })
}

/// One frame a second of a black video of this size under the subtitles, in grey.
fn seconds(subtitles: &Path, (width, height): (u32, u32), count: usize) -> Option<Vec<Vec<u8>>> {
    let output = Command::new("ffmpeg")
        .current_dir(subtitles.parent()?)
        .args(["-v", "error", "-f", "lavfi", "-i"])
        .arg(format!("color=black:s={width}x{height}:d={count}:r=1"))
        .args(["-vf", "ass=comments.ass:fontsdir=fonts"])
        .args(["-f", "rawvideo", "-pix_fmt", "gray", "-"])
        .output();
    let size = width as usize * height as usize;
    let pixels = output
        .ok()
        .filter(|output| output.stdout.len() == size * count)?;
    Some(pixels.stdout.chunks(size).map(<[u8]>::to_vec).collect())
}

/// Pictures narrower and wider than the stage, upright ones among them: FFmpeg draws fixed and
/// scrolling comments where this library draws them.
#[test]
fn subtitles_fit_pictures_of_every_shape() {
    let folder = tempfile::tempdir().expect("a folder");
    let fonts = folder.path().join("fonts");
    std::fs::create_dir(&fonts).expect("writable");
    for name in ["Sans-Bold", "Sans-Regular", "Serif-Regular"] {
        let name = format!("NotoCJKjp-{name}.subset.otf");
        std::fs::copy(common::data("fonts").join(&name), fonts.join(&name)).expect("a copy");
    }
    let texts = [
        ("あああああああああああ", "ue"),
        ("あああああああああああああああああああああ", "ue full"),
        ("あああああ", "shita big"),
        (
            "ああああああああああああああああああああああああああああああ",
            "shita",
        ),
        ("あああ", ""),
        ("ああ", "ue small"),
    ];
    let vpos = |at: usize| i64::try_from(at).expect("small") * 800 + 100;
    let comments = texts.iter().enumerate();
    let comments: Vec<_> = comments
        .map(|(at, &(text, mail))| Comment::new(Vpos(vpos(at)), text).mail(mail))
        .collect();
    let placed = layout(&comments, &common::subset(), &LayoutOptions::default());
    for (width, height) in [(640, 480), (360, 640), (840, 360), (640, 360), (480, 480)] {
        let mut file = Vec::new();
        let options = AssOptions::default().size(width, height);
        write_ass(&placed, &options, &mut file).expect("memory does not fail");
        let path = folder.path().join("comments.ass");
        std::fs::write(&path, file).expect("writable");
        let frames = seconds(&path, (width, height), texts.len() * 8 + 4);
        let Some(frames) = common::or_skip(frames, "ffmpeg with the filter `ass`") else {
            return;
        };
        for (at, (text, mail)) in texts.into_iter().enumerate() {
            let second = at * 8 + 2;
            let t = f64::from(u32::try_from(second).expect("small")) * 100.0;
            let ours = draw_stage(&placed, t, width, height).expect("a good size");
            let ours: Vec<u8> = ours
                .pixels()
                .map(|pixel| pixel.0[0].min(pixel.0[3]))
                .collect();
            let (ours, theirs) = (
                lit(width as usize, &ours).expect("it is shown"),
                lit(width as usize, &frames[second]).expect("FFmpeg shows it"),
            );
            let near = ours.iter().zip(theirs).all(|(&a, b)| a.abs_diff(b) <= 2);
            assert!(
                near,
                "{text} ({mail}) on {width}x{height}: drawn at {ours:?}, by FFmpeg at {theirs:?}"
            );
        }
    }
}

/// The left edge and the size of a comment's only event.
fn place(comment: Comment, options: &AssOptions) -> (String, String) {
    let file = written(&[comment], options);
    let events = events(&file);
    let commands = events[0][9].split('}').next().expect("commands").to_owned();
    let (place, rest) = commands[1..].split_once(')').expect("a place");
    let size = rest
        .split('\\')
        .find_map(|command| command.strip_prefix("fs"));
    (place.to_owned(), size.unwrap_or_default().to_owned())
}

/// Half the stage, half of everything; 10 % of the height left free, nine tenths of everything.
#[test]
fn stages_are_scaled() {
    let half = AssOptions::default().size(960, 540);
    let file = written(&[], &half);
    assert!(file.contains("PlayResX: 960\r\nPlayResY: 540\r\n"));
    assert!(events(&file).is_empty());
    let fixed = || Comment::new(Vpos(0), "あああ").mail("shita big");
    let (_, whole) = place(fixed(), &AssOptions::default());
    let (_, halved) = place(fixed(), &half);
    let (at, reserved) = place(fixed(), &AssOptions::default().reserve(108));
    let number = |text: &str| text.parse::<f64>().expect("a number");
    assert!((number(&whole) / 2.0 - number(&halved)).abs() < 0.01);
    assert!((number(&whole) * 0.9 - number(&reserved)).abs() < 0.01);
    let top = number(at.split(',').nth(1).expect("x and y"));
    assert!(top + number(&reserved) < 1080.0 - 100.0, "{at}");
}

#[test]
fn looks_are_those_of_the_commands() {
    let owner = |body: &str| Comment::new(Vpos(0), body).fork(Fork::Owner);
    let comments = [
        owner("@逆"),
        Comment::new(Vpos(0), "/play"),
        Comment::new(Vpos(0), " \u{3000}\n"),
        Comment::new(Vpos(0), "w").mail("invisible"),
        Comment::new(Vpos(0), "").deleted(1),
        owner("w").mail("ue @7 #00FF00 _live mincho").premium(true),
    ];
    let options = AssOptions::default().families(["A,B", "C", "D"].map(str::to_owned));
    let file = written(&comments, &options);
    let events = events(&file);
    assert_eq!(events.len(), 1); // what is not seen is left out
    assert_eq!(events[0][..4], ["1", "0:00:00.00", "0:00:07.00", "mincho"]);
    assert!(events[0][9].ends_with("\\c&H00FF00&\\1a&H7F&\\3a&HCC&}w"));
    assert!(file.contains("Style: defont,A B,") && file.contains("Style: mincho,D,"));
    let faint = written(&comments, &options.opacity(0.5));
    assert!(faint.contains("\\1a&HBF&\\3a&HE5&}w"));
}

#[test]
fn crowded_comments_overlap_or_are_left_out() {
    let comments = vec![Comment::new(Vpos(0), "w").mail("ue"); 30]; // 11 fit
    let strict = AssOptions::default().leave_out_crowded(true);
    assert_eq!(
        events(&written(&comments, &AssOptions::default())).len(),
        30
    );
    assert_eq!(events(&written(&comments, &strict)).len(), 11);
}

/// Of three that are there at once the limit leaves the newest two; the oldest comes back when
/// another one goes.
#[test]
fn the_limit_of_comments_at_once_holds_for_subtitles() {
    let comments = [
        (0, "a", "ue @9"),
        (100, "b", "shita @3"),
        (200, "c", "ue @6"),
        (250, "d", "invisible"),
    ]
    .map(|(vpos, text, mail)| Comment::new(Vpos(vpos), text).mail(mail));
    let options = LayoutOptions::default().limit(2);
    let placed = layout(&comments, &Fonts::estimated(), &options);
    let mut file = Vec::new();
    write_ass(&placed, &AssOptions::default(), &mut file).expect("memory does not fail");
    let file = String::from_utf8(file).expect("text");
    let events = events(&file);
    let times: Vec<_> = events
        .iter()
        .map(|event| {
            (
                time(event[1]),
                time(event[2]),
                &event[9][event[9].len() - 1..],
            )
        })
        .collect();
    assert_eq!(
        times,
        [
            (0, 200, "a"),
            (400, 900, "a"),
            (100, 400, "b"),
            (200, 800, "c")
        ]
    );
}

#[test]
fn absurd_comments_and_options_do_no_harm() {
    let comments = [
        Comment::new(Vpos(i64::MAX), "w"),
        Comment::new(Vpos(i64::MIN), "\n".repeat(10_000) + "w").mail("ender shita"),
    ];
    assert!(events(&written(&comments, &AssOptions::default())).len() <= 2);
    let over = [Comment::new(Vpos(-2_000), "草").mail("ue nico:fill:red")];
    assert_eq!(events(&written(&over, &AssOptions::default())).len(), 0);
    let placed = layout(&comments, &Fonts::estimated(), &LayoutOptions::default());
    let options = AssOptions::default;
    for bad in [
        options().size(0, 0),
        options().reserve(1080),
        options().opacity(1.5),
        options().opacity(f64::NAN),
    ] {
        let refused = write_ass(&placed, &bad, Vec::new()).expect_err("out of range");
        assert_eq!(refused.kind(), std::io::ErrorKind::InvalidInput, "{bad:?}");
    }
    // Also where there is no comment that it would be seen on.
    let refused = write_ass(&Layout::default(), &options().opacity(1.5), Vec::new());
    assert!(refused.is_err());
}

/// An operator's banner stands on a bar across the picture, and `nico:fill` on a box of its size that
/// moves along, both under the letters.
#[test]
fn bars_and_boxes_are_drawings_under_the_letters() {
    let mut banner = Comment::new(Vpos(100), "お知らせ");
    banner.premium = 3;
    let filled = Comment::new(Vpos(100), "草").mail("nico:fill:red ue");
    let moving = Comment::new(Vpos(100), "流れる").mail("nico:fill:#00f8");
    let layout = layout(
        &[banner, filled, moving],
        &Fonts::estimated(),
        &LayoutOptions::default(),
    );
    let mut file = Vec::new();
    write_ass(&layout, &AssOptions::default().size(1920, 1080), &mut file).unwrap();
    let file = String::from_utf8(file).unwrap();
    let events = events(&file);
    let (drawings, texts): (Vec<_>, Vec<_>) =
        (0..events.len()).partition(|&at| events[at].last().unwrap().contains("\\p1}m 0 0 l "));
    assert_eq!((drawings.len(), texts.len()), (3, 3), "{file}");
    for (comment, (&drawing, &text)) in layout.comments().iter().zip(drawings.iter().zip(&texts)) {
        let (drawn, said) = (&events[drawing], &events[text]);
        assert_eq!(drawn[..3], said[..3], "the same layer and times: {file}");
        assert!(drawing < text && said.last().unwrap().ends_with(comment.text.as_str()));
        let drawn = drawn.last().unwrap();
        let number = |value: f64| ((value * 100.0).round() / 100.0).to_string();
        let height = number(comment.height);
        let width = if comment.banner {
            "1920".into()
        } else {
            number(comment.width)
        };
        let shape = format!("l {width} 0 {width} {height} 0 {height}{{\\p0}}");
        assert!(drawn.ends_with(&shape), "{drawn}, expected {shape}");
        let looks = match (comment.banner, drawn.contains("\\move(")) {
            (true, false) => "{\\pos(0,0)\\bord0\\c&H000000&\\1a&H7F&",
            (false, false) => "\\c&H0000FF&\\1a&H00&",
            (_, true) => "\\c&HFF0000&\\1a&H77&",
        };
        assert!(drawn.contains(looks), "{drawn}, expected {looks}");
    }
}
