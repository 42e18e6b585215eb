//! Laws that hold for any text, any dictionary and any vocabulary.

use std::num::NonZero;
use std::sync::LazyLock;

use crate::common;
use jp_tokenize::{
    Dictionary, Normalizer, PartOfSpeech, PieceOptions, Pieces, Tokenizer, UNK, Vocabulary,
    VocabularyBuilder,
};
use proptest::prelude::*;
use proptest::string::string_regex;

/// Texts of what comments are made of, NULs and spaces included, and of anything else.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        string_regex("[ここすき草wW8ー百♪\u{3000} \t\n\r\0😀𠮷\u{FFFF}]{0,60}").unwrap(),
        any::<String>(),
        (string_regex("[wあ ア\n。草]").unwrap(), 0_usize..3_000).prop_map(|(c, n)| c.repeat(n)),
    ]
}

/// Texts with much to normalize: runs, half-width and combining marks, ligatures, Hangul, wavy
/// lines.
fn text_to_normalize() -> impl Strategy<Value = String> {
    let pieces = "[wｗWＷ8８草笑あアｱｶﾞ\u{3099}ーｰ〜～~ぁっ㌔ﬁA\u{331}H\u{301}\u{323}ᄀ\u{1161}\u{11A8}가ẛ̣ \u{3000}.]{0,30}";
    let runs = prop::collection::vec(("[wｗＷ8草笑あｱー〜～~ﾞ\u{3099}H\u{331}]", 1_usize..6), 0..8)
        .prop_map(|runs| runs.iter().map(|(c, times)| c.repeat(*times)).collect());
    prop_oneof![text(), string_regex(pieces).unwrap(), runs]
}

fn normalizer() -> impl Strategy<Value = Normalizer> {
    let max = || (0_usize..5).prop_map(NonZero::new);
    (any::<bool>(), any::<bool>(), max(), max(), max()).prop_map(
        |(nfkc, lowercase, laughter, prolonged, kana)| {
            Normalizer::default()
                .nfkc(nfkc)
                .lowercase(lowercase)
                .max_laughter(laughter)
                .max_prolonged(prolonged)
                .max_kana(kana)
        },
    )
}

/// A tokenizer that knows words from elsewhere, made once.
fn with_words_added() -> &'static Tokenizer {
    static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| {
        let csv = "すきw,0,0,-900,名詞,一般\nw草,0,0,-900,名詞,一般\n";
        Tokenizer::new(common::small().with_user_lexicon(csv).unwrap()).unwrap()
    });
    &TOKENIZER
}

/// Words in order at their places, and nothing but spaces between them.
fn check_tokens(tokenizer: &Tokenizer, text: &str) -> Result<(), TestCaseError> {
    let mut end = 0;
    let is_space = |c| " \t\n\u{B}\u{D0}".contains(c);
    for token in tokenizer.worker().tokenize(text) {
        prop_assert_eq!(&text[token.range.clone()], token.surface);
        prop_assert!(!token.surface.is_empty());
        prop_assert!(text[end..token.range.start].chars().all(is_space));
        prop_assert!(!token.features.is_empty());
        end = token.range.end;
    }
    prop_assert!(text[end..].chars().all(is_space));
    Ok(())
}

/// Texts whose characters are hard to cut: emoji of several, lone combining marks, control
/// characters, and names of special words.
fn text_to_cut() -> impl Strategy<Value = String> {
    let parts = prop::collection::vec(
        prop::sample::select(vec![
            "👨\u{200D}👩\u{200D}👧",
            "🏳\u{FE0F}\u{200D}🌈",
            "🇯🇵",
            "\u{3099}",
            "\u{301}",
            "\u{7F}",
            "\u{85}",
            "\u{1B}[0m",
            "\u{202E}",
            "\u{FFFD}",
            "<eos>",
            "<0x00>",
            "か",
            "\u{0}",
            "www",
            "草",
        ]),
        0..12,
    );
    prop_oneof![text(), parts.prop_map(|parts| parts.concat())]
}

/// Pieces of few texts, so that much is in no piece.
fn pieces(texts: &[String], size: usize, max_piece_chars: usize, normalizer: Normalizer) -> Pieces {
    let options = PieceOptions::default()
        .size(260 + size)
        .max_piece_chars(max_piece_chars)
        .min_count(1)
        .normalizer(normalizer);
    Pieces::learn(texts, &options).unwrap()
}

