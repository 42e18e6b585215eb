//! What the stages of a run depend on.

use std::path::{Path, PathBuf};

use frame_features::Layer;
use nico_corpus::{CrowdRate, FileId, StageInputs};

use super::Args;
use crate::{
    commands::train::ModelName, failure::Outcome, known_file::KnownFile, source::Extraction,
};

/// The files of a model by which it writes.
const MODEL: [&str; 4] = [
    "model.safetensors",
    "config.json",
    "vocabulary.tsv",
    "rate.json",
];

/// What each stage depends on, as far as it is known before any is done: the last ones depend on
/// what the others leave.
pub(super) struct Inputs {
    /// Videos, comments and boxes.
    pub(super) files: Vec<KnownFile>,
    pub(super) stats: StageInputs,
    pub(super) features: StageInputs,
    pub(super) target_features: StageInputs,
    pub(super) train: StageInputs,
    comment: StageInputs,
    names: StageInputs,
    render: StageInputs,
}

impl Inputs {
    /// Reads all files once for their checksums. The device is no input: results are the same on
    /// each, up to the rounding of sums.
    pub(super) fn read(args: &Args, comments: &[PathBuf]) -> Outcome<Self> {
        let learning = &args.learning;
        let corpus = &learning.corpus;
        let video = KnownFile::read(&args.video)?;
        let target = args.target.as_deref().map(KnownFile::read).transpose()?;
        let boxes = args.boxes.as_deref().map(KnownFile::read).transpose()?;
        let comments = comments.iter().map(|path| KnownFile::read(path));
        let comments: Vec<KnownFile> = comments.collect::<Outcome<_>>()?;
        let ids: Vec<&FileId> = comments.iter().map(KnownFile::id).collect();
        let extraction = extraction(args)?;
        let learnt = StageInputs::default()
            .value("video", video.id())
            .value("comments", &ids)
            .value("fit", &corpus.fit.times())
            .options(&corpus.filters.options()?);
        let learnt = corpus.dictionary.inputs(learnt)?;
        let target_inputs =
            StageInputs::default().value("target", target.as_ref().unwrap_or(&video).id());
        let crowd = args.writing.options(learning.seed);
        let written = target_inputs
            .clone()
            .and(&extraction)
            .options(&crowd.generate)
            .value("moments-seed", &crowd.seed);
        let names = match &boxes {
            Some(boxes) => written.clone().value("boxes", boxes.id()),
            None => written.clone(),
        };
        Ok(Self {
            stats: learnt.clone().value("vocabulary", &corpus.vocabulary),
            features: StageInputs::default()
                .value("video", video.id())
                .and(&extraction),
            target_features: target_inputs.clone().and(&extraction),
            train: learning.inputs(learnt.and(&extraction)),
            comment: written.value("rate", &crowd.rate),
            names: names.value("rate", &CrowdRate::Data),
            render: args.drawing.inputs(target_inputs)?,
            files: [video]
                .into_iter()
                .chain(target)
                .chain(boxes)
                .chain(comments)
                .collect(),
        })
    }

    /// What writing comments depends on, of the model in this folder.
    pub(super) fn comment(&self, model: &Path) -> Outcome<StageInputs> {
        with_model(&self.comment, model)
    }

    /// What counting names depends on, of the model in this folder.
    pub(super) fn names(&self, model: &Path) -> Outcome<StageInputs> {
        with_model(&self.names, model)
    }

    /// What drawing depends on, of the comments in this file.
    pub(super) fn render(&self, comments: &Path) -> Outcome<StageInputs> {
        Ok(self.render.clone().file("written-comments", comments)?)
    }
}

fn with_model(inputs: &StageInputs, model: &Path) -> Outcome<StageInputs> {
    let files = MODEL.map(|name| model.join(name));
    Ok(inputs.clone().files("model", &files)?)
}

/// The features that the model reads.
pub(super) fn features_of(args: &Args) -> Extraction {
    let extraction = args.extraction.extraction(None);
    if extraction.is_onnx() {
        return extraction; // the settings beside the file say which output it is
    }
    Extraction {
        layer: Some(match args.learning.model {
            ModelName::Global => Layer::Relu7,
            ModelName::Attention => Layer::Conv5_3,
        }),
        ..extraction
    }
}

/// What features depend on beside the video.
fn extraction(args: &Args) -> Outcome<StageInputs> {
    let extraction = features_of(args);
    let inputs = match extraction.encoder.as_str() {
        "slim" => StageInputs::default().value("encoder", "slim"),
        file => StageInputs::default().file("encoder", &PathBuf::from(file))?,
    };
    let inputs = if extraction.is_onnx() {
        let settings = PathBuf::from(&extraction.encoder).with_extension("toml");
        if settings.exists() {
            inputs.file("encoder-settings", &settings)?
        } else {
            inputs // the encoder says what is missing
        }
    } else {
        inputs
            .value("layer", &extraction.layer_of_vgg())
            .value("size", &extraction.size_for_vgg())
    };
    Ok(inputs
        .value("sampling", &extraction.sampling)
        .value("duplicates", &extraction.duplicates))
}
