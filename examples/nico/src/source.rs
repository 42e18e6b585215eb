//! Where features come from: a store that is there, or a video that one is made of.

use anyhow::anyhow;
#[cfg(feature = "video")]
use std::cell::RefCell;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use caption_model::Captioner;
#[cfg(feature = "video")]
use frame_features::{
    DuplicateFrames, Encoder, ExtractOptions, Layer, Sampling, Vgg19, VideoFrames, VideoOptions,
    extract,
};
use frame_features::{FeatureStore, VideoSource};
#[cfg(feature = "video")]
use nico_comments::Timeline;
#[cfg(feature = "video")]
use nico_corpus::timeline_from_zero;

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
    /// VGG-19's weights: `slim` for the built-in ones, or a .pth or .safetensors file of
    /// torchvision's. Default: the model's own where its folder has encoder.safetensors, else the
    /// built-in ones.
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
        #[cfg(feature = "video")]
        if let Some(video) = &self.video {
            let folder = self
                .features
                .clone()
                .unwrap_or_else(|| out.with_extension("features"));
            let encoder = &captioner.config().encoder;
            let request = Extraction {
                encoder: self.encoder(captioner),
                layer: encoder.layer,
                size: encoder.input_size,
                sampling: Sampling::All,
                held: DuplicateFrames::default(),
            };
            request.run(video, &folder, device, output)?;
            return Ok(FeatureStore::open(&folder)?);
        }
        #[cfg(not(feature = "video"))]
        let _ = (captioner, out, device, output);
        match (&self.features, &self.video) {
            (Some(folder), None) => Ok(FeatureStore::open(folder)?),
            (Some(folder), Some(video)) => {
                let store = FeatureStore::open(folder)?;
                check_video(&store, video)?;
                Ok(store)
            }
            (None, _) => Err(anyhow!(
                "this program reads no video; give it --features made by one that does"
            )),
        }
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
    /// `slim`, or a file with VGG-19's weights.
    pub(crate) encoder: String,
    pub(crate) layer: Layer,
    /// Side of the square that frames are scaled to, pixels.
    pub(crate) size: usize,
    /// Which frames are taken.
    pub(crate) sampling: Sampling,
    /// Which frames share the features of those before them.
    pub(crate) held: DuplicateFrames,
}

#[cfg(feature = "video")]
impl Extraction {
    /// Extracts into a folder; frames that are there already are not done again.
    pub(crate) fn run(
        &self,
        video: &Path,
        folder: &Path,
        device: &Device,
        output: Output,
    ) -> Outcome {
        let network = match self.encoder.as_str() {
            "slim" => Vgg19::slim(device)?,
            file => Vgg19::load_for(file, self.layer, device)?,
        };
        let progress = RefCell::new(output.start("features", "frames", 0));
        let tell = |frames: frame_features::Progress| {
            let mut progress = progress.borrow_mut();
            progress.set_total(frames.expected_rows);
            progress.set(frames.rows);
        };
        let encoder = Encoder::new(&network, self.layer, self.size)?;
        let options = ExtractOptions::default()
            .sampling(self.sampling.clone())
            .duplicates(self.held)
            .progress(&tell);
        let report = extract(video, &encoder, &options, folder)?;
        progress.into_inner().finish();
        if report.duplicate_rows > 0 {
            let held = report.duplicate_rows;
            output.say(&format!(
                "features: {held} frames show the picture before them"
            ));
        }
        if let Some(reason) = &report.info.ended_early {
            output.say(&format!(
                "features: {} ends early: {reason}",
                video.display()
            ));
        }
        if report.damaged_packets > 0 {
            let packets = report.damaged_packets;
            output.say(&format!(
                "features: {} has {packets} packets that could not be decoded",
                video.display()
            ));
        }
        Ok(())
    }
}

/// The exact times of a video's frames: decodes all of it.
#[cfg(feature = "video")]
pub(crate) fn timeline(video: &Path, output: Output) -> Outcome<Timeline> {
    let mut frames = VideoFrames::open(video, VideoOptions::default())?;
    let mut progress = output.start("frames", "frames", 0);
    let mut times = Vec::new();
    while let Some((index, time)) = frames.skip_frame()? {
        times.push(time.seconds());
        progress.set(index + 1);
    }
    progress.finish();
    Ok(timeline_from_zero(&times)?)
}