proptest! {
    #[test]
    fn pieces_give_the_text_back(
        texts in prop::collection::vec(text_to_cut(), 0..6),
        other in text_to_cut(),
        size in 0_usize..60,
        max_chars in 1_usize..8,
        normalizer in normalizer(),
    ) {
        let pieces = pieces(&texts, size, max_chars, normalizer.clone());
        prop_assert!(pieces.len() <= 260 + size);
        for text in texts.iter().chain([&other]) {
            let normalized = normalizer.normalize(text);
            let ids = pieces.encode(text);
            prop_assert!(ids.iter().all(|&id| id > UNK && (id as usize) < pieces.len()));
            prop_assert_eq!(pieces.decode(&ids), &*normalized);
            // Each piece lies behind the one before, and all together are the text.
            let tokens = pieces.tokens(text);
            prop_assert!(tokens.iter().map(|token| token.id).eq(ids));
            let mut end = 0;
            for token in &tokens {
                prop_assert_eq!(token.range.start, end);
                end = token.range.end;
                prop_assert!(text.get(token.range.clone()).is_some());
                if normalizer == Normalizer::default() && let Some(piece) = pieces.piece(token.id) {
                    prop_assert_eq!(piece, &text[token.range.clone()]);
                }
            }
            prop_assert_eq!(end, if normalized.is_empty() { 0 } else { text.len() });
        }
        let vocabulary = pieces.to_vocabulary(&VocabularyBuilder::new());
        prop_assert_eq!(vocabulary.len(), pieces.len());
        let ids = pieces.encode(&other);
        let names: Vec<_> = ids.iter().map(|&id| pieces.name(id).unwrap()).collect();
        prop_assert_eq!(&vocabulary.encode(names.iter().map(|name| &**name)), &ids);
        prop_assert_eq!(vocabulary.decode(&ids), pieces.decode(&ids));
        let mut file = Vec::new();
        pieces.write(&mut file).unwrap();
        prop_assert_eq!(Pieces::read(file.as_slice()).unwrap(), pieces);
    }

    /// No two neighbours of a split text are a piece together.
    #[test]
    fn nothing_is_left_to_merge(texts in prop::collection::vec(text_to_cut(), 0..6)) {
        let pieces = pieces(&texts, 60, 8, Normalizer::default());
        for text in &texts {
            for pair in pieces.tokens(text).windows(2) {
                let both = &text[pair[0].range.start..pair[1].range.end];
                let are_texts = pair.iter().all(|token| pieces.piece(token.id).is_some());
                prop_assert!(!are_texts || pieces.id(both).is_none(), "{}", both);
            }
        }
    }

    #[test]
    fn any_ids_decode(ids in prop::collection::vec(prop_oneof![0_u32..300, any::<u32>()], 0..40)) {
        let texts = ["ここすき".to_owned(), "ここすき草".to_owned()];
        let text = pieces(&texts, 40, 8, Normalizer::default()).decode(&ids);
        prop_assert!(text.len() <= ids.len() * 24);
    }

    #[test]
    fn words_lie_in_order_and_only_spaces_are_lost(text in text()) {
        check_tokens(common::small_tokenizer(), &text)?;
    }

    #[test]
    fn counting_is_adding_every_token(texts in prop::collection::vec(text(), 0..6)) {
        let tokenizer = with_words_added();
        let (mut worker, mut counter) = (tokenizer.worker(), tokenizer.counter());
        let mut builder = VocabularyBuilder::new();
        for text in &texts {
            worker.tokenize(text).for_each(|token| builder.add(token.surface, token.part_of_speech()));
            counter.add(text);
            prop_assert_eq!(tokenizer.words(text).len(), worker.tokenize(text).count());
        }
        let expected = builder.build(None, 1);
        prop_assert_eq!(&counter.into_builder().build(None, 1), &expected);
        let mapped = tokenizer.map_texts(&texts, |worker, text| worker.tokenize(text).count());
        prop_assert_eq!(mapped.iter().sum::<usize>() as u64, builder.total());
        let (words, counts) = tokenizer.map_and_count(&texts, |counter, text| {
            counter.tokenize(text).map(|token| token.surface).collect::<Vec<_>>()
        });
        prop_assert_eq!(counts.build(None, 1), expected);
        prop_assert!(texts.iter().zip(&words).all(|(text, words)| *words == tokenizer.words(text)));
    }

    #[test]
    fn normalizing_twice_is_normalizing_once(text in text_to_normalize(), normalizer in normalizer()) {
        let once = normalizer.normalize(&text);
        prop_assert_eq!(normalizer.normalize(&once), once.as_ref());
        let aligned = normalizer.align(&text);
        prop_assert_eq!(aligned.text(), once.as_ref());
    }

    #[test]
    fn parts_of_normalized_text_lead_back_in_order(text in text_to_normalize(), normalizer in normalizer()) {
        let normalized = normalizer.align(&text);
        let len = normalized.text().len();
        prop_assert_eq!(normalized.original_range(0..len), 0..text.len());
        let starts = normalized.text().char_indices().map(|(at, _)| at);
        let mut end = 0;
        for (start, next) in starts.clone().zip(starts.skip(1).chain([len])) {
            let range = normalized.original_range(start..next);
            prop_assert_eq!(range.start, end); // they touch
            prop_assert!(text.get(range.clone()).is_some(), "not between characters: {:?}", range);
            end = range.end;
        }
        prop_assert_eq!(end, text.len());
    }

    #[test]
    fn words_of_normalized_text_lead_back_in_order(text in text_to_normalize(), normalizer in normalizer()) {
        let tokenizer = common::small_tokenizer();
        let normalized = normalizer.align(&text);
        let mut end = 0;
        for (token, range) in tokenizer.worker().tokenize_normalized(&normalized) {
            prop_assert_eq!(&normalized.text()[token.range.clone()], token.surface);
            prop_assert!(range.start >= end && range.start <= range.end && text.get(range.clone()).is_some());
            end = range.end;
        }
    }

    #[test]
    fn sources_of_any_kind_do_not_panic(
        csv in string_regex("([草a\"]{0,2},-?[0-9]{0,5},[01\"],[0-9]{1,6}(,[a草\"]{0,3}){0,3}\r?\n){0,4}[a,0\"\0]{0,8}").unwrap(),
        matrix in string_regex("[0-3]{1,2} [0-3]{1,2}(\n[0-3] [0-3] -?[0-9]{1,6}){0,6}[ \n0a]{0,3}").unwrap(),
        char in string_regex("(DEFAULT 0 1 0\n)?([A-C] [01] [012] [0-9]{1,2}\n){0,3}(0x[0-9A-G]{1,5}(\\.\\.0x[0-9A-F]{1,5})?( [A-C#]){0,2}\n){0,3}").unwrap(),
        unk in string_regex("(DEFAULT,[01],[01],-?[0-9]{1,6}(,[a草\"]{0,3}){0,2}\n)?([A-C],0,0,[0-9]{1,5},x\n){0,3}[,A0\"]{0,6}").unwrap(),
        text in text(),
    ) {
        for (csv, matrix, char, unk) in [
            (csv.as_str(), common::MATRIX, common::CHAR, common::UNK),
            (common::WORDS, matrix.as_str(), common::CHAR, common::UNK),
            (common::WORDS, common::MATRIX, char.as_str(), common::UNK),
            (common::WORDS, common::MATRIX, common::CHAR, unk.as_str()),
            (csv.as_str(), matrix.as_str(), char.as_str(), unk.as_str()),
        ] {
            if let Ok(tokenizer) = Dictionary::from_sources(csv, matrix, char, unk).and_then(Tokenizer::new) {
                prop_assert!(tokenizer.worker().tokenize(&text).all(|token| !token.surface.is_empty()));
            }
        }
    }

    #[test]
    fn a_vocabulary_survives_its_file(words in prop::collection::vec((text(), 0_u64..9), 0..20), max: Option<u8>) {
        let mut builder = VocabularyBuilder::new();
        for (word, times) in &words {
            builder.add_times(word, PartOfSpeech::parse(word), *times);
        }
        let vocabulary = builder.build(max.map(usize::from), 1);
        let mut file = Vec::new();
        vocabulary.write(&mut file).unwrap();
        prop_assert_eq!(Vocabulary::read(file.as_slice()).unwrap(), vocabulary);
    }

    #[test]
    fn files_of_any_kind_do_not_panic(file: Vec<u8>, line in string_regex("[a\\\\tn\t0-9*\r\n]{0,30}").unwrap()) {
        let _ = Vocabulary::read(file.as_slice());
        let start = "<pad>\t0\t*\n<bos>\t0\t*\n<eos>\t0\t*\n<unk>\t0\t*\n";
        if let Ok(vocabulary) = Vocabulary::read(format!("{start}{line}").as_bytes()) {
            let _ = (vocabulary.known_share(), vocabulary.decode(&[3, 4, 5, 6, 7]));
        }
    }

    #[test]
    fn known_words_come_back(words in prop::collection::vec("[ぁ-ん一-龥]{1,4}", 1..20)) {
        let mut builder = VocabularyBuilder::new();
        for word in &words {
            builder.add(word, PartOfSpeech::UNKNOWN);
        }
        let vocabulary = builder.build(None, 1);
        let ids = vocabulary.encode(words.iter().map(String::as_str));
        prop_assert!(!ids.contains(&UNK));
        prop_assert_eq!(vocabulary.decode(&ids), words.concat());
    }
}

