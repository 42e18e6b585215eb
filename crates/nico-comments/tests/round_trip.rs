//! Laws of the writers: what is written reads back as it was, except for what `lost_in` names
//! beforehand.

mod any_comment;
mod laws;

use nico_comments::{
    Comment, Comments, Fork, Format, Losses, ReadOptions, Vpos, WriteOptions, write_file,
};
use proptest::prelude::*;

use any_comment::comment;
use laws::FORMATS;

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
