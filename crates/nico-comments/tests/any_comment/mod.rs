//! Comments as properties are tested with: of any shape that the types allow, those that break
//! formats more often than chance would have them.

use nico_comments::{Comment, Fork, Mail, Vpos};
use proptest::prelude::*;

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
    pub(crate) fn comment()(
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