/// What pools of threads hand around: a tokenizer is shared, workers and counters change threads.
#[test]
fn tokenizers_and_workers_go_to_other_threads() {
    fn is_shared<T: Send + Sync>() {}
    fn is_sent<T: Send>() {}
    is_shared::<Tokenizer>();
    is_shared::<Vocabulary>();
    is_shared::<Pieces>();
    is_sent::<Dictionary>();
    is_sent::<jp_tokenize::Worker<'static>>();
    is_sent::<jp_tokenize::WordCounter<'static>>();
    is_sent::<VocabularyBuilder>();
}

#[test]
fn all_cores_keep_the_order() {
    let tokenizer = Tokenizer::new(common::small()).unwrap();
    let texts: Vec<String> = (0..3_000).map(|n| "草".repeat(n % 7)).collect();
    let lengths = tokenizer.map_texts(&texts, |worker, text| worker.tokenize(text).count());
    assert!(
        lengths
            .iter()
            .enumerate()
            .all(|(n, &length)| length == n % 7)
    );
    let builder = tokenizer.count_words(&texts);
    assert_eq!(builder.total(), lengths.iter().sum::<usize>() as u64);
    assert_eq!(builder.num_words(), 1);
}

/// What is given out may borrow from the texts and from the dictionary.
#[test]
fn all_cores_give_out_tokens() {
    let tokenizer = Tokenizer::new(common::small()).unwrap();
    let texts: Vec<String> = (0..2_000).map(|n| "草".repeat(n % 3)).collect();
    let tokens = tokenizer.map_texts(&texts, |worker, text| {
        worker.tokenize(text).collect::<Vec<_>>()
    });
    let parts = tokenizer.map_texts(&texts, |worker, text| {
        let mut tokens = worker.tokenize(text);
        tokens.next().map(|token| token.part_of_speech())
    });
    for ((text, tokens), part) in texts.iter().zip(&tokens).zip(&parts) {
        assert_eq!(tokens.len(), text.chars().count());
        assert_eq!(part.is_some_and(|part| part.is_noun()), !text.is_empty());
    }
}

