//! Each comment that cannot be read is reported where it begins, the others are read, and the
//! counts are those of what was put together.

use nico_comments::{Comments, Error, ReadOptions};
use proptest::prelude::*;

/// A piece of a file.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Good(&'static str),
    Bad(&'static str),
    /// Longer than the limit: this, 300 letters, and that.
    Long(&'static str, &'static str),
    /// Nothing that has to do with comments.
    Between(&'static str),
}
use Piece::{Bad, Between, Good, Long};

const XML: &[Piece] = &[
    Good("<chat vpos=\"1\" user_id=\"a\">w</chat>"),
    Good("<chat\nvpos='2' deleted='1'/>"),
    Good("<x:chat vpos='3' mail='>'>a\n<b>&amp;</x:chat\n>"),
    Good("<chat vpos='4'><![CDATA[</chat><chat vpos='x'>]]></chat>"),
    Bad("<chat vpos='soon'>\nw</chat>"),
    Bad("<chat no='1'/>"),
    Bad("<chat vpos='99999999999999999999'>w</chat>"),
    Bad("<chat vpos='5'>no end\n"),
    Long("<chat vpos='7'>", "</chat>"),
    Between("\n"),
    Between("<leaf thread=\"1\"/>"),
    Between("<!-- <b -->"),
    Between("text \u{FEFF}&amp;\r\n"),
    Between("<chatter vpos='1'>"),
];

const LEGACY: &[Piece] = &[
    Good(r#"{"chat":{"vpos":1,"content":"a}\"b"}},"#),
    Good("{\"chat\":{\n\"vpos\":\"2\",\"no\":1}},"),
    Bad(r#"{"chat":{"vpos":null}},"#),
    Bad(r#"{"chat":{"no":1,"content":"\n"}},"#),
    Bad("{\"chat\":{\"vpos\":\n1.5}},"),
    Bad("{\"chat\":{\"vpos\" 1}},"),
    Long(r#"{"chat":{"vpos":7,"content":""#, "\"}},"),
    Between("\n"),
    Between(r#"{"ping":{"content":"rs:0"}},"#),
    Between("null,"),
    Between("{\"leaf\":{\"thread\":\"1\"}},\n"),
];

const V1: &[Piece] = &[
    Good(r#"{"vposMs":10,"body":"a"},"#),
    Good("{\n\"vposMs\":-5},"),
    Bad(r#"{"body":"w","no":7},"#),
    Bad("{\"vposMs\":\"\n\"},"),
    Long(r#"{"vposMs":7,"body":""#, "\"},"),
    Between(" \n"),
];

const LINES: &[Piece] = &[
    Good("1.5:ue red:a:b\n"),
    Good("1:02::\r\n"),
    Bad("soon:ue:w\n"),
    Long("2:ue:", "\n"),
    Between("a line\n"),
    Between("\n"),
];

/// A file of pieces between a head and a tail, what cannot be read of it, and the number of
/// comments.
fn file(head: &str, pieces: &[Piece], tail: &str) -> (String, Vec<(u64, u64)>, u64) {
    let mut file = head.to_owned();
    let (mut places, mut comments) = (Vec::new(), 0);
    for piece in pieces {
        match piece {
            Good(_) => comments += 1,
            Bad(_) | Long(..) => {
                places.push((file.len() as u64, 1 + file.matches('\n').count() as u64))
            }
            Between(_) => {}
        }
        match piece {
            Good(text) | Bad(text) | Between(text) => file += text,
            Long(before, behind) => file += &[before, "w".repeat(300).as_str(), behind].concat(),
        }
    }
    (file + tail, places, comments)
}

fn pieces(of: &'static [Piece]) -> impl Strategy<Value = Vec<Piece>> {
    prop::collection::vec(prop::sample::select(of), 0..20)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_cannot_be_read_is_reported_where_it_begins(
        xml in pieces(XML), legacy in pieces(LEGACY), v1 in pieces(V1), lines in pieces(LINES),
    ) {
        // So that nothing without an end is the last.
        let last = "<chat vpos='9' user_id='z'>w</chat></packet>";
        let thread = r#"{"data":{"threads":[{"id":"1","fork":"main","comments":["#;
        let files = [
            (file("<packet>", &xml, last), 1),
            (file("[{\"thread\":{}},\n", &legacy, "{\"chat\":{\"vpos\":9}}]"), 1),
            (file(thread, &v1, "{\"vposMs\":9}]}]}}"), 1),
            (file("0:ue:w\n", &lines, "9:ue:w"), 2),
        ];
        for ((file, places, comments), more) in files {
            let mut reader = Comments::new(file.as_bytes(), ReadOptions::default().max_comment_len(200));
            let errors: Vec<Error> = reader.by_ref().filter_map(Result::err).collect();
            let found: Vec<_> = errors.iter().map(|error| (error.offset(), error.line())).collect();
            prop_assert_eq!(&found, &places, "{}\n{:?}", file, errors);
            let summary = reader.summary();
            prop_assert_eq!((summary.comments, summary.rejected), (comments + more, places.len() as u64), "{}", file);
        }
    }
}
