use crate::{Comment, Comments, Fork, Format, ReadOptions, Summary};

/// What is read of a file: `vpos commands body` of comments, `!` for errors; and what is lost.
fn read(file: &str) -> (Vec<String>, Vec<(&'static str, u64)>, Summary) {
    let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
    let say = |comment: Comment| {
        let owner = if comment.fork == Fork::Owner {
            "owner "
        } else {
            ""
        };
        format!(
            "{owner}{} {} {:?}",
            comment.vpos.0, comment.mail, comment.body
        )
    };
    let said = comments
        .by_ref()
        .map(|item| item.map_or_else(|error| format!("!{error}"), say));
    let said = said.collect();
    (said, comments.lost().collect(), comments.summary())
}

const OURS: &str = "\u{FEFF}[Script Info]\r\nScriptType: v4.00+\r\nPlayResX: 1920\r\nPlayResY: 1080\r\n\r\n\
    [V4+ Styles]\r\nFormat: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, Italic, \
    Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, Alignment, MarginL, MarginR, MarginV, Encoding\r\n\
    Style: defont,Noto,95.58,&H00FFFFFF,&H00FFFFFF,&H99000000,&H99000000,-1,0,0,0,100,100,0,0,1,3.8,0,7,0,0,0,1\r\n\
    Style: gothic,Noto,95.58,&H00FFFFFF,&H00FFFFFF,&H99000000,&H99000000,0,0,0,0,100,100,0,0,1,3.8,0,7,0,0,0,1\r\n\
    Style: mincho,Serif,95.58,&H00FFFFFF,&H00FFFFFF,&H99000000,&H99000000,0,0,0,0,100,100,0,0,1,3.8,0,7,0,0,0,1\r\n\r\n\
    [Events]\r\nFormat: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\r\n";

#[test]
fn what_we_wrote_comes_back() {
    let events = "\
        Dialogue: 0,0:00:00.00,0:00:05.25,defont,,0,0,0,,{\\move(1900,10,-300,10)}草\r\n\
        Dialogue: 0,0:00:02.10,0:00:05.10,defont,,0,0,0,,{\\pos(884.1,10)\\c&H0000FF&}一行, 目\r\n\
        Dialogue: 0,0:00:02.10,0:00:05.10,defont,,0,0,0,,{\\pos(884.1,105)\\c&H0000FF&}二行目\r\n\
        Dialogue: 0,0:00:02.10,0:00:05.10,defont,,0,0,0,,{\\pos(884.1,250)\\c&H0000FF&}別\r\n\
        Dialogue: 1,0:00:03.00,0:00:06.00,mincho,,0,0,0,,{\\pos(800,950)\\fs63\\1a&H80&}主\r\n";
    let (said, lost, summary) = read(&[OURS, events].concat());
    assert_eq!(
        said,
        [
            "100  \"草\"",
            "210 ue red \"一行, 目\\n二行目\"",
            "210 ue red \"別\"",
            "owner 300 shita small mincho _live \"主\"",
        ]
    );
    assert!(lost.is_empty());
    assert_eq!(summary.format, Some(Format::Ass));
}

/// Files as converters make them: one style, alignments, `\N`.
#[test]
fn what_others_wrote_becomes_comments() {
    let file = "[Script Info]\nPlayResY: 360\n[V4+ Styles]\n\
        Format: Name, Fontname, Fontsize, PrimaryColour, Alignment\n\
        Style: danmaku,Arial,25,&H66FFFFFF,7\n[Events]\n\
        Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
        Comment: 0,0:00:01.00,0:00:06.00,danmaku,,0,0,0,,note\n\
        Dialogue: 2,0:00:01.00,0:00:06.00,danmaku,,0,0,0,,{\\move(640,0,-50,0)\\c&HEAA000&}看不懂啊\n\
        Dialogue: 2,0:00:01.00,0:00:06.00,danmaku,,0,0,0,,{\\move(640,25,-50,25)\\c&HEAA000&}看不懂啊\n\
        Dialogue: 2,0:00:02.00,0:00:07.00,danmaku,,0,0,0,,{\\an8\\pos(320,200)\\fs36}上\\N二\n\
        Dialogue: 2,0:00:03.00,0:00:08.00,danmaku,,0,0,0,,{\\an2\\pos(320,10)\\fs16\\fad(1,2)}下\n\
        Dialogue: 2,0:00:04.00,0:00:08.00,danmaku,,0,0,0,Banner;20,横\n\
        Dialogue: 2,0:00:05.00,0:00:08.00,danmaku,,0,0,0,,{\\move(0,9,640,9)}逆\n\
        Dialogue: 2,0:00:06.00,0:00:08.00,danmaku,,0,0,0,,{\\p1}m 0 0 l 1 1\n\
        Dialogue: 2,soon,0:00:08.00,danmaku,,0,0,0,,w\n\
        Dialogue: 2,0:00:07.00,0:00:08.00,danmaku,,0,0,0,,{\\pos(1,300)}\n";
    let (said, lost, summary) = read(file);
    assert_eq!(
        said,
        [
            "100 #00A0EA \"看不懂啊\"",
            "100 #00A0EA \"看不懂啊\"",
            "200 ue big \"上\\n二\"",
            "300 shita small \"下\"",
            "400  \"横\"",
            "500  \"逆\"",
            "!line 16, byte 841: time is \"soon\", expected m:s or seconds",
        ]
    );
    assert_eq!(
        lost,
        [
            ("comment line", 1),
            ("direction", 1),
            ("drawing", 1),
            ("effects", 1)
        ]
    );
    assert_eq!((summary.comments, summary.rejected), (6, 1));
}

#[test]
fn damaged_subtitles_are_survived() {
    let (said, _, summary) = read(
        "[Script Info]\n[Events]\nDialogue:\nDialogue: 0\nDialogue: 0,0:0:1,0:0:2,,,,,,,{\\an0}a",
    );
    assert_eq!((said.len(), summary.rejected), (3, 2));
    let long = format!(
        "[Script Info]\n[Events]\nDialogue: 0,0:0:1,0:0:2,,,,,,,{}\nDialogue: 0,0:0:3,0:0:4,,,,,,,w",
        "w".repeat(70_000)
    );
    let (said, _, _) = read(&long);
    assert_eq!(said.len(), 2);
    assert!(said[0].contains("max_comment_len") && said[1].ends_with("\"w\""));
}
