//! Commenters learn what follows what, and go on after a kill to the same bytes.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

use burn::tensor::Device;
use caption_model::{
    Commenter, CommenterConfig, NgramHasher,
    commenter::{CommentStyle, EventKind, Inputs, MatchMoment, Stream, StreamEvent, StreamTokens},
};
use caption_train::{
    CheckpointEvery, CommenterData, CommenterEvent, CommenterTrainer, Error, FitConfig,
    RoundRecord, RunOptions, TrainingLength,
};
use frame_features::{EncoderId, Layer};
use jp_tokenize::{PieceOptions, Pieces};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    ops::ControlFlow,
    path::{Path, PathBuf},
};

const TEXTS: [&str; 8] = [
    "赤い花",
    "青い海",
    "白い雪",
    "黒い猫",
    "大きな山",
    "小さな鳥",
    "古い家",
    "新しい車",
];

struct World {
    train: Vec<Stream>,
    dev: Vec<Stream>,
    pieces: Pieces,
    config: CommenterConfig,
}

/// Videos in which everybody says the same for four seconds, and then everybody something else.
fn world() -> World {
    let pieces = Pieces::learn(TEXTS, &PieceOptions::default().size(300)).unwrap();
    let mut config = CommenterConfig::tiny(&pieces);
    config.matcher = config
        .matcher
        .with_num_rows(1_024)
        .with_d_model(16)
        .with_d_hidden(8);
    config.network = config
        .network
        .with_d_model(32)
        .with_num_layers(2)
        .with_num_heads(2);
    let hasher = NgramHasher::new(1_024);
    let stream = |first: usize| {
        let events = (0..1_000usize).map(|at| {
            let text = TEXTS[(first + at / 20 * 5 + at / 140) % TEXTS.len()];
            let kind = EventKind::Comment(CommentStyle::default());
            let author = u32::try_from(at).ok();
            StreamEvent::new(at as i64 * 200, kind, author, text, &pieces, hasher)
        });
        Stream::new(events)
    };
    World {
        train: (0..3).map(stream).collect(),
        dev: vec![stream(5)],
        pieces,
        config,
    }
}

/// Batches of half the usual size, and windows as short as they may be.
fn small(config: FitConfig) -> FitConfig {
    let half = config.batch_size / 2;
    config.batch_size(half).window_tokens(64)
}

fn trainer(world: &World, folder: &Path, steps: usize, a_round: usize) -> CommenterTrainer {
    let length = |config: FitConfig| {
        let config = config.length(TrainingLength::Steps(steps)).warmup_steps(5);
        Some(small(config).steps_a_round(a_round))
    };
    CommenterTrainer::new(world.config.clone(), folder)
        .matcher(length(FitConfig::matcher().learning_rate(1e-2)))
        .network(length(FitConfig::network().learning_rate(8e-3)))
        .heads(length(FitConfig::heads().learning_rate(8e-3)))
}

fn go_on(_: CommenterEvent) -> ControlFlow<()> {
    ControlFlow::Continue(())
}

fn data(world: &World) -> CommenterData<'_> {
    CommenterData {
        train: &world.train,
        dev: &world.dev,
        pieces: &world.pieces,
    }
}

