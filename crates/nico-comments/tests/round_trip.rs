//! Laws of the writers: what is written reads back as it was, except for what `lost_in` names
//! beforehand.

mod laws;

use nico_comments::{
    Comment, Comments, Fork, Format, Losses, Mail, ReadOptions, Vpos, WriteOptions, write_file,
};
use proptest::prelude::*;

use laws::FORMATS;

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-z0-9_]{0,8}",
        2 => "[ぁ-ん草ｗ\u{3000}\u{200B}\u{202E}\u{FFFE}\u{FFFF} \\t\\n]{0,8}",
        1 => "(/n|http://n|/|,|n|\\r){0,5}",
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
        words in prop::collection::vec(prop_oneof!["[a-z0-9#@]{1,6}", "ue|shita|big|small|red|#123456|invisible", text()], 0..4),
        said in (text(), maybe(prop_oneof![text(), "[0-9]{1,4}"]), 0..3_u8, any::<bool>()),
        counts in (maybe(number()), maybe(number()), prop_oneof![5 => Just(0_u8), 1 => any::<u8>()], maybe(number()), maybe(any::<i32>())),
        extra in prop::collection::vec((prop_oneof!["[a-z_]{1,6}", "source|mine|vpos|nicoruId", "mode|size|pool|weight", text()], prop_oneof![text(), "[0-9]{1,2}", Just("1".to_owned())]), 0..3),
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is not named as lost comes back.
    #[test]
    fn only_what_is_named_is_lost(comment in comment()) {
        laws::come_back(&comment);
    }

    /// Reading, writing and reading again gives the same comments, in the same order within a
    /// thread.
    #[test]
    fn what_was_read_is_written_and_read_alike(comments in prop::collection::vec(comment(), 0..8)) {
        for format in FORMATS {
            laws::come_back_alike(format, &comments);
        }
    }

    /// Nothing is named as lost without need: a field that is, differs in what comes back, or a
    /// control character was in it.
    #[test]
    fn what_is_named_is_lost(comment in comment()) {
        for format in FORMATS {
            let lost = comment.lost_in(format);
            if lost.contains(&"deleted") || lost.contains(&"script") {
                continue;
            }
            let file = laws::written(format, std::slice::from_ref(&comment), &WriteOptions::default().fill(false));
            let different = laws::differences(&comment, &laws::read_all(&file)[0]);
            prop_assert_eq!(
                lost.iter().filter(|field| !different.contains(field)).collect::<Vec<_>>(),
                Vec::<&&str>::new(),
                "{}: {:?}", format, comment
            );
            let losses = Losses::of([&comment], format);
            prop_assert_eq!(losses.fields().count(), lost.len());
        }
    }
}

#[test]
fn files_are_read_as_they_were_written() {
    let folder = tempfile::tempdir().unwrap();
    let comments = [
        Comment::new(Vpos(-5), "一行目\n<二行目> & \"三\"")
            .mail("184 ue #00ff00")
            .user("Yg_6")
            .premium(true)
            .no(1),
        Comment::new(Vpos(141_222), "おつ").fork(Fork::Owner).no(2),
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
        assert_eq!(back[0].mail.position(), comments[0].mail.position(),);
        assert_eq!(back[1].is_owner(), format != Format::BilibiliXml);
    }
}
