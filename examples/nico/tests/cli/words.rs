//! `nico words`.

use crate::program::{has_dictionary, nico, nico_reading, succeed};

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

#[test]
fn slang_that_was_learnt_comes_out_whole() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (comments, lexicon) = (folder.path().join("c.xml"), folder.path().join("slang.csv"));
    let starts = [
        "今日も",
        "主",
        "やっぱり",
        "これは",
        "最初の",
        "みんな",
        "毎回",
        "朝から",
    ];
    let ends = [
        "です",
        "ありがとう",
        "と聞いて",
        "だな",
        "が好き",
        "しに来た",
        "って何",
        "かな",
    ];
    let bodies = starts.iter().flat_map(|start| {
        ends.map(|end| format!("<chat user_id=\"a\" vpos=\"1\">{start}うぽつ{end}</chat>"))
    });
    std::fs::write(&comments, bodies.collect::<String>()).unwrap();
    let (comments, lexicon) = (comments.to_str().unwrap(), lexicon.to_str().unwrap());
    let learnt = succeed(nico(["slang", comments, "--generous", "--out", lexicon]));
    assert!(learnt.contains("うぽつ  う ぽ つ"), "{learnt}");
    let input = "うぽつ！\n".as_bytes();
    assert_eq!(succeed(nico_reading(&["words"], input)), "う ぽ つ ！ \n");
    let arguments = ["words", "--user-lexicon", lexicon];
    assert_eq!(succeed(nico_reading(&arguments, input)), "うぽつ ！ \n");
}