/// Where everybody says the same, what was just said is what comes next: for the matcher and for
/// the transformer.
#[test]
fn what_others_say_is_learnt_to_be_said_again() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let network = FitConfig::network().learning_rate(8e-3).warmup_steps(5);
    let network = network
        .length(TrainingLength::Steps(160))
        .batch_size(2)
        .window_tokens(256)
        .steps_a_round(160);
    let rounds = trainer(&world, folder.path(), 40, 20)
        .network(Some(network))
        .heads(None)
        .run(data(&world), &Device::flex(), go_on)
        .unwrap();
    assert_eq!(rounds.len(), 3);
    let commenter = Commenter::from_dir(folder.path(), &Device::flex()).unwrap();
    let stream = &world.dev[0];
    let (mut by_match, mut by_likelihood) = (0, 0);
    for block in 10..50usize {
        // In the middle of a block of four seconds.
        let event = &stream.events()[block * 20 + 10];
        let moment = MatchMoment {
            millis: event.millis,
            excluded: &[],
            inputs: Inputs::default(),
        };
        let truth = TEXTS
            .iter()
            .position(|text| world.pieces.encode(text)[..] == *event.pieces);
        let best =
            |scores: Vec<f64>| (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]));
        let matched = commenter.match_scores(stream, &moment, &TEXTS).unwrap();
        let likely = commenter.log_likelihoods(stream, &moment, &TEXTS).unwrap();
        by_match += usize::from(best(matched) == truth);
        by_likelihood += usize::from(best(likely) == truth);
    }
    assert!(by_match >= 30, "{by_match} of 40 by the matcher");
    assert!(
        by_likelihood >= 30,
        "{by_likelihood} of 40 by the transformer"
    );
}

/// A transformer that has learnt little copies what others say, and foretells more by that.
#[test]
fn what_others_say_is_learnt_to_be_copied() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let steps = |config: FitConfig, steps: usize| {
        let config = config.length(TrainingLength::Steps(steps)).warmup_steps(5);
        Some(config.batch_size(2).window_tokens(256).steps_a_round(steps))
    };
    let rounds = CommenterTrainer::new(world.config.clone(), folder.path())
        .matcher(None)
        .network(steps(FitConfig::network().learning_rate(8e-3), 15))
        .heads(steps(FitConfig::heads().learning_rate(3e-2), 60))
        .run(data(&world), &Device::flex(), go_on)
        .unwrap();
    let [network, heads] = &rounds[..] else {
        panic!("{rounds:?}");
    };
    assert!(heads.dev_loss < 0.8 * network.dev_loss, "{rounds:?}");
    assert!(heads.best);
}

/// Where a picture is all that tells what is said next, pictures are learnt from.
#[test]
fn what_is_seen_is_learnt_to_be_named() {
    const BLOCKS: usize = 12;
    let (mut world, folder) = (world(), tempfile::tempdir().unwrap());
    let hasher = NgramHasher::new(1_024);
    // In no order that could be learnt.
    let number = |block: usize| {
        let mut hash = DefaultHasher::new();
        block.hash(&mut hash);
        usize::try_from(hash.finish() % 2).unwrap()
    };
    let stream = |first: usize| {
        let events = (first..first + BLOCKS).flat_map(|block| {
            let at = (block - first) as i64 * 2_000;
            let mut features = [0.0; 2];
            features[number(block)] = 1.0;
            let picture = StreamEvent::picture(at, features);
            let kind = EventKind::Comment(CommentStyle::default());
            let text = TEXTS[number(block)];
            let author = u32::try_from(block).ok();
            let comment = StreamEvent::new(at + 500, kind, author, text, &world.pieces, hasher);
            [picture, comment]
        });
        Stream::new(events)
    };
    let of = |first: usize, videos: usize| (0..videos).map(move |at| first + at * BLOCKS);
    let (train, dev) = (
        of(0, 80).map(stream).collect(),
        of(9_000, 5).map(stream).collect(),
    );
    (world.train, world.dev) = (train, dev);
    let encoder = EncoderId::new("one-hot", "0".repeat(64), Layer::Output, 32);
    world.config = world.config.pictures(encoder, 2);
    let config = FitConfig::network().learning_rate(8e-3).warmup_steps(5);
    let config = config.length(TrainingLength::Steps(400));
    CommenterTrainer::new(world.config.clone(), folder.path())
        .matcher(None)
        .network(Some(config))
        .heads(None)
        .run(data(&world), &Device::flex(), go_on)
        .unwrap();
    let commenter = Commenter::from_dir(folder.path(), &Device::flex()).unwrap();
    let right = |inputs: Inputs| {
        let is_right = |video: usize, block: usize| {
            let moment = MatchMoment {
                millis: block as i64 * 2_000 + 400,
                excluded: &[],
                inputs,
            };
            let likely = commenter.log_likelihoods(&world.dev[video], &moment, &TEXTS);
            let likely = likely.unwrap();
            usize::from(likely[1] > likely[0]) == number(9_000 + video * BLOCKS + block)
        };
        let all = (0..5).flat_map(|video| (0..BLOCKS).map(move |block| (video, block)));
        all.filter(|(video, block)| is_right(*video, *block))
            .count()
    };
    let blind = Inputs {
        pictures: false,
        ..Inputs::default()
    };
    let (seeing, blind) = (right(Inputs::default()), right(blind));
    assert!(seeing >= 52, "{seeing} of 60, {blind} without looking");
    assert!(blind <= 42, "{blind} of 60 without looking");
}

