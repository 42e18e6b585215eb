//! What is learnt from texts in which the words are known.

use jp_tokenize::{Dictionary, Lexicon, SlangLearner, SlangOptions, Tokenizer};
use proptest::prelude::*;

use crate::common;

/// A dictionary that splits everything into characters.
fn dictionary() -> Dictionary {
    let char = "DEFAULT 0 0 1\nSPACE 0 1 0\n0x0020 SPACE\n";
    let unk = "DEFAULT,0,0,500,名詞,一般\nSPACE,0,0,500,記号,空白\n";
    Dictionary::from_sources("草,0,0,100,名詞,一般\n", common::MATRIX, char, unk).unwrap()
}

/// Words that it splits.
const PLANTED: [&str; 4] = ["うぽつ", "わこつん", "弾幕", "神回だ"];

/// What stands around them.
const FILLER: &str =
    "天地玄黄宇宙洪荒日月盈昃辰宿列張寒来暑往秋収冬蔵閏余成歳律呂調陽雲騰致雨露結為霜";

/// Draws numbers, the same each time.
fn random(mut state: u64) -> impl FnMut(usize) -> usize {
    move |limit| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % limit
    }
}

/// Texts of filler with a planted word in each.
fn corpus(seed: u64, times: usize) -> Vec<String> {
    let mut random = random(seed);
    let filler: Vec<char> = FILLER.chars().collect();
    let mut texts = Vec::new();
    for word in PLANTED {
        for _ in 0..times {
            let mut draw = || {
                (0..1 + random(4))
                    .map(|_| filler[random(filler.len())])
                    .collect::<String>()
            };
            texts.push(format!("{}{word}{}", draw(), draw()));
        }
    }
    texts
}

fn learn<'a>(texts: impl IntoIterator<Item = &'a String>, options: SlangOptions) -> Lexicon {
    let tokenizer = Tokenizer::new(dictionary()).unwrap();
    let mut learner = SlangLearner::new(&tokenizer, options).unwrap();
    texts.into_iter().for_each(|text| learner.add(text));
    learner.learn()
}

fn words(lexicon: &Lexicon) -> Vec<&str> {
    lexicon
        .entries()
        .iter()
        .map(|entry| entry.surface.as_str())
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn planted_words_are_found_and_come_out(seed: u64) {
        let texts = corpus(seed, 30);
        let lexicon = learn(&texts, SlangOptions::default().min_held_out_gain(None));
        let mut found = words(&lexicon);
        found.sort_unstable();
        let mut planted = PLANTED;
        planted.sort_unstable();
        prop_assert_eq!(found, planted);

        let dictionary = dictionary().with_user_lexicon(&lexicon.to_csv()).unwrap();
        let tokenizer = Tokenizer::new(dictionary).unwrap();
        let mut worker = tokenizer.worker();
        for text in &texts {
            prop_assert!(worker.tokenize(text).any(|token| PLANTED.contains(&token.surface)), "{}", text);
        }
    }

    #[test]
    fn nothing_is_found_in_shuffled_text(seed: u64) {
        let mut random = random(seed);
        let mut chars: Vec<char> = corpus(seed, 30).concat().chars().collect();
        for at in (1..chars.len()).rev() {
            chars.swap(at, random(at + 1));
        }
        let texts: Vec<String> = chars.chunks(8).map(|chars| chars.iter().collect()).collect();
        let lexicon = learn(&texts, SlangOptions::default());
        prop_assert_eq!(words(&lexicon), Vec::<&str>::new());
    }

    #[test]
    fn the_order_of_texts_does_not_matter(seed: u64) {
        let texts = corpus(seed, 12);
        let options = SlangOptions::default().min_held_out_gain(None);
        prop_assert_eq!(learn(&texts, options.clone()), learn(texts.iter().rev(), options));
    }

    #[test]
    fn any_texts_do(
        texts in prop::collection::vec(prop_oneof!["[草wう8ー \u{0}\u{200B}(),\"。]{0,20}", any::<String>()], 0..40),
        max_chars in 2_usize..=32,
    ) {
        let options = SlangOptions::default()
            .min_count(0)
            .min_branching_entropy(0.0)
            .min_bits_saved(0.0)
            .max_chars(max_chars)
            .min_held_out_gain(None);
        let lexicon = learn(&texts, options);
        prop_assert!(lexicon.entries().iter().all(|entry| entry.gain.is_finite() && entry.gain > 0.0));
        let again = Lexicon::from_csv(&lexicon.to_csv()).unwrap();
        prop_assert_eq!(words(&again), words(&lexicon));
        prop_assert!(dictionary().with_user_lexicon(&lexicon.to_csv()).and_then(Tokenizer::new).is_ok());
    }
}

#[test]
fn runs_spaces_and_laughter_are_no_words() {
    let mut random = random(3);
    let mut texts = corpus(1, 20);
    for text in &mut texts {
        *text += &[
            "ｗ".repeat(1 + random(9)),
            "8".repeat(1 + random(9)),
            "w".repeat(2),
        ]
        .concat();
        *text += &["　", " ", "ーーー"][random(3)].repeat(2);
    }
    let lexicon = learn(&texts, SlangOptions::default().min_held_out_gain(None));
    assert!(
        words(&lexicon)
            .iter()
            .all(|word| !word.contains(['w', 'ｗ', '8', 'ー', ' ', '　']))
    );
    assert!(words(&lexicon).contains(&"うぽつ"));
}

#[test]
fn long_texts_of_one_character_or_of_controls_are_bounded() {
    let tokenizer = Tokenizer::new(dictionary()).unwrap();
    let options = SlangOptions::default().max_corpus_chars(25_000);
    let mut learner = SlangLearner::new(&tokenizer, options).unwrap();
    let varied: String = (0..75_000_u32)
        .filter_map(|n| char::from_u32(0x4E00 + n * 7_919 % 20_000))
        .collect();
    for text in [
        "あ".repeat(1 << 18),
        "ab".repeat(1 << 17),
        "\u{1}\u{2}".repeat(1 << 17),
        varied,
    ] {
        learner.add(&text);
    }
    assert!(learner.num_skipped() > 0);
    assert!(
        words(&learner.learn())
            .iter()
            .all(|word| !word.contains('\u{1}'))
    );
}

#[test]
fn options_out_of_range_are_refused() {
    let tokenizer = Tokenizer::new(dictionary()).unwrap();
    for max_chars in [0, 1, 33] {
        let options = SlangOptions::default().max_chars(max_chars);
        let error = SlangLearner::new(&tokenizer, options).unwrap_err();
        let expected = format!("max_chars is {max_chars}, expected 2 to 32");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn nothing_is_learnt_from_nothing() {
    let lexicon = learn(&[], SlangOptions::default());
    assert_eq!(lexicon, Lexicon::default());
    let dictionary = dictionary().with_user_lexicon(&lexicon.to_csv()).unwrap();
    assert!(Tokenizer::new(dictionary).is_ok());
}