#[test]
fn a_user_lexicon_may_end_in_a_comma() {
    let dictionary = common::small().with_user_lexicon("草原,0,0,-5,").unwrap();
    let tokenizer = Tokenizer::new(dictionary).unwrap();
    assert_eq!(tokenizer.words("草原草"), ["草原", "草"]);
}

#[test]
fn a_nul_is_no_part_of_a_word() {
    let tokenizer = Tokenizer::new(common::small()).unwrap();
    assert_eq!(
        tokenizer.words("草\0すき\0\0"),
        ["草", "\0", "すき", "\0\0"]
    );
}

#[test]
fn very_long_texts_are_split_too() {
    // A path of the highest costs there are.
    let costly = Dictionary::from_sources(
        "草,0,0,32767,名詞\n木,0,0,-32768,名詞\n",
        "1 1\n0 0 32767\n",
        common::CHAR,
        "DEFAULT,0,0,32767,記号\nSPACE,0,0,0,記号\nALPHA,0,0,32767,名詞\nHIRAGANA,0,0,32767,名詞\n",
    );
    for dictionary in [costly.unwrap(), common::small()] {
        let tokenizer = Tokenizer::new(dictionary).unwrap();
        for text in ["草", "木", "w", "ぁ", " ", "ここすき。\n", "w w ", "😀"] {
            check_tokens(&tokenizer, &text.repeat(100_000 / text.len())).unwrap();
        }
    }
}

#[test]
fn odd_texts_with_ipadic() {
    let Some(tokenizer) = common::ipadic() else {
        return;
    };
    let mut runner = proptest::test_runner::TestRunner::default();
    runner
        .run(&text(), |text| check_tokens(&tokenizer, &text))
        .unwrap();
}