fn losses(rounds: &[RoundRecord]) -> Vec<(usize, f64, f64)> {
    let each = rounds.iter();
    each.map(|round| (round.steps, round.train_loss, round.dev_loss))
        .collect()
}

fn weights(folder: &Path) -> [Vec<u8>; 2] {
    ["matcher.safetensors", "network.safetensors"].map(|name| fs::read(folder.join(name)).unwrap())
}

/// Killed in the last round of each, after a checkpoint within it, and gone on with.
#[test]
fn a_killed_training_goes_on_to_the_same_bytes() {
    let (world, device) = (world(), Device::flex());
    let [whole, killed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let options = RunOptions::default().checkpoint_every(CheckpointEvery::Steps(3));
    let trainer = |folder: &Path| trainer(&world, folder, 10, 5).run_options(options.clone());
    let rounds = trainer(whole.path())
        .run(data(&world), &device, go_on)
        .unwrap();
    struct Killed;
    for task in ["matcher", "network", "heads"] {
        let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let mut left = 2; // looks: after a round, and after the next one
            trainer(killed.path()).run(data(&world), &device, |event| {
                if matches!(event, CommenterEvent::Round(round) if round.task == task) {
                    left -= 1;
                    if left == 0 {
                        std::panic::resume_unwind(Box::new(Killed));
                    }
                }
                ControlFlow::Continue(())
            })
        }));
        assert!(
            run.is_err_and(|panic| panic.is::<Killed>()),
            "{task} was not killed"
        );
    }
    let mut resumed = Vec::new();
    let again = trainer(killed.path())
        .run(data(&world), &device, |event| {
            if let CommenterEvent::Resumed { task, steps } = event {
                resumed.push((task, steps));
            }
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!(resumed, [("matcher", 10), ("network", 10), ("heads", 9)]);
    let same = weights(whole.path())
        .iter()
        .zip(&weights(killed.path()))
        .map(|(one, other)| one == other)
        .collect::<Vec<_>>();
    assert_eq!(same, [true, true], "matcher, network");
    assert_eq!(losses(&rounds), losses(&again));
}

/// Told to stop at its steps and at its rounds, each time a little later.
#[test]
fn a_training_that_is_told_to_stop_goes_on_to_the_same_losses() {
    let (world, device) = (world(), Device::flex());
    let [whole, stopped] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let options = RunOptions::default().checkpoint_every(CheckpointEvery::Epoch);
    let trainer = |folder: &Path| {
        let trainer = trainer(&world, folder, 13, 7).heads(None);
        trainer.run_options(options.clone())
    };
    let rounds = trainer(whole.path())
        .run(data(&world), &device, go_on)
        .unwrap();
    let mut reached = Vec::new();
    let again = loop {
        let mut is_new = false;
        let run = trainer(stopped.path()).run(data(&world), &device, |event| {
            let at = match &event {
                CommenterEvent::Step { task, step, .. } => (*task == "network", *step, false),
                CommenterEvent::Round(round) => (round.task == "network", round.steps, true),
                _ => return ControlFlow::Continue(()),
            };
            // Both come after the last step of a round, and one checkpoint follows them.
            if is_new || reached.contains(&at) {
                return ControlFlow::Continue(());
            }
            is_new = true;
            reached.push(at);
            ControlFlow::Break(())
        });
        match run {
            Ok(rounds) => break rounds,
            Err(error) => assert!(matches!(error, Error::Stopped), "{error}"),
        }
    };
    let of_each = |task| [(task, 7, true), (task, 10, false), (task, 13, false)];
    assert_eq!(reached, [of_each(false), of_each(true)].concat());
    assert_eq!(losses(&rounds), losses(&again));
    assert!(weights(whole.path()) == weights(stopped.path()));
}

/// Dialogue and pictures give nothing to foretell: a step with none but those draws another window.
#[test]
fn windows_without_comments_are_no_steps_of_their_own() {
    let (mut world, folder) = (world(), tempfile::tempdir().unwrap());
    let hasher = NgramHasher::new(1_024);
    let lines = |from: i64, count: usize| {
        let pieces = &world.pieces;
        (0..count).map(move |at| {
            let (millis, text) = (from + at as i64 * 2_000, TEXTS[at % TEXTS.len()]);
            StreamEvent::new(millis, EventKind::Line, None, text, pieces, hasher)
        })
    };
    let comments = world.dev[0].events()[..20].to_vec();
    let train = vec![
        Stream::new(lines(0, 2_000)),
        Stream::new(comments.into_iter().chain(lines(60_000, 2_000))),
    ];
    world.train = train;
    let fit = small(FitConfig::network())
        .length(TrainingLength::Steps(4))
        .batch_size(1)
        .window_tokens(64);
    let rounds = CommenterTrainer::new(world.config.clone(), folder.path())
        .matcher(None)
        .network(Some(fit))
        .heads(None)
        .run(data(&world), &Device::flex(), go_on)
        .unwrap();
    assert!(rounds.iter().all(|round| round.train_loss > 0.0));
}

/// Killed when the heads' first weights were kept and no checkpoint has them yet: they begin again
/// with the transformer as it was.
#[test]
fn heads_that_are_killed_in_their_first_round_end_with_the_same_bytes() {
    struct Killed;
    let (world, device) = (world(), Device::flex());
    let [whole, killed] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let options = RunOptions::default().checkpoint_every(CheckpointEvery::Epoch);
    let trainer = |folder: &Path| {
        let trainer = trainer(&world, folder, 4, 2).matcher(None);
        trainer.run_options(options.clone())
    };
    let rounds = trainer(whole.path())
        .run(data(&world), &device, go_on)
        .unwrap();
    let run = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        trainer(killed.path()).run(data(&world), &device, |event| {
            if matches!(event, CommenterEvent::Round(round) if round.task == "heads") {
                std::panic::resume_unwind(Box::new(Killed));
            }
            ControlFlow::Continue(())
        })
    }));
    assert!(run.is_err_and(|panic| panic.is::<Killed>()));
    let again = trainer(killed.path())
        .run(data(&world), &device, go_on)
        .unwrap();
    let network = |folder: &Path| fs::read(folder.join("network.safetensors")).unwrap();
    assert!(network(whole.path()) == network(killed.path()));
    assert_eq!(losses(&rounds), losses(&again));
}

