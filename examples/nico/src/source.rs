//! Where features come from: a store that is there, or a video that one is made of.

use anyhow::anyhow;
#[cfg(feature = "video")]
use std::cell::RefCell;
use std::path::{Path, PathBuf};
#[cfg(feature = "video")]
use std::sync::Arc;

use burn::tensor::Device;
use caption_model::Captioner;
#[cfg(feature = "video")]
use frame_features::{
    DuplicateFrames, Encoder, EncoderId, ExtractOptions, ExtractReport, FrameEncoder, FrameTimes,
    Layer, Sampling, Vgg, extract, is_onnx, load_encoder,
};
use frame_features::{FeatureSpread, FeatureStore, TimeRepairs, VideoSource};
use nico_comments::Timeline;
#[cfg(feature = "video")]
use nico_corpus::timeline_from_zero;

#[cfg(feature = "video")]
use crate::interrupt::Stoppable;
use crate::{failure::Outcome, progress::Output};

/// Frames to comment on.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct SourceArgs {
    /// The video to comment on; its features are extracted unless `--features` has them.
    #[arg(long, value_name = "FILE", required_unless_present = "features")]
    video: Option<PathBuf>,
    /// Its features, made by `nico features` with the model's encoder and layer. Default:
    /// OUT.features.
    #[arg(long, value_name = "DIR")]
    features: Option<PathBuf>,
    /// The model's encoder: `slim` for the built-in one, weights of VGG-19 or VGG-16 in a .pth or
    /// .safetensors file of torchvision's, or an .onnx file with its settings in a .toml beside it.
    /// Default: the model's own where its folder has encoder.safetensors, else the built-in one.
    #[cfg(feature = "video")]
    #[arg(long, value_name = "slim|FILE")]
    encoder: Option<String>,
}

impl SourceArgs {
    /// Opens the features for a model, extracting them first where that is needed.
    pub(crate) fn open(
        &self,
        captioner: &Captioner,
        out: &Path,
        device: &Device,
        output: Output,
    ) -> Outcome<FeatureStore> {
        let encoder = &captioner.config().encoder;
        #[cfg(feature = "video")]
        if let Some(video) = &self.video {
            let folder = self
                .features
                .clone()
                .unwrap_or_else(|| out.with_extension("features"));
            let file = self.encoder(captioner);
            let of_vgg = !is_onnx(&file);
            let request = Extraction {
                encoder: file,
                layer: of_vgg.then_some(encoder.layer),
                size: of_vgg.then_some(encoder.input_size),
                sampling: Sampling::All,
                duplicates: DuplicateFrames::default(),
            };
            request.extract(video, &folder, Some(encoder), device, output)?;
            return Ok(FeatureStore::open(&folder)?);
        }
        #[cfg(not(feature = "video"))]
        let _ = (out, device, output);
        let Some(folder) = &self.features else {
            return Err(anyhow!(
                "this program reads no video; give it --features made by one that does"
            ));
        };
        let store = FeatureStore::open(folder)?;
        store.check_encoder(encoder)?;
        if let Some(video) = &self.video {
            check_video(&store, video)?;
        }
        Ok(store)
    }
}

impl SourceArgs {
    /// Which video it is, before any work.
    pub(crate) fn video(&self) -> Outcome<VideoSource> {
        match (&self.video, &self.features) {
            (Some(video), _) => Ok(VideoSource::read(video)?),
            (None, Some(folder)) => Ok(FeatureStore::open(folder)?.info().plan.video.clone()),
            (None, None) => Err(anyhow!("--video or --features says what is commented on")),
        }
    }
}

#[cfg(feature = "video")]
impl SourceArgs {
    /// What `--encoder` says, or where the model's encoder is.
    fn encoder(&self, captioner: &Captioner) -> String {
        let own = || captioner.encoder_file()?.to_str().map(str::to_owned);
        let asked = self.encoder.clone();
        asked.or_else(own).unwrap_or_else(|| "slim".to_owned())
    }
}

