//! The identity of tokenizers: the same for the same words, wherever they come from.

use std::fs;

use crate::common;
use jp_tokenize::{Dictionary, DictionaryOptions, Tokenizer, TokenizerIdentity};

const LEXICON: &str = "すき草,0,0,-100,名詞,一般\n草木,0,0,-100,名詞,一般\n";

fn identity(dictionary: Dictionary) -> TokenizerIdentity {
    Tokenizer::new(dictionary).unwrap().identity().clone()
}

#[test]
fn it_depends_on_contents_and_on_no_path() {
    let here = tempfile::tempdir().unwrap();
    let in_folder = |name: &str, words: &str| {
        let folder = here.path().join(name);
        fs::create_dir(&folder).unwrap();
        for (file, text) in [
            ("words.csv", words),
            ("matrix.def", common::MATRIX),
            ("char.def", common::CHAR),
            ("unk.def", common::UNK),
        ] {
            fs::write(folder.join(file), text).unwrap();
        }
        DictionaryOptions::default()
            .folder(folder)
            .cache(here.path().join("cache"))
    };
    let options = in_folder("one", common::WORDS);
    let compiled = identity(options.open().unwrap());
    assert_eq!(compiled.dictionary.name, "one");
    for same in [
        options.open().unwrap(), // from the cache
        in_folder("two", common::WORDS).open().unwrap(),
        common::small(),
    ] {
        let same = identity(same);
        assert!(compiled.difference(&same).is_none());
        assert_eq!(compiled.sha256(), same.sha256());
    }
    let cheaper = common::WORDS.replacen("100", "99", 1);
    let other = identity(in_folder("three", &cheaper).open().unwrap());
    let difference = other.difference(&compiled).unwrap().to_string();
    assert!(
        difference.starts_with("the dictionary three (SHA-256 "),
        "{difference}"
    );
    assert!(
        difference.contains(", expected one (SHA-256 "),
        "{difference}"
    );
}

/// What a model folder keeps is enough to split as the model learnt.
#[test]
fn a_tokenizer_is_made_again_from_its_record() {
    let one_by_one = LEXICON.lines().fold(common::small(), |dictionary, line| {
        dictionary.with_user_lexicon(line).unwrap()
    });
    let learnt = Tokenizer::new(one_by_one).unwrap();
    let record = serde_json::to_string(learnt.identity()).unwrap();

    let recorded: TokenizerIdentity = serde_json::from_str(&record).unwrap();
    assert_eq!(recorded.user_lexicon.to_csv(), LEXICON);
    let lexicon = recorded.user_lexicon.to_csv();
    let again = Tokenizer::new(common::small().with_user_lexicon(&lexicon).unwrap()).unwrap();
    assert_eq!(again.identity(), &recorded);
    assert_eq!(again.words("ここすき草木"), learnt.words("ここすき草木"));
    assert_eq!(identity(common::small()).user_lexicon.entries().len(), 0);
}

#[test]
fn a_prebuilt_dictionary_is_known_by_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, words: &str| {
        let dictionary = vibrato::SystemDictionaryBuilder::from_readers(
            words.as_bytes(),
            common::MATRIX.as_bytes(),
            common::CHAR.as_bytes(),
            common::UNK.as_bytes(),
        );
        let path = folder.path().join(name);
        let file = fs::File::create(&path).unwrap();
        dictionary.unwrap().write(file).unwrap();
        identity(Dictionary::prebuilt(&path, None).unwrap())
    };
    let one = write("a.dic", common::WORDS);
    assert_eq!(one, write("b.dic", common::WORDS));
    assert_ne!(one, write("c.dic", "草,0,0,100,名詞\n"));
    assert_eq!(one.dictionary.name, "a.dic");
}
