use std::io::{self, Read};

use proptest::prelude::*;

use super::*;

/// Everything a reader says about a file, read `chunk` bytes at a time.
fn transcript(
    file: &[u8],
    options: ReadOptions,
    chunk: usize,
) -> (Vec<Result<Comment, String>>, Summary) {
    let mut comments = Comments::new(BufReader::with_capacity(chunk, file), options);
    comments.source.set_chunk(chunk);
    let items = comments
        .by_ref()
        .map(|item| item.map_err(|error| error.to_string()))
        .collect();
    (items, comments.summary())
}

/// What counts must agree on: every item is a comment, a rejected one, or the last error.
fn adds_up(file: &[u8], options: ReadOptions) {
    let mut comments = Comments::new(file, options);
    let items: Vec<_> = comments.by_ref().collect();
    let summary = comments.summary();
    let good = items.iter().filter(|item| item.is_ok()).count() as u64;
    let fatal = items
        .iter()
        .filter(|item| matches!(item, Err(error) if error.is_fatal()))
        .count();
    assert_eq!(
        (summary.comments, good + summary.rejected + fatal as u64),
        (good, items.len() as u64)
    );
    assert!(
        fatal <= 1 && (fatal == 0 || matches!(items.last(), Some(Err(error)) if error.is_fatal()))
    );
    assert!(comments.next().is_none());
}

fn xml_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "<chat ",
        "<chat>",
        "<x:chat\n",
        "</chat>",
        "</x:chat >",
        "</ch",
        "/>",
        ">",
        "<",
        "vpos=\"1\"",
        "vpos='-2' ",
        "user_id=\"a\" ",
        "mail=\"184 ue\" ",
        " no=\"3",
        "\"",
        "'",
        "=",
        "草",
        "&amp;",
        "&#xD83D;",
        "&",
        "<![CDATA[",
        "]]>",
        "<!--",
        "<error>",
        "</error>",
        "-->",
        "<?xml ?>",
        "<!DOCTYPE p [",
        "\u{FEFF}",
        "\r\n",
        "\0",
        "w",
    ]);
    let pieces = prop_oneof![9 => pieces.prop_map(|p| p.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(pieces, 0..40)
        .prop_map(|pieces| [b"<".to_vec(), pieces.concat()].concat())
}

fn json_like() -> impl Strategy<Value = Vec<u8>> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\\",
        "\"chat\":{",
        "\"vpos\":1",
        "\"no\":2",
        "\"vposMs\":\"15\"",
        "\"body\":\"w\"",
        "\"content\":\"\\ud83d\"",
        "\"comments\":[",
        "\"threads\":[",
        "\"data\":{",
        "\"packet\":[",
        "\"fork\":\"owner\"",
        "\"id\":1",
        "null",
        "\"mail\":[\"184\"]",
        "{\"chat\":{\"vpos\":7}},",
        "{\"vposMs\":7},",
        "\u{FEFF}",
        "\n",
        "1e5",
    ]);
    let pieces = prop_oneof![19 => pieces.prop_map(|p| p.as_bytes().to_vec()), 1 => any::<u8>().prop_map(|b| vec![b])];
    prop::collection::vec(pieces, 0..40)
        .prop_map(|pieces| [b"[".to_vec(), pieces.concat()].concat())
}

proptest! {
    #[test]
    fn pieces_make_no_difference(file in prop_oneof![xml_like(), json_like()], limit in 0..200_usize) {
        let options = ReadOptions::default().max_comment_len(limit);
        let whole = transcript(&file, options.clone(), 1 << 16);
        for chunk in [1, 7] {
            prop_assert_eq!(&transcript(&file, options.clone(), chunk), &whole);
        }
    }

    #[test]
    fn counts_add_up(file in prop_oneof![xml_like(), json_like(), any::<Vec<u8>>(), "([0-9.:]{0,4}:ue:w\n?){0,4}".prop_map(String::into_bytes)]) {
        adds_up(&file, ReadOptions::default());
        adds_up(&file, ReadOptions::default().max_comment_len(20));
    }
}

/// A limit in the middle of a comment's name is a limit like any other.
#[test]
fn limits_may_be_shorter_than_a_name() {
    for file in [
        "<chat vpos='1'>w</chat>",
        "<n:chat vpos='1'>w</n:chat>",
        "<i><d p='1,1,25,0,0,0,a,1'>w</d></i>",
    ] {
        for limit in 0..8_usize {
            let options = ReadOptions::default().max_comment_len(limit);
            let (items, summary) = transcript(file.as_bytes(), options, 64);
            assert!(items.iter().all(Result::is_err), "{file}: {limit}");
            assert_eq!(
                (summary.comments, summary.rejected),
                (0, 1),
                "{file}: {limit}"
            );
        }
    }
}

