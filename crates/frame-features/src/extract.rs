//! A whole video into a store.

use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use crate::store::VideoSource;
use crate::video::SCALING;
use crate::{
    Encoder, EncoderInfo, Error, FeatureStoreWriter, Frame, Layer, Rational, StoreInfo, StorePlan,
    Vgg19, VideoEnd, VideoFrames, VideoOptions,
};

/// A block of a store has at most so many bytes of features, and at least one row.
const BLOCK_BYTES: usize = 64 << 20;
/// A block of a store has at most so many rows.
const BLOCK_ROWS: usize = 256;

/// What [`extract`] takes from a video.
///
/// # Example
///
/// ```
/// use frame_features::{ExtractOptions, Layer};
///
/// let tell = |progress: frame_features::Progress| eprintln!("{} frames", progress.rows);
/// let options = ExtractOptions::new(Layer::Conv5_3).every(2).progress(&tell);
/// assert_eq!((options.size, options.every), (224, 2));
/// ```
#[derive(Clone, Copy)]
#[non_exhaustive]
pub struct ExtractOptions<'a> {
    /// The layer.
    pub layer: Layer,
    /// Side of the square that frames are scaled to: 224 (the default) or 448; at least 32.
    pub size: usize,
    /// Every how many frames one is taken. Default: 1, all.
    pub every: usize,
    /// Frames that go through the network at once. Default: 8.
    pub batch: usize,
    /// Called after every batch, from the thread that called [`extract`].
    pub progress: Option<&'a dyn Fn(Progress)>,
}

impl<'a> ExtractOptions<'a> {
    /// All frames, scaled to 224x224.
    #[must_use]
    pub fn new(layer: Layer) -> Self {
        Self {
            layer,
            size: 224,
            every: 1,
            batch: 8,
            progress: None,
        }
    }

    /// Scales frames to squares of `size` pixels a side.
    #[must_use]
    pub fn size(mut self, size: usize) -> Self {
        self.size = size;
        self
    }

    /// Takes one of so many frames; 0 counts as 1.
    #[must_use]
    pub fn every(mut self, frames: usize) -> Self {
        self.every = frames.max(1);
        self
    }

    /// Computes so many frames at once; 0 counts as 1.
    #[must_use]
    pub fn batch(mut self, frames: usize) -> Self {
        self.batch = frames.max(1);
        self
    }

    /// Calls `tell` after every batch.
    #[must_use]
    pub fn progress(mut self, tell: &'a dyn Fn(Progress)) -> Self {
        self.progress = Some(tell);
        self
    }
}

impl std::fmt::Debug for ExtractOptions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ExtractOptions")
            .field("layer", &self.layer)
            .field("size", &self.size)
            .field("every", &self.every)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}

/// How far [`extract`] has come.
///
/// ```
/// # let progress = frame_features::Progress::default();
/// println!("{} of about {} frames", progress.rows, progress.expected_rows);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Frames in the store or about to be, those of an earlier run included.
    pub rows: usize,
    /// Of those, how many an earlier run had left.
    pub kept_rows: usize,
    /// How many there will be, as far as the container tells; 0 if it does not.
    pub expected_rows: usize,
}

/// What [`extract`] did.
///
/// ```no_run
/// # fn show(report: frame_features::ExtractReport) {
/// println!("{} frames in {:.1} s", report.rows_made, report.elapsed.as_secs_f64());
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtractReport {
    /// The store's description.
    pub info: StoreInfo,
    /// Rows that were there before.
    pub rows_kept: usize,
    /// Rows computed now.
    pub rows_made: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Packets of the video that FFmpeg could not decode.
    pub damaged_packets: usize,
}

