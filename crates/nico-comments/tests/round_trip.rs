//! Laws of the writers: what is written reads back as it was, except for what `lost_in` names beforehand.

use nico_comments::{
    Comment, Comments, Fork, Format, Mail, ReadOptions, Vpos, WriteOptions, write_file, write_v1,
};
use nico_comments::{FormattedWriter, XmlWriter};
use proptest::prelude::*;

fn written(format: Format, comments: &[Comment], options: &WriteOptions) -> Vec<u8> {
    let expected = "memory does not fail";
    match format {
        Format::Xml => {
            let mut writer = XmlWriter::new(Vec::new(), options.clone());
            comments
                .iter()
                .for_each(|comment| writer.write(comment).expect(expected));
            writer.finish().expect(expected)
        }
        Format::FormattedJson => {
            let mut writer = FormattedWriter::new(Vec::new(), options.clone());
            comments
                .iter()
                .for_each(|comment| writer.write(comment).expect(expected));
            writer.finish().expect(expected)
        }
        _ => {
            let mut file = Vec::new();
            write_v1(&mut file, comments, options).expect(expected);
            file
        }
    }
}

fn read(file: &[u8]) -> Vec<Comment> {
    let comments: Result<_, _> =
        Comments::new(file, ReadOptions::default().max_comment_len(None)).collect();
    comments.unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(file)))
}

/// The fields in which two comments differ, by the names that `lost_in` uses.
fn differences(a: &Comment, b: &Comment) -> Vec<&'static str> {
    let fields = [
        ("thread", a.thread == b.thread),
        ("fork", a.fork == b.fork),
        ("no", a.no == b.no),
        ("id", a.id == b.id),
        ("vpos", a.vpos == b.vpos),
        ("vpos_rest_ms", a.vpos_rest_ms == b.vpos_rest_ms),
        ("date", a.date == b.date),
        ("date_usec", a.date_usec == b.date_usec),
        ("mail", a.mail == b.mail),
        ("body", a.body == b.body),
        ("user", a.user == b.user),
        ("premium", a.premium == b.premium),
        ("anonymous", a.anonymous == b.anonymous),
        ("score", a.score == b.score),
        ("nicoru", a.nicoru == b.nicoru),
        ("deleted", a.deleted == b.deleted),
        ("leaf", a.leaf == b.leaf),
        ("layer", a.layer == b.layer),
        ("extra", a.extra == b.extra),
    ];
    fields
        .into_iter()
        .filter(|(_, same)| !same)
        .map(|(name, _)| name)
        .collect()
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9_]{0,8}",
        2 => "[ぁ-ん草ｗ\u{3000}\u{200B}\u{202E} \\t\\n]{0,8}",
        2 => "[<>&;\"'\\[\\]!/=#\\\\{}:,xA-Z0-9-]{0,12}",
        1 => any::<String>(),
        1 => Just("<![CDATA[&amp;]]></chat><chat vpos='1'>&#10;".to_owned()),
    ]
}

prop_compose! {
    fn fork()(kind in 0..6, other in text()) -> Fork {
        match kind {
            0..=2 => Fork::Main,
            3 => Fork::Owner,
            4 => Fork::Easy,
            _ => Fork::parse(&other),
        }
    }
}

fn number() -> impl Strategy<Value = i64> {
    prop_oneof![4 => -10_000..10_000_000_000_i64, 1 => any::<i64>()]
}

fn maybe<S: Strategy>(value: S) -> impl Strategy<Value = Option<S::Value>>
where
    S::Value: Clone,
{
    prop::option::weighted(0.6, value)
}

prop_compose! {
    fn comment()(
        place in (maybe(text()), fork(), maybe(number()), maybe("[0-9]{1,22}"), number(), 0..10_u8),
        time in (maybe(number()), maybe(0..1_000_000_u32)),
        words in prop::collection::vec(prop_oneof!["[a-z0-9#@]{1,6}", text()], 0..4),
        said in (text(), maybe(prop_oneof![text(), "[0-9]{1,4}"]), 0..3_u8, any::<bool>()),
        counts in (maybe(number()), maybe(number()), prop_oneof![5 => Just(0_u8), 1 => any::<u8>()], maybe(number()), maybe(any::<i32>())),
        extra in prop::collection::vec((prop_oneof!["[a-z_]{1,6}", "source|mine|vpos|nicoruId", text()], prop_oneof![text(), Just("1".to_owned())]), 0..3),
    ) -> Comment {
        let mut comment = Comment::new(Vpos(place.4), said.0);
        (comment.thread, comment.fork, comment.no, comment.id, comment.vpos_rest_ms) = (place.0, place.1, place.2, place.3, place.5);
        (comment.date, comment.date_usec) = time;
        comment.mail = Mail::from_words(words.iter().map(String::as_str));
        (comment.user, comment.premium, comment.anonymous) = (said.1, said.2, said.3);
        (comment.score, comment.nicoru, comment.deleted, comment.leaf, comment.layer) = counts;
        comment.extra = extra;
        comment
    }
}

const FORMATS: [Format; 3] = [Format::Xml, Format::FormattedJson, Format::V1Json];

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is not named as lost comes back.
    #[test]
    fn only_what_is_named_is_lost(comment in comment()) {
        for format in FORMATS {
            let lost = comment.lost_in(format);
            let file = written(format, std::slice::from_ref(&comment), &WriteOptions::default().fill(false));
            let back = read(&file);
            if lost.contains(&"deleted") {
                prop_assert!(back.is_empty());
                continue;
            }
            prop_assert_eq!(back.len(), 1);
            for difference in differences(&comment, &back[0]) {
                prop_assert!(lost.contains(&difference), "{} differs in {}: {}", difference, format, String::from_utf8_lossy(&file));
            }
        }
    }

    /// Reading, writing and reading again gives the same comments, in the same order within a thread.
    #[test]
    fn what_was_read_is_written_and_read_alike(comments in prop::collection::vec(comment(), 0..8), fill: bool) {
        let options = WriteOptions::default().fill(fill);
        for format in FORMATS {
            let once = read(&written(format, &comments, &options));
            let twice = read(&written(format, &once, &options));
            prop_assert_eq!(once, twice, "{}", format);
        }
    }
}

#[test]
fn files_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let comments = [
        Comment::new(Vpos(-5), "一行目\n<二行目> & \"三\"")
            .with_mail("184 ue #00ff00")
            .with_user("Yg_6")
            .with_premium(true)
            .with_no(1),
        Comment::new(Vpos(141_222), "@逆")
            .with_fork(Fork::Owner)
            .with_no(2),
    ];
    for format in FORMATS {
        let path = folder.path().join(format.as_str());
        write_file(
            &path,
            format,
            &comments,
            &WriteOptions::default().fill(false),
        )
        .unwrap();
        let mut reader = Comments::open(&path, ReadOptions::default()).unwrap();
        let back: Vec<_> = reader.by_ref().map(Result::unwrap).collect();
        assert_eq!(reader.summary().format, Some(format));
        assert_eq!(
            back.iter().map(|comment| &comment.body).collect::<Vec<_>>(),
            comments.iter().map(|c| &c.body).collect::<Vec<_>>()
        );
        assert_eq!(
            (back[0].mail.position(), back[1].is_owner()),
            (comments[0].mail.position(), true)
        );
    }
}