/// Wherever a file is cut, its whole comments are read, and the error comes exactly if it was cut
/// inside a comment, or so early that it may be anything.
#[test]
fn cut_anywhere() {
    let chat = "<chat vpos=\"1\" user_id='a'>あ&amp;<b></chat>";
    let file = format!("<?xml version=\"1.0\"?><packet>{chat}\n{chat}</packet>");
    let ends: Vec<_> = file
        .match_indices("</chat>")
        .map(|(at, text)| at + text.len())
        .collect();
    let starts: Vec<_> = file
        .match_indices("<chat")
        .map(|(at, text)| at + text.len())
        .collect();
    let root = file.find("<packet>").expect("a root") + "<packet>".len();
    for cut in 1..file.len() {
        let (items, summary) = transcript(&file.as_bytes()[..cut], ReadOptions::default(), 64);
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        let inside = starts
            .iter()
            .zip(&ends)
            .any(|(&start, &end)| start <= cut && cut < end);
        assert_eq!(
            (summary.comments, summary.ends_early),
            (whole as u64, inside),
            "cut at {cut}"
        );
        let errors = usize::from(inside || cut < root);
        assert_eq!(items.len(), whole + errors, "cut at {cut}");
    }
}

/// JSON that is cut anywhere before its last bracket is reported, its whole comments come before.
#[test]
fn json_cut_anywhere() {
    let chat = r#"{"chat":{"vpos":1,"user_id":"a","content":"あ\"}"}}"#;
    let legacy = format!("[{chat},{chat}]");
    let v1 = r#"{"data":{"threads":[{"id":"1","fork":"main","comments":[{"vposMs":1,"body":"あ"},{"vposMs":2}]}]}}"#;
    for (file, end) in [(legacy.as_str(), "\"}}"), (v1, "}")] {
        let ends: Vec<_> = file
            .match_indices(end)
            .map(|(at, text)| at + text.len())
            .take(2)
            .collect();
        for cut in 1..file.len() {
            let (items, summary) = transcript(&file.as_bytes()[..cut], ReadOptions::default(), 8);
            let whole = ends.iter().filter(|&&end| end <= cut).count();
            assert_eq!(
                (summary.comments, summary.ends_early),
                (whole as u64, true),
                "cut at {cut}"
            );
            assert_eq!(items.len(), whole + 1, "cut at {cut}");
        }
        assert!(
            !transcript(file.as_bytes(), ReadOptions::default(), 8)
                .1
                .ends_early
        );
    }
}

#[test]
fn forks_that_come_after_the_comments_are_waited_for() {
    let comment = r#"{"vposMs":10,"body":"w"}"#;
    let file = format!(
        r#"{{"threads":[{{"comments":[{comment},{comment}],"fork":"owner","id":"9"}},{{"comments":[{comment}]}}]}}"#
    );
    let (items, _) = transcript(file.as_bytes(), ReadOptions::default(), 8);
    let forks: Vec<_> = items
        .iter()
        .map(|item| item.as_ref().unwrap())
        .map(|c| (c.fork.as_str(), c.thread.as_deref()))
        .collect();
    assert_eq!(
        forks,
        [("owner", Some("9")), ("owner", Some("9")), ("main", None)]
    );
    let (items, summary) = transcript(file.as_bytes(), ReadOptions::default().max_buffered(1), 8);
    assert_eq!(
        (
            items.iter().filter(|item| item.is_ok()).count(),
            summary.rejected
        ),
        (3, 0)
    );
    assert!(
        items
            .iter()
            .any(|item| matches!(item, Err(error) if error.contains("max_buffered")))
    );
}

