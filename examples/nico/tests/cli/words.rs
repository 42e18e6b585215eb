//! `nico words`.

use crate::program::{has_dictionary, nico_reading, succeed};

#[test]
fn lines_are_split_as_mecab_does() {
    if !has_dictionary() {
        return;
    }
    let input = "すもももももももものうち\n\nabc 草\n終わり".as_bytes();
    let text = succeed(nico_reading(&["words"], input));
    assert_eq!(
        text,
        "すもも も もも も もも の うち \n\nabc 草 \n終わり \n"
    );
}

#[test]
fn words_have_places_in_json() {
    if !has_dictionary() {
        return;
    }
    let text = succeed(nico_reading(&["--json", "words"], "猫だ\n".as_bytes()));
    let words: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(words[0]["surface"], "猫");
    assert_eq!(
        (&words[1]["start"], &words[1]["end"]),
        (&3.into(), &6.into())
    );
}

#[test]
fn bytes_that_are_no_text_do_not_stop_it() {
    if !has_dictionary() {
        return;
    }
    let text = succeed(nico_reading(&["words"], b"\xff\xfe\x00\n\xe7\x8c\xab\n"));
    assert!(text.ends_with("猫 \n"));
}
