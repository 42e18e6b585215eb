//! The rules of the formats page (`docs/spec/comment-formats.md`, sections 1.1 to 1.3, 2, 3 and 4),
//! one after the other, each with the smallest file that shows it. `tests/corpus` has whole files.

use nico_comments::{Comment, Comments, Error, ReadOptions, Vpos};

/// What is read of a file, a word for each item: `vpos:body` of comments, `!` and the line for
/// errors.
fn read(file: &[u8]) -> String {
    words(file, |comment| {
        format!("{}:{}", comment.vpos.0, comment.body)
    })
}

fn words(file: &[u8], word: impl Fn(&Comment) -> String) -> String {
    let say = |item: Result<Comment, Error>| match item {
        Ok(comment) => word(&comment),
        Err(error) if error.is_fatal() => "!end".to_owned(),
        Err(error) => format!("!{}", error.line()),
    };
    let items: Vec<_> = Comments::new(file, ReadOptions::default())
        .map(say)
        .collect();
    items.join(" ")
}

/// A field of the only comment, as Rust shows it.
fn field<T: std::fmt::Debug>(file: &str, of: impl Fn(&Comment) -> T) -> String {
    words(file.as_bytes(), |comment| format!("{:?}", of(comment)))
}

#[test]
fn xml_bytes_are_utf8_whatever_is_said_1() {
    let declared = "<?xml version='1.0' encoding='Shift_JIS'?><chat vpos='1'>草</chat>";
    assert_eq!(read(declared.as_bytes()), "1:草");
    assert_eq!(
        read(b"<chat vpos='1'>a\xFFb\xC3</chat>"),
        "1:a\u{FFFD}b\u{FFFD}"
    );
    // A surrogate in three bytes (CESU-8) is three bytes that are no UTF-8.
    assert_eq!(
        read(b"<chat vpos='1'>\xED\xA0\xBD</chat>"),
        "1:\u{FFFD}\u{FFFD}\u{FFFD}"
    );
    let marks = "\u{FEFF}<chat vpos='1'>a</chat>\u{FEFF}<chat vpos='2'>b</chat>\u{FEFF}";
    assert_eq!(read(marks.as_bytes()), "1:a 2:b");
}

#[test]
fn xml_only_chats_count_2() {
    let file = "<?chat vpos='0'?><!-- <chat vpos='0'>x</chat> --><root><chatter vpos='0'>x</chatter><thread/>\
                <n:chat vpos='1'>a</n:chat></root><packet><chat vpos='2'>b</chat></packet>";
    assert_eq!(read(file.as_bytes()), "1:a 2:b");
    let entities = "<!DOCTYPE p [<!ENTITY e 'x'>]><chat vpos='1'>&e;</chat>";
    assert_eq!(read(entities.as_bytes()), "1:&e;");
}

#[test]
fn xml_chats_begin_and_end_3() {
    for (file, expected) in [
        (
            "<chat\tvpos='1'>a<b>c</b> < </chat \n><chat/>",
            "1:a<b>c</b> <  !2",
        ),
        (
            "<chat vpos='1'>a<![CDATA[<x>&amp;</chat>]]>b</chat>",
            "1:a<x>&amp;</chat>b",
        ),
        ("<chat vpos='1'>a\n<chat vpos='2'>b</chat>", "!1 2:b"),
        ("<chat vpos='1' x='\n<chat vpos='2'>b</chat>", "!1 2:b"),
        ("<chat vpos='1'>a</ch\nat><chat vpos='2'>b</chat>", "!1 2:b"),
        ("<chat vpos='1'>a<chat>b</chat>", "1:a<chat>b"), // only with white space behind its name
    ] {
        assert_eq!(read(file.as_bytes()), expected, "{file}");
    }
}