/// Computes the features of a video's frames into the store `folder`.
///
/// One thread decodes and scales while this one runs the network; at most two batches wait between
/// them, so memory does not grow with the video. What an earlier run left is kept and a store that
/// is complete is only checked. Frames are scaled while they are decoded, by `swscale`'s bilinear
/// filter, which is as wide as torchvision's; on the project's real clip the bytes differ from
/// those of [`Picture::resize`](crate::Picture::resize) by 0.3 to 0.6 on average and by up to 18
/// where colours change fast, because `swscale` scales luma and colour differences before they
/// become red, green and blue. The store's bytes depend on the video, the weights and the options,
/// not on interruptions.
///
/// # Errors
///
/// [`Error::StoreMismatch`] if the folder has a store of another video, encoder, layer or size;
/// [`Error::NoSuchLayer`] if the network was loaded without the layer; errors of reading the video
/// and of writing. A video that was cut off is no error: see
/// [`StoreInfo::ended_early`](crate::StoreInfo::ended_early).
///
/// # Example
///
/// ```no_run
/// use burn::tensor::Device;
/// use frame_features::{ExtractOptions, Layer, Vgg19, extract};
///
/// let network = Vgg19::load_for("vgg19-dcbb9e9d.pth", Layer::Conv5_3, &Device::flex())?;
/// let options = ExtractOptions::new(Layer::Conv5_3);
/// let report = extract("cafe.mp4", &network, &options, "out/features")?;
/// println!("{} frames", report.info.frames.len());
/// # Ok::<(), frame_features::Error>(())
/// ```
pub fn extract(
    video: impl AsRef<Path>,
    network: &Vgg19,
    options: &ExtractOptions<'_>,
    folder: impl AsRef<Path>,
) -> Result<ExtractReport, Error> {
    let (video, folder) = (video.as_ref(), folder.as_ref());
    let started = Instant::now();
    let frames = VideoOptions::default().every(options.every);
    let side = u32::try_from(options.size)
        .ok()
        .filter(|side| (32..=4096).contains(side))
        .ok_or_else(|| Error::Video {
            path: video.to_path_buf(),
            problem: format!("cannot scale to {}, expected 32 to 4096", options.size),
        })?;
    let frames = frames.size(side, side);
    let stated = VideoFrames::open(video, frames.clone())?.info().clone(); // before a folder is made
    let plan = plan(video, network, options)?;
    let row_len = plan.row_len();
    let mut writer = FeatureStoreWriter::create(folder, plan)?;
    let kept = writer.kept_rows();
    if writer.is_complete() {
        let end = VideoEnd::new(0, stated.frame_rate, 0.0); // not looked at
        return Ok(ExtractReport {
            info: writer.finish(end)?,
            rows_kept: kept,
            rows_made: 0,
            elapsed: started.elapsed(),
            damaged_packets: 0,
        });
    }
    let mut run = Run {
        encoder: Encoder::new(network, options.layer, options.size)?,
        options,
        row_len,
        waiting: Vec::with_capacity(options.batch),
        expected_rows: stated.frames.div_ceil(options.every),
    };
    let last = thread::scope(|scope| {
        let (sender, receiver) = sync_channel(2 * options.batch);
        scope.spawn(move || send_frames(video, frames, kept, &sender));
        run.receive(&receiver, &mut writer)
    })?;
    let mut end = VideoEnd::new(last.frames, stated.frame_rate, last.duration);
    if end.frame_rate.to_f64() <= 0.0 {
        end.frame_rate = last.average_rate();
    }
    end.ended_early = last.ended_early;
    let info = writer.finish(end)?;
    Ok(ExtractReport {
        rows_kept: kept,
        rows_made: info.frames.len() - kept,
        info,
        elapsed: started.elapsed(),
        damaged_packets: last.damaged_packets,
    })
}

fn plan(video: &Path, network: &Vgg19, options: &ExtractOptions<'_>) -> Result<StorePlan, Error> {
    let shape = network.feature_shape(options.layer, options.size)?;
    let row_bytes = shape.iter().product::<usize>() * size_of::<half::f16>();
    Ok(StorePlan {
        layer: options.layer,
        shape,
        size: options.size,
        every: options.every,
        scaling: SCALING.to_owned(),
        block_rows: (BLOCK_BYTES / row_bytes.max(1)).clamp(1, BLOCK_ROWS),
        encoder: EncoderInfo {
            name: network.name().to_owned(),
            sha256: network.fingerprint(options.layer)?,
        },
        video: VideoSource::of(video)?,
    })
}

