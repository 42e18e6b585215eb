//! Which epoch is kept.

use burn::tensor::Device;
use caption_train::{CommentMetric, Hypothesis, SelectBy, Trainer};

use crate::world::{SAYINGS, World, alone, config, go_on};

/// By the comments that it writes itself: at the end all eight frames get the words that were said
/// of their kind. Four frames are of each of two kinds that share one word of three (F1 1/3): each
/// of the seven others has 1 if it is one of three of the same kind, else 1/3; 1 − (3 + 4/3)/7 =
/// 8/21.
#[test]
fn a_model_is_judged_by_what_it_writes() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let config = config()
        .epochs(30)
        .select_by(SelectBy::Comments { frames: 100 });
    let model = folder.path().join("model");
    let report = world.train(config, &model, |_| {}).unwrap();
    let scores: Vec<f64> = report.epochs.iter().map(|e| e.score.unwrap()).collect();
    let reached = |score: f64| (score - 8.0 / 21.0).abs() < 1e-9;
    assert!(scores[0] < 0.3, "{scores:?}");
    assert!(scores.iter().any(|&score| reached(score)), "{scores:?}");
    let best = scores.iter().copied().fold(f64::MIN, f64::max);
    let first = scores.iter().position(|&score| score == best).unwrap();
    assert_eq!(report.best_epoch, first + 1, "{scores:?}");
}

/// Counts the words of the comments: none is longer than what was said.
#[derive(Debug)]
struct Shortest;

impl CommentMetric for Shortest {
    fn name(&self) -> &str {
        "shortest"
    }

    fn score(&self, written: &[Hypothesis<'_>]) -> f64 {
        assert_eq!(written.len(), 5);
        for comment in written {
            let said = SAYINGS[comment.row % 4].len();
            assert_eq!(comment.references[0].len(), said);
            assert!(comment.words.len() <= 3);
            assert!(comment.words.iter().all(|&word| word > caption_model::UNK));
        }
        0.0
    }
}

/// A metric of one's own that never changes: the first epoch stays best, patience ends training two
/// epochs later; its name is part of what a checkpoint is of.
#[test]
fn a_metric_of_ones_own_decides() {
    let _alone = alone();
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&folder.path().join("features"));
    let config = config()
        .patience(2)
        .select_by(SelectBy::Comments { frames: 5 });
    let trainer = Trainer::new(world.network(), config, folder.path().join("model"));
    let report = trainer
        .clone()
        .metric(Shortest)
        .run(world.data(), &Device::flex(), go_on)
        .unwrap();
    assert_eq!((report.best_epoch, report.epochs.len()), (1, 3));
    let error = trainer
        .run(world.data(), &Device::flex(), go_on)
        .unwrap_err();
    let expected = "the metric was shortest, is frame F1";
    assert!(error.to_string().contains(expected), "{error}");
}