#[test]
fn xml_references_are_replaced_once_4() {
    let body = "&amp;lt;&lt;&gt;&quot;&apos;&quote;&#65;&#x42;&nbsp;&;& &#xD83D;&#xDE00;&#xD83D;&#x110000;&#55357;x";
    let expected = "&lt;<>\"'\"AB&nbsp;&;& 😀\u{FFFD}\u{FFFD}\u{FFFD}x";
    assert_eq!(
        read(format!("<chat vpos='1'>{body}</chat>").as_bytes()),
        format!("1:{expected}")
    );
    let mail = "<chat vpos='1' mail=\"&#65;&quote;&amp;amp;\"/>";
    assert_eq!(field(mail, |c| c.mail.to_string()), r#""A\"&amp;""#);
}

#[test]
fn xml_control_characters_go_5() {
    let controls: String = ('\0'..' ').filter(|c| !"\t\n\r".contains(*c)).collect();
    let file = format!(
        "<chat vpos='1' user_id='a{controls}b'>a{controls}&#0;&#16;\t\r\n\r\u{7F}\u{202E}\u{200B}</chat>"
    );
    assert_eq!(read(file.as_bytes()), "1:a\t\n\n\u{7F}\u{202E}\u{200B}");
    assert_eq!(field(&file, |c| c.user.clone()), r#"Some("ab")"#);
}

#[test]
fn xml_attributes_6() {
    let file = "<chat vpos = ' +5\n' vpos='6' no='-1' date='x' score='1e2' premium=\"1\" strange='kept' user_id='a\nb'>w</chat>";
    assert_eq!(read(file.as_bytes()), "5:w");
    let fields = field(file, |c| {
        (
            c.no,
            c.date,
            c.score,
            c.premium,
            c.user.clone(),
            c.extra.len(),
        )
    });
    assert_eq!(fields, r#"(None, None, None, 1, Some("a\nb"), 1)"#);
    for vpos in [
        "",
        "vpos=''",
        "vpos='1.5'",
        "vpos='0x1'",
        "vpos='９'",
        "vpos=1",
        "vpos='9223372036854775808'",
    ] {
        assert_eq!(
            read(format!("<chat {vpos}>w</chat>").as_bytes()),
            "!1",
            "{vpos}"
        );
    }
    assert_eq!(
        read(b"<chat vpos='-9223372036854775808'>w</chat>"),
        format!("{}:w", i64::MIN)
    );
}

#[test]
fn xml_ends_anywhere_7_and_keeps_what_is_empty_8() {
    assert_eq!(
        read(b"<packet><chat vpos='1'>a</chat><chat vpos='2'>b"),
        "1:a !end"
    );
    assert_eq!(read(b"<packet><chat vpos='1'>a</chat><chat vp"), "1:a !end");
    assert_eq!(read(b"<packet><chat vpos='1'>a</chat></pack"), "1:a");
    assert_eq!(
        read(b"<chat vpos='1' deleted='1'/><chat vpos='2'></chat>"),
        "1: 2:"
    );
}

#[test]
fn xml_owners_are_told_by_fork_first() {
    let fork = |attributes: &str| {
        field(&format!("<chat vpos='1' {attributes}>w</chat>"), |c| {
            c.fork.clone()
        })
    };
    for (attributes, expected) in [
        ("fork='1' user_id='a'", "Owner"),
        ("fork='0'", "Main"),
        ("fork='2'", "Easy"),
        ("fork='ai'", "Other(\"ai\")"),
        ("", "Owner"),
        ("user_id='a'", "Main"),
        ("deleted='1'", "Main"),
        ("anonymity='1'", "Main"),
    ] {
        assert_eq!(fork(attributes), expected, "{attributes}");
    }
}

#[test]
fn past_logs_of_broadcasts() {
    let json = r#"{"packet":[{"chat":{"thread":"1","no":"2","vpos":"300","date":"1600000003","date_usec":"500000","content":"w"}}]}"#;
    let xml = "<chat thread='1' no='2' vpos='300' date='1600000003' date_usec='500000'>w</chat>";
    let options = ReadOptions::default()
        .recording_start(1_600_000_000, 0)
        .shift(Vpos(-50));
    for file in [json, xml] {
        let comment = Comments::new(file.as_bytes(), options.clone()).next();
        assert_eq!(comment.expect("one").expect("whole").vpos, Vpos(300));
        assert_eq!(read(file.as_bytes()), "300:w");
    }
    // Numbers repeat and fall where a channel restarts: order is the file's.
    let restarted = "<chat no='7' vpos='1'>a</chat><chat no='1' vpos='2'>b</chat><chat no='7' vpos='3'>c</chat>";
    assert_eq!(read(restarted.as_bytes()), "1:a 2:b 3:c");
    assert_eq!(read(br#"{"error":"no such channel"}"#), "!end");
    assert_eq!(read(b"<packet/>"), "");
}

#[test]
fn legacy_json() {
    for (file, expected) in [
        (
            "\u{FEFF}[{\"chat\":{\"vpos\":200.0,\"no\":\"1\",\"content\":\"a\"}}]",
            "200:a",
        ),
        (
            r#"[{"chat":{"vpos":"2e2","content":7,"odd":{"a":[{"]":"}"}]}}}]"#,
            "200:7",
        ),
        (
            "[{\"chat\":{\"vpos\":1,\"content\":\"a\nb\\u0000\0\r\\r\"}}]",
            "1:a\nb\n\n",
        ),
        (
            r#"[{"chat":{"vpos":1,"content":"\ud83d\ude00\ud83d \ude00"}}]"#,
            "1:😀\u{FFFD} \u{FFFD}",
        ),
        (
            r#"[{"chat":{"vpos":1.5}},{"chat":{"vpos":true,"no":1}},{"chat":{"vpos":[1]}}]"#,
            "!1 1: !1",
        ),
        (
            r#"[{"chat":{"vpos":1,"content":"a"}},{"chat":{"vpos":2,"con"#,
            "1:a !end",
        ),
        (
            r#"[{"thread":{"vpos":1}},{"chat_result":{"no":1}},{"vpos":3,"no":1,"content":"flat"}]"#,
            "3:flat",
        ),
        (
            "{\"chat\":{\"vpos\":1,\"content\":\"a\"}}\n{\"chat\":{\"vpos\":2,\"content\":\"b\"}}",
            "1:a 2:b",
        ),
    ] {
        assert_eq!(read(file.as_bytes()), expected, "{file}");
    }
    let emptied = r#"[{"no":1,"vpos":5,"content":"","mail":"","user_id":""}]"#;
    assert_eq!(field(emptied, |c| (c.deleted, c.is_owner())), "(1, false)");
}

#[test]
fn v1_threads() {
    let comment = r#"{"vposMs":-5,"body":"a","id":"10000000000000000001","userId":null,"isPremium":null,"commands":null}"#;
    let thread = format!(r#"{{"id":"1","fork":"ai","commentCount":9,"comments":[{comment}]}}"#);
    let threads = format!("[{thread}]");
    let owner = r#"{"threads":[{"id":1,"fork":"owner","comments":[{"vposMs":10,"userId":"x"}]}]}"#;
    for shape in [
        format!(
            r#"{{"meta":{{"status":200}},"data":{{"globalComments":[],"threads":{threads}}}}}"#
        ),
        threads.clone(),
        format!(r#"{{"globalComments":{{"retrievedCount":1}},"threads":{threads}}}"#),
        format!(r#"{{"videoId":"sm0","comment":1,"threads":{threads}}}"#),
    ] {
        let what = |c: &Comment| {
            (
                c.vpos.0,
                c.vpos_rest_ms,
                c.fork.to_string(),
                c.thread.clone(),
                c.id.clone(),
            )
        };
        let expected = r#"(-1, 5, "ai", Some("1"), Some("10000000000000000001"))"#;
        assert_eq!(field(&shape, what), expected, "{shape}");
    }
    assert_eq!(read(format!("[{comment}]").as_bytes()), "-1:a");
    assert_eq!(
        field(owner, |c| (c.is_owner(), c.user.clone())),
        r#"(true, Some("x"))"#
    );
    let posted = |at: &str| {
        field(&format!(r#"[{{"vposMs":0,"postedAt":"{at}"}}]"#), |c| {
            (c.date, c.date_usec)
        })
    };
    assert_eq!(
        posted("2020-09-13T21:26:30+09:00"),
        "(Some(1599999990), None)"
    );
    assert_eq!(
        posted("2020-09-13T12:26:30.25Z"),
        "(Some(1599999990), Some(250000))"
    );
    assert_eq!(posted("yesterday"), "(None, None)");
}

#[test]
fn formatted_json_and_owner_lists() {
    let defaults =
        r#"[{"id":1,"vpos":1,"content":"a","mail":[]},{"content":"b","usec":7,"layer":-1}]"#;
    assert_eq!(read(defaults.as_bytes()), "1:a 0:b");
    assert_eq!(
        field(defaults, |c| (c.date, c.date_usec, c.layer)),
        "(None, None, None) (None, Some(7), None)"
    );
    let text_of_commands = r#"[{"vpos":1,"owner":true,"mail":"ue　red"}]"#;
    assert_eq!(field(text_of_commands, |c| c.mail.words().count()), "2");
    let list = r#"[{"time":"01:02.50","command":"ue","comment":"a"},{"time":"5","command":"","comment":"b"},{"time":":","command":"","comment":"c"}]"#;
    assert_eq!(read(list.as_bytes()), "6250:a 500:b !1");
    assert_eq!(
        read("\u{FEFF}1.5:ue:a:b\r\nno comment: this\nx:ue:c\n2:: ".as_bytes()),
        "150:a:b !3 200: "
    );
}

/// Each of the marks by which a format is told, behind objects that tell nothing.
#[test]
fn json_files_are_told_apart() {
    for (mark, expected) in [
        (r#"{"vposMs":1}"#, "v1-json"),
        (r#"{"ping":{"content":"rs:0"}}"#, "legacy-json"),
        (r#"{"time":"1","command":"","comment":""}"#, "owner-json"),
        (r#"{"vpos":1,"no":1}"#, "legacy-json"),
        (r#"{"vpos":1,"mail":[]}"#, "formatted-json"),
        (r#"{"vpos":1,"owner":false}"#, "formatted-json"),
        (r#"{"fork":"main","comments":[{"vposMs":1}]}"#, "v1-json"),
    ] {
        let file = format!(r#"[{{"odd":1}},{{"content":"first"}},{mark}]"#);
        let mut comments = Comments::new(file.as_bytes(), ReadOptions::default());
        comments.by_ref().for_each(drop);
        let format = comments.summary().format.map(|format| format.to_string());
        assert_eq!(format.as_deref(), Some(expected), "{file}");
    }
}

/// What stands around the comments is kept on request (1.2, rule 2; 2; 3).
#[test]
fn what_is_around_comments_is_kept_on_request() {
    let metadata = |file: &str, max: usize| {
        let mut comments = Comments::new(file.as_bytes(), ReadOptions::default().max_metadata(max));
        comments.by_ref().for_each(drop);
        let said = comments
            .metadata()
            .iter()
            .map(|metadata| format!("{} {:?}", metadata.name, metadata.members));
        said.collect::<Vec<_>>()
    };
    let xml = "<packet><thread last_res='2' x='&lt;>'/><x:leaf count=\"1\"></leaf><other a='1'/><chat vpos='1'/><view_counter\nvideo='9'/>";
    let expected = [
        r#"thread [("last_res", "2"), ("x", "<>")]"#,
        r#"leaf [("count", "1")]"#,
        r#"view_counter [("video", "9")]"#,
    ];
    assert_eq!(metadata(xml, 9), expected);
    assert_eq!(metadata(xml, 1), expected[..1]);
    assert!(metadata(xml, 0).is_empty());
    let json = r#"[{"ping":{"content":"rs:0"}},{"thread":{"last_res":2,"x":[1]}},{"chat":{"vpos":1}},{"leaf":{"count":1}}]"#;
    assert_eq!(
        metadata(json, 9),
        [r#"thread [("last_res", "2")]"#, expected[1]]
    );
    let thread = |id: u8| {
        format!(r#"{{"id":"{id}","comments":[{{"vposMs":1}}],"commentCount":7,"fork":"easy"}}"#)
    };
    let v1 = format!(
        r#"{{"meta":{{"status":200}},"data":{{"id":3,"threads":[{},{}]}}}}"#,
        thread(1),
        thread(2)
    );
    let expected =
        |id: u8| format!(r#"thread [("id", "{id}"), ("commentCount", "7"), ("fork", "easy")]"#);
    assert_eq!(metadata(&v1, 9), [expected(1), expected(2)]);
}
