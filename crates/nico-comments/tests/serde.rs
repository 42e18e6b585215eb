//! The form of comments in serde's formats: what is written reads back, in formats that name the
//! members and in those that do not, and what is no comment is an error.

mod any_comment;

use nico_comments::{Color, Comment, Font, Fork, Format, Kind, Mail, Position, Size, Vpos};
use proptest::prelude::*;
use serde_json::{Value, json};

use any_comment::comment;

fn read(json: &Value) -> Result<Comment, String> {
    serde_json::from_str(&json.to_string()).map_err(|error| error.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn comments_come_back(comment in comment()) {
        let named = serde_json::to_string(&comment).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Comment>(&named).unwrap(), &comment);
        let bare = postcard::to_allocvec(&comment).unwrap();
        prop_assert_eq!(&postcard::from_bytes::<Comment>(&bare).unwrap(), &comment);
    }

    /// A file that was cut or changed is an error or another comment, and no panic.
    #[test]
    fn damage_is_an_error_or_a_comment(comment in comment(), at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut bytes = postcard::to_allocvec(&comment).unwrap();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(other) = postcard::from_bytes::<Comment>(&bytes) {
            prop_assert!(other.vpos_rest_ms < 10 && other.date_usec.is_none_or(|usec| usec < 1_000_000));
        }
        prop_assert!(postcard::from_bytes::<Comment>(&bytes[..at]).is_err());
    }
}

/// The form that is documented, member by member: files of before are read by programs of later.
#[test]
fn every_field_is_a_member() {
    let mut comment = Comment::new(Vpos(-512), "一\n二")
        .mail(Mail::from_words(["184", "no command", "ue"]))
        .fork(Fork::Owner)
        .date(1_300_000_000)
        .date_usec(999_999)
        .user("a")
        .no(7);
    comment.vpos_rest_ms = 9;
    comment.extra.push(("origin".into(), "app".into()));
    let form = json!({
        "thread": null, "fork": "owner", "no": 7, "id": null, "vpos": -512, "vpos_rest_ms": 9,
        "date": 1_300_000_000, "date_usec": 999_999, "mail": ["184", "no command", "ue"],
        "body": "一\n二", "user": "a", "premium": 0, "anonymous": false, "score": null,
        "nicoru": null, "deleted": 0, "leaf": null, "layer": null, "extra": [["origin", "app"]],
    });
    assert_eq!(serde_json::to_value(&comment).unwrap(), form);
    assert_eq!(read(&form), Ok(comment));
}

#[test]
fn missing_members_are_defaults_and_unknown_ones_are_passed_over() {
    assert_eq!(read(&json!({})), Ok(Comment::default()));
    let later = json!({"body": "草", "added_later": [1, {"a": null}]});
    assert_eq!(read(&later), Ok(Comment::new(Vpos(0), "草")));
}

#[test]
fn what_has_a_name_is_written_as_it() {
    type Named = (Position, Size, Font, Color, Kind, Format);
    let named: Named = (
        Position::Ue,
        Size::Big,
        Font::Mincho,
        Color::rgb(255, 0, 0),
        Kind::CommentArt,
        Format::V1Json,
    );
    let form = json!(["ue", "big", "mincho", "#FF0000", "art", "v1-json"]);
    assert_eq!(serde_json::to_value(named).unwrap(), form);
    assert_eq!(serde_json::from_value::<Named>(form).unwrap(), named);
    let bare = postcard::to_allocvec(&named).unwrap();
    assert_eq!(postcard::from_bytes::<Named>(&bare).unwrap(), named);
    let error = serde_json::from_value::<Position>(json!("top")).unwrap_err();
    assert!(
        error.to_string().contains("expected naka, ue or shita"),
        "{error}"
    );
    assert!(serde_json::from_value::<Color>(json!("ue")).is_err());
}

/// What no reader of this crate gives is not taken either.
#[test]
fn values_out_of_range_are_refused() {
    for (form, expected) in [
        (json!({"vpos_rest_ms": 10}), "0 to 9 milliseconds"),
        (json!({"date_usec": 1_000_000}), "0 to 999999 microseconds"),
        (json!({"vpos": "soon"}), "i64"),
        (json!({"vpos": 1e300}), "i64"),
        (json!({"premium": 256}), "u8"),
        (json!({"mail": "184 ue"}), "a list of mail commands"),
        (json!({"mail": [184]}), "a string"),
        (json!({"fork": 1}), "a string"),
        (json!({"extra": [["a"]]}), "a tuple of size 2"),
        (json!("草"), "struct Comment"),
    ] {
        let error = read(&form).unwrap_err();
        assert!(error.contains(expected), "{form}: {error}");
    }
    let twice = serde_json::from_str::<Comment>(r#"{"vpos": 1, "vpos": 2}"#);
    assert!(twice.unwrap_err().to_string().contains("duplicate field"));
    let deep = format!("{{\"added_later\": {}", "[".repeat(100_000));
    assert!(serde_json::from_str::<Comment>(&deep).is_err());
}

/// Words are cleaned as they are in files; a length that a file only claims costs no memory.
#[test]
fn commands_are_cleaned_and_their_number_is_not_believed() {
    let mail: Mail = serde_json::from_value(json!(["", "ue\u{1F}", "\u{1F}"])).unwrap();
    assert_eq!(mail.words().collect::<Vec<_>>(), ["ue"]);
    let claims = [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]; // 2^40 words follow
    assert!(postcard::from_bytes::<Mail>(&claims).is_err());
}
