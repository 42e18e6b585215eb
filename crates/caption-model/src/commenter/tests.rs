use burn::tensor::Device;
use frame_features::{EncoderId, Layer};
use jp_tokenize::{PieceOptions, Pieces};
use proptest::prelude::*;

use super::{
    BackgroundNgrams, CommentStyle, CommentWriter, Commenter, CommenterConfig, CommenterFolder,
    EventKind, Inputs, MatchMoment, Stream, StreamEvent, WritingOptions, ngram_weights,
};

const TEXTS: [&str; 6] = ["草", "かわいい", "おはよう", "88888", "きたあああ", "ねこ"];

/// A folder of a commenter that has learnt nothing.
fn folder() -> (tempfile::TempDir, CommenterFolder) {
    let dir = tempfile::tempdir().unwrap();
    let pieces = Pieces::learn(TEXTS, &PieceOptions::default().size(280)).unwrap();
    let mut config = CommenterConfig::tiny(&pieces);
    config.matcher = config.matcher.with_num_rows(512).with_d_model(8);
    config.network = config
        .network
        .with_d_model(16)
        .with_num_layers(2)
        .with_num_heads(2);
    let encoder = EncoderId::new("numbers", "0".repeat(64), Layer::Output, 32);
    let config = config.pictures(encoder, 2);
    let folder = CommenterFolder::new(dir.path());
    folder.create(&config, &pieces).unwrap();
    let device = Device::flex();
    device.seed(7);
    let hasher = crate::NgramHasher::new(512);
    let ngrams: Vec<Vec<u32>> = TEXTS.iter().map(|text| hasher.rows(text)).collect();
    let weights = ngram_weights(512, ngrams.iter().map(Vec::as_slice));
    folder
        .save_matcher(&config.matcher.init(&weights, &device))
        .unwrap();
    folder.save_network(&config.network.init(&device)).unwrap();
    folder
        .save_background(&BackgroundNgrams::default())
        .unwrap();
    (dir, folder)
}

fn commenter() -> Commenter {
    let (_dir, folder) = folder();
    Commenter::from_dir(folder.path(), &Device::flex()).unwrap()
}

/// An event by its second, its text and its author; without one it is a line, or of texts past the
/// end a picture.
fn event(commenter: &Commenter, (second, text, author): (i64, usize, Option<u32>)) -> StreamEvent {
    if text >= TEXTS.len() && author.is_none() {
        return StreamEvent::picture(second * 1_000, [1.0, text as f32 - 8.0]);
    }
    let kind = match author {
        Some(_) => EventKind::Comment(CommentStyle::default()),
        None => EventKind::Line,
    };
    commenter.event(second * 1_000, kind, author, TEXTS[text % TEXTS.len()])
}

fn moment(second: i64) -> MatchMoment<'static> {
    MatchMoment {
        millis: second * 1_000,
        excluded: &[],
        inputs: Inputs::default(),
    }
}