/// From the decoder's thread.
enum Message {
    /// A frame that an earlier run has computed: its index and its time in seconds.
    Kept(usize, f64),
    Frame(Frame),
    End(Last),
    Failed(Error),
}

/// What the decoder knows after the last frame.
struct Last {
    frames: usize,
    duration: f64,
    ended_early: Option<String>,
    damaged_packets: usize,
}

impl Last {
    /// Frames per second over the video, in thousandths, for containers that state no rate.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a rate to a thousandth, of counts far below 2^53"
    )]
    fn average_rate(&self) -> Rational {
        if self.duration <= 0.0 {
            return Rational::new(0, 0);
        }
        let rate = self.frames as f64 / self.duration;
        Rational::new((rate * 1000.0).round() as i64, 1000)
    }
}

/// Decodes; ends when all is sent or nobody receives any more.
fn send_frames(
    video: &Path,
    options: VideoOptions,
    kept_rows: usize,
    sender: &SyncSender<Message>,
) {
    let send = || -> Result<Message, Error> {
        let mut frames = VideoFrames::open(video, options)?;
        let mut row = 0;
        loop {
            let message = if row < kept_rows {
                frames
                    .skip_frame()?
                    .map(|(frame, time)| Message::Kept(frame, time.seconds()))
            } else {
                frames.next_frame()?.map(Message::Frame)
            };
            let Some(message) = message else {
                return Ok(Message::End(Last {
                    frames: frames.decoded(),
                    duration: frames.decoded_duration(),
                    ended_early: frames.ended_early().map(str::to_owned),
                    damaged_packets: frames.damaged_packets(),
                }));
            };
            row += 1;
            if sender.send(message).is_err() {
                break; // the other side has failed and says why itself
            }
        }
        Ok(Message::Kept(0, 0.0))
    };
    let last = send().unwrap_or_else(Message::Failed);
    let _nobody_listens_after_a_failure = sender.send(last);
}

/// The side that computes.
struct Run<'a> {
    encoder: Encoder,
    options: &'a ExtractOptions<'a>,
    row_len: usize,
    waiting: Vec<Frame>,
    expected_rows: usize,
}

impl Run<'_> {
    fn receive(
        &mut self,
        messages: &Receiver<Message>,
        writer: &mut FeatureStoreWriter,
    ) -> Result<Last, Error> {
        let kept_rows = writer.kept_rows();
        let mut kept = 0;
        for message in messages {
            match message {
                Message::Kept(frame, seconds) => {
                    writer.check_kept(kept, frame, seconds)?;
                    kept += 1;
                }
                Message::Frame(frame) => {
                    self.waiting.push(frame);
                    // A batch does not reach over the end of a block: so an interrupted run is
                    // taken up with the same batches, and the bytes are the same.
                    if self.waiting.len() == self.options.batch
                        || writer.block_is_full_with(self.waiting.len())
                    {
                        self.compute(writer)?;
                        self.tell(writer.rows(), kept_rows);
                    }
                }
                Message::End(last) => {
                    self.compute(writer)?;
                    self.tell(writer.rows(), kept_rows);
                    return Ok(last);
                }
                Message::Failed(error) => return Err(error),
            }
        }
        Err(Error::Device("the decoder's thread has ended".to_owned()))
    }

    fn tell(&self, rows: usize, kept_rows: usize) {
        if let Some(tell) = self.options.progress {
            tell(Progress {
                rows,
                kept_rows,
                expected_rows: self.expected_rows.max(rows),
            });
        }
    }

    fn compute(&mut self, writer: &mut FeatureStoreWriter) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let pictures: Vec<_> = self.waiting.iter().map(Frame::picture).collect();
        let values = self.encoder.encode(&pictures)?;
        for (frame, row) in self.waiting.iter().zip(values.chunks_exact(self.row_len)) {
            writer.push(frame.index, frame.time.seconds(), row)?;
        }
        self.waiting.clear();
        Ok(())
    }
}
