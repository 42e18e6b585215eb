//! An epoch of a captioner through the library's own trainer, features on the device.

use std::{ops::ControlFlow, path::Path};

use burn::tensor::Device;
use caption_model::{AttentionCaptionerConfig, CommentRate, GlobalCaptionerConfig, NetworkConfig};
use caption_train::{
    CheckpointEvery, FeaturesOnDevice, RunOptions, TrainConfig, Trainer, TrainingData,
};

use crate::{
    Args, Outcome, Part,
    floor::Floor,
    row::Row,
    synthetic::{Features, comments, vocabulary},
};

/// Size of word vectors, LSTM and attention, the original's.
pub(crate) const D_HIDDEN: usize = 256;
/// Size of an annotation vector of conv5_3.
const D_ANNOTATION: usize = 512;

pub(crate) fn epoch(
    args: &Args,
    part: Part,
    batch: usize,
    device: &Device,
    floor: &Floor,
) -> Outcome<Row> {
    let (_, shape) = network(args, part);
    let features = Features::new(args.frames, shape);
    let folder = tempfile::tempdir()?;
    let (count, epochs) = (args.comments, args.epochs);
    let learnt = train(
        args,
        part,
        count,
        batch,
        epochs,
        device,
        &features,
        folder.path(),
    )?;
    let cost = Cost::of(args, part, learnt.targets as f64, count as f64);
    Ok(Row {
        what: format!("epoch of {count} comments, {}, batch {batch}", name(part)),
        seconds: count as f64 / learnt.comments_per_second,
        rate: learnt.comments_per_second,
        unit: "comments",
        floor: floor.seconds(cost.operations, cost.bytes),
    })
}

/// What a training came to.
pub(crate) struct Learnt {
    /// Of the fastest epoch.
    comments_per_second: f64,
    /// Words learnt in an epoch.
    targets: usize,
}

/// Trains on so many random comments into a folder.
#[expect(clippy::too_many_arguments, reason = "the axes of the measurement")]
pub(crate) fn train(
    args: &Args,
    part: Part,
    count: usize,
    batch: usize,
    epochs: usize,
    device: &Device,
    features: &Features,
    folder: &Path,
) -> Outcome<Learnt> {
    let vocabulary = vocabulary(args.vocabulary);
    let train = comments(count, args.frames, args.vocabulary, 2);
    let dev = comments(batch, args.frames, args.vocabulary, 3);
    let rate = CommentRate::from_counts([1], 30.0);
    let config = TrainConfig::default()
        .epochs(epochs)
        .patience(epochs)
        .batch_size(batch)
        .precision(args.precision());
    let options = RunOptions::default()
        .features_on_device(FeaturesOnDevice::Always)
        .checkpoint_every(CheckpointEvery::Epoch);
    let data = TrainingData {
        store: features,
        train: &train,
        dev: &dev,
        vocabulary: &vocabulary,
        rate: &rate,
    };
    let (network, _) = network(args, part);
    let report = Trainer::new(network, config, folder)
        .run_options(options)
        .run(data, device, |_| ControlFlow::Continue(()))?;
    let rates = report.epochs.iter().map(|epoch| epoch.comments_per_second);
    Ok(Learnt {
        comments_per_second: rates.fold(0.0, f64::max),
        targets: train.num_targets(),
    })
}

fn name(part: Part) -> &'static str {
    match part {
        Part::Attention => "attention captioner",
        _ => "global captioner",
    }
}

/// The network of a part, and the shape of a row that it reads.
fn network(args: &Args, part: Part) -> (NetworkConfig, Vec<usize>) {
    if part == Part::Attention {
        let config = AttentionCaptionerConfig::new(args.vocabulary, D_ANNOTATION);
        (config.into(), vec![args.grid * args.grid, D_ANNOTATION])
    } else {
        let config = GlobalCaptionerConfig::new(args.vocabulary, args.d_features);
        (config.into(), vec![args.d_features])
    }
}

/// What an epoch needs at the least: the matrix products of a step forward and backward (three
/// times the forward ones), and the bytes that cannot stay in the device's caches.
struct Cost {
    operations: f64,
    bytes: f64,
}

impl Cost {
    fn of(args: &Args, part: Part, words: f64, comments: f64) -> Self {
        let (d, v) = (D_HIDDEN as f64, args.vocabulary as f64);
        // Word layer, LSTM (input and hidden, four gates), deep layer.
        let per_word = 2.0 * d * v + 2.0 * 2.0 * d * 4.0 * d + 2.0 * d * d;
        let locations = (args.grid * args.grid) as f64;
        let annotation = D_ANNOTATION as f64;
        let (forward, bytes) = if part == Part::Attention {
            // Keys once a comment; a word reads all keys and annotations of its picture (f16),
            // forward and backward.
            let keys = 2.0 * locations * annotation * d;
            let context = 2.0 * locations * (annotation + d) + 2.0 * annotation * 4.0 * d;
            let read = locations * (annotation + d) * 2.0;
            (
                words * (per_word + context) + comments * keys,
                2.0 * words * read,
            )
        } else {
            let image = 2.0 * args.d_features as f64 * d;
            let read = args.d_features as f64 * 2.0;
            (words * per_word + comments * image, comments * read)
        };
        Self {
            operations: 3.0 * forward,
            bytes,
        }
    }
}