/// Makes sure that a store's features are of this video.
pub(crate) fn check_video(store: &FeatureStore, video: &Path) -> Outcome {
    let found = frame_features::VideoSource::read(video)?;
    let expected = &store.info().plan.video;
    if found.sha256 == expected.sha256 {
        return Ok(());
    }
    Err(anyhow!(
        "{}: holds features of {expected}, not of {found}",
        store.path().display()
    ))
}

/// Features to extract.
#[cfg(feature = "video")]
#[derive(Clone, Debug)]
pub(crate) struct Extraction {
    /// `slim`, or a file with weights of VGG-19 or VGG-16 or a network in ONNX.
    pub(crate) encoder: String,
    /// Of VGG. Default: relu7.
    pub(crate) layer: Option<Layer>,
    /// Side of the square that frames are scaled to, pixels. Default: 224, or what the network in
    /// ONNX takes.
    pub(crate) size: Option<usize>,
    /// Which frames are taken.
    pub(crate) sampling: Sampling,
    /// Which frames share the features of those before them.
    pub(crate) duplicates: DuplicateFrames,
}

#[cfg(feature = "video")]
impl Extraction {
    /// The encoder, with what it takes and gives in a line if only its file knows that.
    pub(crate) fn load(&self, device: &Device, output: Output) -> Outcome<Arc<dyn FrameEncoder>> {
        let (layer, size) = (self.layer_of_vgg(), self.size_for_vgg());
        let file = match self.encoder.as_str() {
            "slim" => {
                let network = Vgg::slim(device)?;
                return Ok(Arc::new(Encoder::new(&network, layer, size)?));
            }
            file => file,
        };
        let encoder = load_encoder(file, layer, size, device)?;
        if !self.is_onnx() {
            return Ok(encoder);
        }
        let id = encoder.id();
        if let Some(layer) = self.layer.filter(|&layer| layer != Layer::Output) {
            return Err(anyhow!(
                "{file}: has no layer {layer}; `output` in {} names the tensor to take",
                Path::new(file).with_extension("toml").display()
            ));
        }
        if let Some(size) = self.size.filter(|&size| size != id.input_size) {
            return Err(anyhow!(
                "{file}: takes pictures of {} pixels a side, not of {size}",
                id.input_size
            ));
        }
        output.say(&format!("features: {}", described(&*encoder)));
        Ok(encoder)
    }

    /// Whether a network in ONNX makes them.
    pub(crate) fn is_onnx(&self) -> bool {
        is_onnx(&self.encoder)
    }

    /// The layer, where VGG makes them.
    pub(crate) fn layer_of_vgg(&self) -> Layer {
        self.layer.unwrap_or(Layer::Relu7)
    }

    /// Side of the pictures, where VGG makes them.
    pub(crate) fn size_for_vgg(&self) -> usize {
        self.size.unwrap_or(224)
    }

    /// As [`extract`](Self::extract), by whatever encoder.
    pub(crate) fn run(
        &self,
        video: &Path,
        folder: &Path,
        device: &Device,
        output: Output,
    ) -> Outcome {
        self.extract(video, folder, None, device, output)?;
        Ok(())
    }

    /// Extracts into a folder; frames that are there already are not done again. Another encoder
    /// than is `wanted` is refused before the first frame is decoded.
    pub(crate) fn extract(
        &self,
        video: &Path,
        folder: &Path,
        wanted: Option<&EncoderId>,
        device: &Device,
        output: Output,
    ) -> Outcome<ExtractReport> {
        let of_vgg = |wanted: &&EncoderId| wanted.layer == Layer::Output && !self.is_onnx();
        if let Some(wanted) = wanted.filter(of_vgg) {
            return Err(anyhow!(
                "the features have to be by {wanted}: --encoder takes its file"
            ));
        }
        let encoder = self.load(device, output)?;
        if let Some(wanted) = wanted {
            encoder.id().check(wanted)?;
        }
        self.extract_with(&*encoder, video, folder, output)
    }

