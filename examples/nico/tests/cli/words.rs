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

/// One JSON value, however many lines: an array a line.
#[test]
fn words_have_places_in_json() {
    if !has_dictionary() {
        return;
    }
    let read = |input: &str| -> serde_json::Value {
        let text = succeed(nico_reading(&["--json", "words"], input.as_bytes()));
        serde_json::from_str(&text).unwrap()
    };
    let lines = read("猫だ\n\n犬");
    assert_eq!(lines.as_array().unwrap().len(), 3);
    assert_eq!(lines[0][0]["surface"], "猫");
    assert_eq!(
        (&lines[0][1]["start"], &lines[0][1]["end"]),
        (&3.into(), &6.into())
    );
    assert_eq!(lines[1], serde_json::json!([]));
    assert_eq!(lines[2][0]["part_of_speech"], "名詞,一般");
    assert_eq!(read(""), serde_json::json!([]));
}

/// MeCab's usual line of a user word: ids and all are left to the dictionary.
#[test]
fn user_words_leave_ids_to_the_dictionary() {
    if !has_dictionary() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let lexicon = folder.path().join("words.csv");
    let lexicon = lexicon.to_str().unwrap();
    let arguments = ["words", "--user-lexicon", lexicon];
    std::fs::write(lexicon, "# new\n部員紹介,,,1,名詞,一般,*,*,*,*,*\n").unwrap();
    let input = "部員紹介だ\n".as_bytes();
    assert_eq!(succeed(nico_reading(&arguments, input)), "部員紹介 だ \n");
    std::fs::write(lexicon, "部員紹介,,,1,名詞,なし\n").unwrap();
    let failed = nico_reading(&arguments, input);
    let told = String::from_utf8(failed.stderr).unwrap();
    assert_eq!(failed.status.code(), Some(1));
    assert!(
        told.contains("words.csv: line 1: no word of the dictionary is 名詞,なし"),
        "{told}"
    );
}

#[test]
fn bytes_that_are_no_text_do_not_stop_it() {
    if !has_dictionary() {
        return;
    }
    let output = nico_reading(&["words"], b"\xff\xfe\x00\n\xe7\x8c\xab\n");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        told.contains("warning: standard input is not all UTF-8"),
        "{told}"
    );
    assert!(succeed(output).ends_with("猫 \n"));
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