fn scores(commenter: &Commenter, stream: &Stream, moment: &MatchMoment<'_>) -> [Vec<f64>; 2] {
    [
        commenter.match_scores(stream, moment, &TEXTS).unwrap(),
        commenter.log_likelihoods(stream, moment, &TEXTS).unwrap(),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    /// Whatever comes at a moment or later may change: no score of the moment does.
    #[test]
    fn the_future_changes_nothing(
        before in prop::collection::vec((0i64..50, 0usize..9, prop::option::of(0u32..4)), 0..20),
        after in prop::collection::vec((51i64..90, 0usize..9, prop::option::of(0u32..4)), 0..20),
    ) {
        let commenter = commenter();
        let stream = |events: &[(i64, usize, Option<u32>)]| {
            Stream::new(events.iter().map(|one| event(&commenter, *one)))
        };
        let all = [&before[..], &after[..]].concat();
        let of_past = scores(&commenter, &stream(&before), &moment(50));
        prop_assert_eq!(of_past, scores(&commenter, &stream(&all), &moment(50)));
    }
}

/// What is read changes the scores; inputs that may not be read, and comments of those who are
/// excluded, do not.
#[test]
fn only_what_may_be_read_counts() {
    let commenter = commenter();
    let both = Stream::new([(8, 2, None), (9, 5, Some(1))].map(|one| event(&commenter, one)));
    let line = Stream::new([event(&commenter, (8, 2, None))]);
    let comment = Stream::new([event(&commenter, (9, 5, Some(1)))]);
    let scores = |stream: &Stream, excluded: &[u32], comments: bool, lines: bool| {
        let inputs = Inputs {
            comments,
            lines,
            own: true,
            pictures: true,
        };
        let moment = MatchMoment {
            excluded,
            inputs,
            ..moment(10)
        };
        self::scores(&commenter, stream, &moment)
    };
    assert_ne!(
        scores(&both, &[], true, true),
        scores(&line, &[], true, true)
    );
    assert_eq!(
        scores(&both, &[], false, true),
        scores(&line, &[], true, true)
    );
    assert_eq!(
        scores(&both, &[], true, false),
        scores(&comment, &[], true, true)
    );
    assert_eq!(
        scores(&both, &[1], true, true),
        scores(&line, &[], true, true)
    );
}

/// A picture changes what is likely, as long as it may be read.
#[test]
fn pictures_count_where_they_may_be_read() {
    let commenter = commenter();
    let likely = |picture: usize, pictures: bool| {
        let events = [(8, picture, None), (9, 5, Some(1))];
        let stream = Stream::new(events.map(|one| event(&commenter, one)));
        let moment = MatchMoment {
            inputs: Inputs {
                pictures,
                ..Inputs::default()
            },
            ..moment(10)
        };
        commenter.log_likelihoods(&stream, &moment, &TEXTS).unwrap()
    };
    assert_ne!(likely(6, true), likely(8, true));
    assert_eq!(likely(6, false), likely(8, false));
}

/// Of no candidates there are no scores, and a stream of nothing can be read.
#[test]
fn nothing_is_scored_as_nothing() {
    let commenter = commenter();
    let nothing = Stream::default();
    let none = commenter.match_scores(&nothing, &moment(5), &[]).unwrap();
    assert!(none.is_empty());
    let none = commenter
        .log_likelihoods(&nothing, &moment(5), &[])
        .unwrap();
    assert!(none.is_empty());
    let [matched, likely] = scores(&commenter, &nothing, &moment(5));
    assert!(matched.iter().chain(&likely).all(|score| score.is_finite()));
}

/// Candidates are scored alone or beside others to the same numbers.
#[test]
fn candidates_do_not_see_each_other() {
    let commenter = commenter();
    let events = [(1, 0, Some(1)), (2, 3, None), (3, 1, Some(2))];
    let stream = Stream::new(events.map(|one| event(&commenter, one)));
    let [matched, likely] = scores(&commenter, &stream, &moment(5));
    for (number, text) in TEXTS.iter().enumerate() {
        let alone = commenter
            .match_scores(&stream, &moment(5), &[*text])
            .unwrap();
        assert!(
            (alone[0] - matched[number]).abs() < 1e-4,
            "{alone:?} {}",
            matched[number]
        );
        let alone = commenter
            .log_likelihoods(&stream, &moment(5), &[*text])
            .unwrap();
        assert!(
            (alone[0] - likely[number]).abs() < 1e-3,
            "{alone:?} {}",
            likely[number]
        );
    }
}

#[test]
fn a_writer_repeats_itself_for_the_same_events_and_never_a_viewer_themselves() {
    let commenter = commenter();
    let run = || {
        let options = WritingOptions::default().drafts(6).max_pieces(4).seed(3);
        let mut writer = CommentWriter::new(&commenter, options).unwrap();
        let mut written = Vec::new();
        for second in 0..30 {
            writer.read(event(
                &commenter,
                (
                    second,
                    usize::try_from(second).unwrap(),
                    (second % 3 > 0).then_some(9),
                ),
            ));
            let viewer = u32::try_from(second % 2).unwrap();
            if let Some(comment) = writer.write(second * 1_000 + 500, viewer).unwrap() {
                written.push((viewer, comment));
            }
        }
        written
    };
    let written = run();
    assert_eq!(written, run());
    assert!(written.len() > 5, "{written:?}");
    let mut seen = std::collections::HashSet::new();
    for (viewer, comment) in &written {
        let text = caption_metrics::folded_text(&comment.text);
        assert!(
            !text.is_empty() && seen.insert((viewer, text)),
            "{comment:?}"
        );
    }
}

/// Where one piece is all that may be written, what has one piece is written.
#[test]
fn a_comment_may_have_as_many_pieces_as_allowed() {
    let commenter = commenter();
    let options = WritingOptions::default().drafts(64).max_pieces(1);
    let mut writer = CommentWriter::new(&commenter, options).unwrap();
    let drafts: Vec<_> = (0..8)
        .flat_map(|second| writer.ranked(second * 1_000, 1).unwrap())
        .collect();
    assert!(!drafts.is_empty());
}

/// What comes late counts as coming with the last event, whatever it is, and nothing panics.
#[test]
fn late_events_are_read_when_they_come() {
    let commenter = commenter();
    let write = |late: [i64; 3]| {
        let options = WritingOptions::default().drafts(4).max_pieces(4);
        let mut writer = CommentWriter::new(&commenter, options).unwrap();
        writer.read(event(&commenter, (10, 0, Some(1))));
        let lately = [(0, 2, None), (0, 7, None), (0, 3, Some(2))]; // a line, a picture, a comment
        for (millis, one) in late.into_iter().zip(lately) {
            let event = event(&commenter, one);
            writer.read(StreamEvent { millis, ..event });
        }
        writer.ranked(i64::MIN, 7).unwrap()
    };
    // A line cannot come with a comment of the same time: it comes a millisecond later.
    let in_time = write([10_001, 10_001, 10_001]);
    assert_eq!(write([10_000, 9_000, 0]), in_time);
    assert_eq!(write([i64::MIN, -5, 10_000]), in_time);
    write([i64::MAX, i64::MIN, i64::MAX]);
}

/// A commenter that is saved over another one leaves nothing of it, and none is written into while
/// another program does.
#[test]
fn a_saved_commenter_takes_the_place_of_another() {
    let (_dir, folder) = folder();
    let (config, device) = (folder.config().unwrap(), Device::flex());
    let pieces = folder.pieces(&config).unwrap();
    let matcher = folder.matcher(&config, &device).unwrap();
    assert!(matcher.is_some());
    let ngrams = BackgroundNgrams::default();
    let alone = Commenter::new(config, pieces, matcher, None, ngrams).unwrap();
    let writer = folder.lock().unwrap();
    let error = alone.save(folder.path()).unwrap_err();
    assert!(matches!(error, crate::Error::Busy { .. }), "{error}");
    let both = Commenter::from_dir(folder.path(), &device).unwrap();
    assert!(both.matcher().is_some() && both.network().is_some());
    drop(writer);
    alone.save(folder.path()).unwrap();
    let again = Commenter::from_dir(folder.path(), &device).unwrap();
    assert!(again.matcher().is_some() && again.network().is_none());
}

/// Parts that were not made for each other are told apart before anything is written with them.
#[test]
fn a_commenter_of_other_parts_is_refused() {
    let (_dir, folder) = folder();
    let (config, device) = (folder.config().unwrap(), Device::flex());
    let pieces = || folder.pieces(&config).unwrap();
    let none = BackgroundNgrams::default;
    let wider = config.network.clone().with_d_model(32).init(&device);
    let error = Commenter::new(config.clone(), pieces(), None, Some(wider), none());
    assert!(matches!(error, Err(crate::Error::OtherNetwork { .. })));
    let mut fewer = config.clone();
    fewer.network.num_tokens -= 1;
    let error = Commenter::new(fewer, pieces(), None, None, none());
    assert!(matches!(error, Err(crate::Error::VocabularySize { .. })));
    let commenter = Commenter::new(config.clone(), pieces(), None, None, none()).unwrap();
    let error = CommentWriter::new(&commenter, WritingOptions::default()).unwrap_err();
    assert!(error.to_string().contains("transformer was not trained"));
}

#[test]
fn options_and_folders_that_cannot_work_are_refused() {
    let refused = |options: WritingOptions| options.check().unwrap_err().to_string();
    assert!(refused(WritingOptions::default().drafts(0)).contains("drafts is 0"));
    assert!(refused(WritingOptions::default().max_pieces(63)).contains("max_pieces is 63"));
    assert!(refused(WritingOptions::default().likelihood(f64::NAN)).contains("likelihood"));
    let (dir, folder) = folder();
    let device = Device::flex();
    std::fs::remove_file(dir.path().join("matcher.safetensors")).unwrap();
    let commenter = Commenter::from_dir(folder.path(), &device).unwrap();
    let stream = Stream::default();
    let error = commenter.match_scores(&stream, &moment(1), &["a"]);
    assert!(
        matches!(error, Err(crate::Error::NotTrained { network: "matcher" })),
        "{error:?}"
    );
    assert!(CommentWriter::new(&commenter, WritingOptions::default()).is_ok());
    std::fs::write(dir.path().join("network.safetensors"), b"no weights").unwrap();
    let error = Commenter::from_dir(folder.path(), &device).unwrap_err();
    assert!(error.to_string().contains("network.safetensors"), "{error}");
    let why = |error: &crate::Error| std::error::Error::source(error).unwrap().to_string();
    let error = crate::ModelFolder::new(dir.path()).config().unwrap_err();
    assert!(why(&error).contains("of a commenter"), "{error}");
    let captioner = tempfile::tempdir().unwrap();
    std::fs::write(captioner.path().join("model.safetensors"), b"weights").unwrap();
    let error = Commenter::from_dir(captioner.path(), &device).unwrap_err();
    assert!(why(&error).contains("of a captioner"), "{error}");
    let config = dir.path().join("commenter.json");
    let text = std::fs::read_to_string(&config).unwrap();
    std::fs::write(
        &config,
        text.replace("\"num_heads\": 2", "\"num_heads\": 3"),
    )
    .unwrap();
    let error = Commenter::from_dir(folder.path(), &device).unwrap_err();
    assert!(error.to_string().contains("commenter.json"), "{error}");
}

/// What a file has to hold is what Burn counts; what asks for more is refused before it is made.
#[test]
fn a_network_larger_than_its_weights_is_not_made() {
    let (_dir, folder) = folder();
    let config = folder.config().unwrap();
    let device = Device::flex();
    let commenter = Commenter::from_dir(folder.path(), &device).unwrap();
    let network = burn::module::Module::num_params(commenter.network().unwrap());
    assert_eq!(config.network.num_weights(), network as u128);
    let matcher = burn::module::Module::num_params(commenter.matcher().unwrap());
    assert_eq!(config.matcher.num_weights(), matcher as u128);

    let path = folder.path().join("commenter.json");
    let text = std::fs::read_to_string(&path).unwrap();
    for (from, to, file) in [
        (
            "\"d_model\": 8",
            "\"d_model\": 1048576",
            "matcher.safetensors",
        ),
        (
            "\"d_hidden\": 48",
            "\"d_hidden\": 16777216",
            "matcher.safetensors",
        ),
        (
            "\"d_model\": 16",
            "\"d_model\": 1048576",
            "network.safetensors",
        ),
        (
            "\"num_layers\": 2",
            "\"num_layers\": 16777216",
            "network.safetensors",
        ),
    ] {
        assert!(text.contains(from), "{text}");
        std::fs::write(&path, text.replace(from, to)).unwrap();
        let error = Commenter::from_dir(folder.path(), &device).unwrap_err();
        assert!(error.to_string().contains(file), "{from}: {error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains("numbers, the network"), "{from}: {source}");
    }
}

/// What is written is read, however small its tables are.
#[test]
fn tables_of_a_few_numbers_are_read() {
    let (_dir, folder) = folder();
    let mut config = folder.config().unwrap();
    config.matcher = config.matcher.with_num_rows(4).with_d_model(2);
    config.network = config.network.with_num_ngrams(4).with_d_ngram(1);
    folder
        .create(&config, &folder.pieces(&config).unwrap())
        .unwrap();
    assert_eq!(folder.config().unwrap(), config);
}