    /// As [`extract`](Self::extract), with what [`load`](Self::load) gave.
    pub(crate) fn extract_with(
        &self,
        encoder: &dyn FrameEncoder,
        video: &Path,
        folder: &Path,
        output: Output,
    ) -> Outcome<ExtractReport> {
        let progress = RefCell::new(output.start("features", "frames", 0));
        let stoppable = Stoppable::new();
        let tell = |frames: frame_features::Progress| {
            let mut progress = progress.borrow_mut();
            progress.set_total(frames.expected_rows);
            progress.set(frames.rows);
            stoppable.go_on()
        };
        let options = ExtractOptions::default()
            .sampling(self.sampling.clone())
            .duplicates(self.duplicates)
            .progress(&tell);
        let report = extract(video, encoder, &options, folder);
        if matches!(report, Err(frame_features::Error::Stopped)) {
            output.say("features: stopped; the same command goes on from here");
        }
        let report = report?;
        drop(stoppable);
        progress.into_inner().finish();
        if report.duplicate_rows > 0 {
            let duplicates = report.duplicate_rows;
            output.say(&format!(
                "features: {duplicates} frames show the picture before them"
            ));
        }
        if report.damaged_packets > 0 {
            let packets = report.damaged_packets;
            output.warn(&format!(
                "{}: {packets} packets could not be decoded",
                video.display()
            ));
        }
        warn_of_store(&FeatureStore::open(folder)?, output)?;
        Ok(report)
    }
}

/// What an encoder makes of pictures.
#[cfg(feature = "video")]
fn described(encoder: &dyn FrameEncoder) -> String {
    let id = encoder.id();
    let features = match *encoder.shape() {
        [locations, d] => match id.rows_and_columns(locations) {
            Some((rows, columns)) => format!("a map of {rows}x{columns} locations of {d} numbers"),
            None => format!("{locations} locations of {d} numbers"),
        },
        ref shape => format!("a row of {} numbers", shape.iter().product::<usize>()),
    };
    format!("{id}: {features}")
}

/// Warns of what was found wrong with a store's video, and of an encoder that sees nothing.
pub(crate) fn warn_of_store(store: &FeatureStore, output: Output) -> Outcome {
    let info = store.info();
    let (folder, video) = (store.path().display(), info.plan.video.path.display());
    let (ended, missing) = (info.ended_early.as_deref(), info.missing_seconds);
    warn_of_video(&video, ended, missing, info.time_repairs, output);
    if let Some(spread) = FeatureSpread::measure(store)?.filter(FeatureSpread::is_almost_constant) {
        output.warn(&format!(
            "{folder}: the features of {} pictures hardly differ (by {:.1e} of their square): {} sees nothing in them, or there is nothing to see",
            spread.pictures, spread.share, info.plan.encoder
        ));
    }
    Ok(())
}

/// Warns of what is wrong with a video's file.
fn warn_of_video(
    video: &dyn std::fmt::Display,
    ended_early: Option<&str>,
    missing_seconds: Option<f64>,
    repairs: TimeRepairs,
    output: Output,
) {
    match (ended_early, missing_seconds) {
        (Some(reason), Some(missing)) => output.warn(&format!(
            "{video}: {missing:.2} s are missing: ends early {reason}"
        )),
        (Some(reason), None) => output.warn(&format!("{video}: ends early {reason}")),
        (None, _) => {}
    }
    if !repairs.is_none() {
        output.warn(&format!("{video}: times repaired: {repairs}"));
    }
}

/// The exact times of a video's frames, decoded where its packets do not tell them.
#[cfg(feature = "video")]
pub(crate) fn timeline(video: &Path, output: Output) -> Outcome<Timeline> {
    let mut progress = output.start("frames", "frames", 0);
    let times = FrameTimes::read(video, &mut |frames| progress.set(frames))?;
    progress.finish();
    let (ended, missing) = (times.ended_early.as_deref(), times.missing_seconds);
    warn_of_video(&video.display(), ended, missing, times.repairs, output);
    Ok(timeline_from_zero(&times.seconds)?)
}

/// Without video there are no times.
#[cfg(not(feature = "video"))]
pub(crate) fn timeline(video: &Path, _: Output) -> Outcome<Timeline> {
    Err(anyhow::anyhow!(
        "{}: this program reads no video",
        video.display()
    ))
}