/// All files of a folder and of those in it.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                files.insert(path, bytes);
            }
        }
    }
    files
}

/// Whichever network the folder holds, and whichever is to be trained: another training is refused
/// before it has replaced anything. What the same training leaves out is learnt later.
#[test]
fn a_folder_of_another_training_stays_as_it_is() {
    let (ours, mut other, device) = (world(), world(), Device::flex());
    other.config.network = other.config.network.with_num_ngrams(64);
    let [whole, matcher] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let all = |world: &World, folder: &Path| trainer(world, folder, 2, 2);
    let alone = |world: &World, folder: &Path| all(world, folder).network(None).heads(None);
    let rest = |world: &World, folder: &Path| all(world, folder).matcher(None);
    let ran = all(&ours, whole.path()).run(data(&ours), &device, go_on);
    ran.unwrap();
    let ran = alone(&ours, matcher.path()).run(data(&ours), &device, go_on);
    ran.unwrap();
    for folder in [whole.path(), matcher.path()] {
        let before = files(folder);
        for trainer in [
            all(&other, folder),
            alone(&other, folder),
            rest(&other, folder),
        ] {
            let error = trainer.run(data(&other), &device, |event| -> ControlFlow<()> {
                panic!("{event:?}")
            });
            let error = error.unwrap_err().to_string();
            assert!(error.contains("num_ngrams was 16384, is 64"), "{error}");
            assert!(files(folder) == before, "{trainer:?}");
        }
    }
    let ran = rest(&ours, matcher.path()).run(data(&ours), &device, go_on);
    ran.unwrap();
    let commenter = Commenter::from_dir(matcher.path(), &device).unwrap();
    assert!(commenter.matcher().is_some() && commenter.network().is_some());
}