#[test]
fn objects_that_fit_several_formats_wait_for_one_that_does_not() {
    let file =
        r#"[{"vpos":1,"content":"a"},{"vpos":2,"content":"b","owner":true},{"content":"c"}]"#;
    let (items, summary) = transcript(file.as_bytes(), ReadOptions::default(), 8);
    let bodies: Vec<_> = items
        .iter()
        .map(|item| &*item.as_ref().unwrap().body)
        .collect();
    assert_eq!(
        (bodies, summary.format, summary.owner),
        (vec!["a", "b", "c"], Some(Format::FormattedJson), 1)
    );
    // What is damaged among them keeps its place and decides nothing.
    let file = r#"[{"vpos" 0},{"vpos":1,"content":"a"},{"vpos" 2},{"vpos":3,"owner":true}]"#;
    let (items, summary) = transcript(file.as_bytes(), ReadOptions::default(), 8);
    let good: Vec<_> = items.iter().map(Result::is_ok).collect();
    assert_eq!(
        (good, summary.format),
        (vec![false, true, false, true], Some(Format::FormattedJson))
    );
    let thread = br#"{"threads":[{"fork":"main","comments":[{"vposMs" 0}]}]}"#;
    let (_, summary) = transcript(thread, ReadOptions::default(), 8);
    assert_eq!(
        (summary.format, summary.rejected),
        (Some(Format::V1Json), 1)
    );
    let (_, summary) = transcript(br#"[{"vpos":1,"content":"a"}]"#, ReadOptions::default(), 8);
    assert_eq!(
        (summary.format, summary.comments),
        (Some(Format::LegacyJson), 1)
    );
}

#[test]
fn what_is_no_comment_file_says_so() {
    for file in ["", " \n", "hello", "{\"a\":1}", "PK\u{3}\u{4}"] {
        let (items, _) = transcript(file.as_bytes(), ReadOptions::default(), 64);
        assert!(
            matches!(&items[..], [Err(error)] if error.contains("not a comment file")),
            "{file:?}: {items:?}"
        );
    }
    for file in [
        "[]",
        "<packet/>",
        r#"{"packet":[]}"#,
        r#"{"data":{"threads":[]}}"#,
    ] {
        assert_eq!(
            transcript(file.as_bytes(), ReadOptions::default(), 64).0,
            [],
            "{file:?}"
        );
    }
    for file in [
        r#"{"error":"no such channel"}"#,
        "<?xml version='1.0'?><error>no such channel</error>",
        r#"{"meta":{"status":400,"errorCode":"INVALID_TOKEN"}}"#,
    ] {
        let (items, _) = transcript(file.as_bytes(), ReadOptions::default(), 64);
        assert!(
            matches!(&items[..], [Err(error)] if error.contains("the service answered")),
            "{file:?}: {items:?}"
        );
    }
}

/// 100 MB in one comment, made as they are read: one error, no memory, and the comment behind it.
#[test]
fn an_endless_comment_costs_no_memory() {
    let cases = [
        (
            "<chat vpos='1'>",
            "</chat><chat vpos='2' user_id='a'>w</chat>",
        ),
        (
            "<chat vpos='1' mail='",
            "'>w</chat><chat vpos='2' user_id='a'>w</chat>",
        ),
        (
            r#"[{"chat":{"vpos":1,"content":""#,
            r#""}},{"chat":{"vpos":2,"content":"w"}}]"#,
        ),
        (
            r#"{"data":{"threads":[{"fork":"main","comments":[{"vposMs":10,"body":""#,
            r#""},{"vposMs":20,"body":"w"}]}]}}"#,
        ),
        ("0:ue:w\n1:ue:", "\n0.02:ue:w\n"),
    ];
    for (head, tail) in cases {
        let long = io::repeat(b'w').take(100_000_000);
        let file = head.as_bytes().chain(long).chain(tail.as_bytes());
        let mut comments = Comments::new(BufReader::new(file), ReadOptions::default());
        let items: Vec<_> = comments.by_ref().collect();
        let too_long = items.iter().filter(
            |item| matches!(item, Err(error) if matches!(error.kind(), ErrorKind::TooLong(65_536))),
        );
        assert_eq!(too_long.count(), 1, "{head}");
        assert_eq!(comments.summary().rejected, 1, "{head}");
        assert!(
            matches!(items.last(), Some(Ok(comment)) if comment.vpos == Vpos(2)),
            "{head}"
        );
        assert!(comments.source.capacity() < 300_000, "{head}");
    }
}

/// Entities that would be 3 GB if they were expanded.
#[test]
fn entities_of_a_file_are_never_expanded() {
    let mut file = String::from("<!DOCTYPE lolz [<!ENTITY lol \"lol\">");
    for n in 1..10 {
        let before = format!("&lol{};", n - 1).repeat(10);
        file += &format!("<!ENTITY lol{n} \"{before}\">");
    }
    file += "]><packet><chat vpos='1' user_id='a'>&lol9;</chat></packet>";
    let (items, _) = transcript(file.as_bytes(), ReadOptions::default(), 64);
    assert!(matches!(&items[..], [Ok(comment)] if comment.body == "&lol9;"));
}

#[test]
fn an_error_among_comments_is_passed_over() {
    let file = r#"[{"error":"busy"},{"chat":{"vpos":1,"content":"w"}},{"error":"busy"}]"#;
    let (items, summary) = transcript(file.as_bytes(), ReadOptions::default(), 8);
    assert_eq!((items.len(), summary.comments, summary.rejected), (1, 1, 0));
}

/// Thousands of openings without an end take no longer than others: 1 MB of each would take minutes
/// if every one of them looked for its end.
#[test]
fn openings_without_end_are_looked_at_once() {
    for opening in [
        "<!--",
        "<!x ",
        "<![CDATA[",
        "<chat ",
        "<chat><![CDATA[",
        "<chat '",
        "<error>",
        "<",
        "&#1",
    ] {
        let file = format!(
            "<packet>{}<chat vpos='7' user_id='a'>w</chat>",
            opening.repeat(1_000_000 / opening.len())
        );
        let (items, _) = transcript(file.as_bytes(), ReadOptions::default(), 1 << 16);
        assert!(
            matches!(items.last(), Some(Ok(comment)) if comment.vpos == Vpos(7)),
            "{opening}"
        );
    }
}

/// A quote or bracket too many or too few costs the comment it is in, not those behind it.
#[test]
fn json_damage_stays_where_it_is() {
    let chat = |body: &str| {
        format!(r#"{{"chat":{{"thread":"1","vpos":1,"user_id":"a","content":"{body}","no":1}}}}"#)
    };
    let flat =
        |body: &str| format!("{{\n  \"id\": \"1\",\n  \"vposMs\": 10,\n  \"body\": \"{body}\"\n}}");
    for (good, sep) in [(chat("w"), ","), (flat("w"), ",\n")] {
        let bodies = [
            "a\"b",
            "a\"b\"c",
            "a\"b\"c\"d",
            "a\"}",
            "a\"}}",
            "a\"}}}",
            "a\",{",
            "a\":{",
            "a\\",
        ];
        let of = |body: &str| if sep == "," { chat(body) } else { flat(body) };
        let mut damaged: Vec<_> = bodies.iter().map(|body| of(body)).collect();
        damaged.extend([
            good.replacen('}', "", 1),
            good.replace('}', ""),
            good.replacen('"', "", 3),
        ]);
        for bad in damaged {
            let file = format!(
                "[{}]",
                [&good, &bad, &good, &good, &good]
                    .map(|item| item.clone())
                    .join(sep)
            );
            let (items, summary) = transcript(file.as_bytes(), ReadOptions::default(), 8);
            let read = items
                .iter()
                .filter(|item| item.as_ref().is_ok_and(|comment| comment.body == "w"))
                .count();
            assert!(read >= 3, "{read} of 4 in {file}: {items:?}");
            assert!(!summary.ends_early, "{file}: {items:?}");
        }
    }
}

#[test]
fn nesting_is_only_counted() {
    let deep = "[".repeat(1_000_000);
    let file = format!(r#"[{{"chat":{{"vpos":1,"x":{deep}"#);
    let (items, summary) = transcript(file.as_bytes(), ReadOptions::default(), 4096);
    assert_eq!((items.len(), summary.ends_early), (2, true)); // too long, then cut off
    let (items, _) = transcript(deep.as_bytes(), ReadOptions::default(), 4096);
    assert_eq!(items.len(), 1);
}

#[test]
fn recordings_begin_where_told() {
    let file = "<chat vpos='900' date='1700000003' date_usec='250000' user_id='a'/><chat vpos='5' user_id='a'/>";
    let options = ReadOptions::default()
        .recording_start(1_700_000_000, 500_000)
        .shift(Vpos(-100));
    let (items, _) = transcript(file.as_bytes(), options, 64);
    let positions: Vec<_> = items
        .iter()
        .map(|item| item.as_ref().unwrap().vpos.0)
        .collect();
    assert_eq!(positions, [175, -95]);
}

#[test]
fn options_leave_out() {
    let file = "<chat vpos='1' no='1' user_id='a'>w</chat><chat vpos='1' no='1' user_id='a'>w</chat><chat vpos='1' deleted='1'/>";
    let count = |options| transcript(file.as_bytes(), options, 64).0.len();
    assert_eq!(count(ReadOptions::default()), 3);
    assert_eq!(count(ReadOptions::default().drop_repeats(true)), 2);
    assert_eq!(count(ReadOptions::default().drop_deleted(true)), 2);
    let live = "<chat vpos='1' no='-1' date='5' user_id='a'>w</chat>";
    let file = [
        live,
        live,
        &live.replace('w', "ww"),
        &live.replace('5', "6"),
    ]
    .concat();
    let options = ReadOptions::default().drop_repeats(true);
    assert_eq!(transcript(file.as_bytes(), options, 64).0.len(), 3);
    assert_eq!(
        count(ReadOptions::default().drop_empty(true).drop_repeats(true)),
        1
    );
}