/// Dialogue alone does not tell which weights are the best.
#[test]
fn without_comments_to_measure_on_nothing_is_learnt() {
    let (mut world, folder) = (world(), tempfile::tempdir().unwrap());
    let hasher = NgramHasher::new(1_024);
    let lines = (0..40usize).map(|at| {
        let (millis, text) = (at as i64 * 2_000, TEXTS[at % TEXTS.len()]);
        StreamEvent::new(millis, EventKind::Line, None, text, &world.pieces, hasher)
    });
    let lines = Stream::new(lines);
    world.dev = vec![lines];
    let trainer = trainer(&world, folder.path(), 2, 2).matcher(None);
    let error = trainer.run(data(&world), &Device::flex(), |event| -> ControlFlow<()> {
        panic!("{event:?}")
    });
    assert!(matches!(error, Err(Error::NoComments)), "{error:?}");
    assert!(files(folder.path()).is_empty());
}

#[test]
fn other_data_and_options_are_refused_by_name() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let device = Device::flex();
    let first = trainer(&world, folder.path(), 2, 2)
        .network(None)
        .heads(None);
    first.run(data(&world), &device, go_on).unwrap();
    let refused = |trainer: CommenterTrainer, data: CommenterData<'_>| {
        trainer.run(data, &device, go_on).unwrap_err().to_string()
    };
    let message = refused(first.clone().seed(2), data(&world));
    assert!(message.contains("seed was 1, is 2"), "{message}");
    let other = CommenterData {
        train: &world.dev,
        ..data(&world)
    };
    let message = refused(first.clone(), other);
    assert!(message.contains("train was"), "{message}");
    let empty = CommenterData {
        dev: &[],
        ..data(&world)
    };
    let error = first.run(empty, &device, go_on).unwrap_err();
    assert!(
        matches!(error, Error::FewComments { set: "dev", .. }),
        "{error}"
    );
    let none = FitConfig::matcher().length(TrainingLength::Steps(0));
    assert!(refused(first.matcher(Some(none)), data(&world)).contains("length is 0"));
}

/// Minutes that are over before the speed of a step is known: what was learnt until then is kept,
/// and once it is done it stays as it is.
#[test]
fn a_training_by_minutes_keeps_what_it_learnt() {
    let (world, folder) = (world(), tempfile::tempdir().unwrap());
    let config = FitConfig::matcher().length(TrainingLength::Minutes(1e-6));
    let trainer = trainer(&world, folder.path(), 1, 1)
        .matcher(Some(config))
        .network(None)
        .heads(None);
    let rounds = trainer.run(data(&world), &Device::flex(), go_on).unwrap();
    assert_eq!((rounds.len(), rounds[0].best), (1, true));
    let commenter = Commenter::from_dir(folder.path(), &Device::flex()).unwrap();
    assert!(commenter.matcher().is_some() && commenter.network().is_none());
    let again = trainer.run(data(&world), &Device::flex(), go_on).unwrap();
    assert_eq!(rounds, again);
}

/// A token more than the pieces and the beginnings of events would be one that nothing means.
#[test]
fn sizes_of_networks_are_those_of_the_pieces() {
    let world = world();
    let tokens = StreamTokens::new(u32::try_from(world.pieces.len()).unwrap());
    assert_eq!(world.config.network.num_tokens, tokens.num_tokens());
}
