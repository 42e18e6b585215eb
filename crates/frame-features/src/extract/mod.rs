//! A whole video into a store.

mod decoder;
mod options;
mod progress;
mod read_f16;

pub use options::ExtractOptions;
pub use progress::Progress;

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use folder_lock::FileMark;

use self::decoder::{Decoder, EndOfVideo, Message};
use self::read_f16::read_f16;
use crate::encoder::FrameEncoder;
use crate::error::Error;
use crate::picture::Picture;
use crate::store::{FeatureStoreWriter, StoreInfo, StorePlan, VideoEnd, VideoSource};
use crate::video::{SCALING, VideoFrames, VideoOptions};

/// Kept rows between two calls of the progress function.
const ROWS_A_TELL: usize = 64;

/// Result of [`extract`].
///
/// ```no_run
/// # fn show(report: frame_features::ExtractReport) {
/// println!("{} frames in {:.1} s", report.rows_made, report.elapsed.as_secs_f64());
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ExtractReport {
    /// The store's description. It also has what was found wrong with the video:
    /// [`ended_early`](StoreInfo::ended_early), [`missing_seconds`](StoreInfo::missing_seconds) and
    /// [`time_repairs`](StoreInfo::time_repairs), now or when the store was made.
    pub info: StoreInfo,
    /// Rows that were there before.
    pub rows_kept: usize,
    /// Rows made now.
    pub rows_made: usize,
    /// Of those, how many refer to the features of the row before.
    pub duplicate_rows: usize,
    /// How long it took.
    pub elapsed: Duration,
    /// Packets of the video that FFmpeg could not decode.
    pub damaged_packets: usize,
}

/// Extracts the features of a video's frames into the feature store `folder`.
///
/// One thread decodes and scales ([`VideoFrames`]) on top of FFmpeg's own threads, while this one
/// runs the encoder; at most two batches of pictures wait between them and at most one block of
/// features waits to be written, so memory does not grow with the video. A frame that shows the
/// picture before it again does not go through the encoder
/// ([`DuplicateFrames`](crate::DuplicateFrames)). What an earlier run left is kept, but for damaged
/// blocks, and a store that is complete is only checked. The store's bytes depend on the video, the
/// weights and the options, not on interruptions.
///
/// # Errors
///
/// [`Error::StoreMismatch`] if the folder has a store of another video, encoder, layer or size;
/// [`Error::Changed`] if the video is replaced or written to meanwhile, and [`Error::Stopped`] if
/// [`ExtractOptions::progress`] breaks: whole blocks of before stay;
/// [`Error::Option`] if an option has a value that cannot work; errors of the encoder, of reading
/// the video and of writing. A video that was cut off is no error: see
/// [`StoreInfo::ended_early`](crate::StoreInfo::ended_early).
///
/// # Example
///
/// ```no_run
/// use burn::tensor::Device;
/// use frame_features::{Encoder, ExtractOptions, Layer, Vgg, extract};
///
/// let network = Vgg::load_for("vgg19-dcbb9e9d.pth", Layer::Conv5_3, &Device::flex())?;
/// let encoder = Encoder::new(&network, Layer::Conv5_3, 224)?;
/// let report = extract("cafe.mp4", &encoder, &ExtractOptions::default(), "out/features")?;
/// println!("{} frames", report.info.frames.len());
/// # Ok::<(), frame_features::Error>(())
/// ```
pub fn extract(
    video: impl AsRef<Path>,
    encoder: &dyn FrameEncoder,
    options: &ExtractOptions<'_>,
    folder: impl AsRef<Path>,
) -> Result<ExtractReport, Error> {
    let (video, folder) = (video.as_ref(), folder.as_ref());
    let started = Instant::now();
    let size = encoder.id().input_size;
    let side = u32::try_from(size).map_err(|_| Error::Option {
        option: "the input size of the encoder",
        value: size.to_string(),
        expected: "less than 2^32",
    })?;
    options.duplicates.check()?;
    if options.batch == 0 {
        return Err(Error::Option {
            option: "the number of frames in a batch",
            value: "0".to_owned(),
            expected: "1 or more",
        });
    }
    let frames = VideoOptions::default()
        .sampling(options.sampling.clone())
        .size(side, side);
    let mark = FileMark::of(video).map_err(Error::io("open", video))?; // before its checksum
    let stated = VideoFrames::open(video, frames.clone())?.info().clone(); // before a folder is made
    let plan = StorePlan::new(
        encoder.id().clone(),
        encoder.shape(),
        VideoSource::read(video)?,
    )
    .sampling(options.sampling.clone())
    .duplicates(options.duplicates)
    .scaling(SCALING);
    let row_len = plan.row_len();
    let sampling = plan.sampling.clone().normalised();
    let block_rows = plan.block_rows;
    let mut writer = FeatureStoreWriter::create(folder, plan)?;
    let kept = writer.kept_rows();
    if writer.is_complete() {
        let end = VideoEnd::new(0, stated.frame_rate, 0.0); // not looked at
        return Ok(ExtractReport {
            info: writer.finish(end)?,
            rows_kept: kept,
            rows_made: 0,
            duplicate_rows: 0,
            elapsed: started.elapsed(),
            damaged_packets: 0,
        });
    }
    let mut run = Run {
        encoder,
        options,
        row_len,
        video,
        mark,
        waiting: Vec::new(),
        pictures: Vec::with_capacity(options.batch),
        progress: Progress {
            kept_rows: kept,
            expected_rows: sampling.expected(stated.frames, stated.duration),
            ..Progress::default()
        },
        started,
    };
    let decoder = Decoder {
        video,
        options: frames,
        duplicates: options.duplicates,
        kept_blocks: writer.kept_blocks(),
        block_rows,
    };
    let last = thread::scope(|scope| {
        let (sender, receiver) = sync_channel(2 * options.batch);
        scope.spawn(move || decoder.run(&sender));
        run.receive(&receiver, &mut writer)
    })?;
    let frame_rate = match stated.frame_rate {
        rate if rate.to_f64() > 0.0 => rate,
        _ => last.average_rate(),
    };
    let end = VideoEnd::new(last.frames, frame_rate, last.duration)
        .start(last.start)
        .ended_early(last.ended_early)
        .missing_seconds(last.missing_seconds)
        .time_repairs(last.time_repairs);
    let info = writer.finish(end)?;
    Ok(ExtractReport {
        rows_kept: kept,
        rows_made: info.frames.len() - kept,
        duplicate_rows: run.progress.duplicate_rows,
        info,
        elapsed: started.elapsed(),
        damaged_packets: last.damaged_packets,
    })
}

/// The side that computes.
struct Run<'a> {
    encoder: &'a dyn FrameEncoder,
    options: &'a ExtractOptions<'a>,
    row_len: usize,
    video: &'a Path,
    /// Of the video as it was before its checksum was taken.
    mark: FileMark,
    /// Rows to be pushed: frame, time, and whether a picture of its own waits.
    waiting: Vec<(usize, f64, bool)>,
    pictures: Vec<Vec<u8>>,
    progress: Progress,
    started: Instant,
}

impl Run<'_> {
    fn receive(
        &mut self,
        messages: &Receiver<Message>,
        writer: &mut FeatureStoreWriter,
    ) -> Result<EndOfVideo, Error> {
        for message in messages {
            match message {
                Message::Kept { row, frame, time } => {
                    writer.check_kept(row, frame, time)?;
                    if row.is_multiple_of(ROWS_A_TELL) && self.tell(writer).is_break() {
                        return Err(Error::Stopped);
                    }
                    continue;
                }
                Message::Duplicate { frame, time } => self.waiting.push((frame, time, false)),
                Message::New { frame, time, rgb } => {
                    self.waiting.push((frame, time, true));
                    self.pictures.push(rgb);
                }
                Message::End(last) => {
                    self.compute(writer)?;
                    self.check_unchanged()?;
                    self.progress.expected_rows = writer.rows();
                    let _ = self.tell(writer); // all is done
                    return Ok(last);
                }
                Message::Failed(error) => return Err(error),
            }
            // A batch does not reach over the end of a block: so an interrupted run is taken up
            // with the same batches, and the bytes are the same.
            if self.pictures.len() == self.options.batch
                || writer.block_is_full_with(self.waiting.len())
            {
                self.compute(writer)?;
                if self.tell(writer).is_break() {
                    return Err(Error::Stopped);
                }
            }
        }
        unreachable!("the decoder says how it ended, or has panicked")
    }

    /// Fails if the video is no longer the one whose checksum was taken.
    fn check_unchanged(&self) -> Result<(), Error> {
        if self.mark.is_of(self.video) {
            return Ok(());
        }
        Err(Error::Changed {
            path: self.video.to_owned(),
        })
    }

    fn tell(&mut self, writer: &FeatureStoreWriter) -> ControlFlow<()> {
        self.progress.rows = writer.rows();
        self.progress.expected_rows = self.progress.expected_rows.max(writer.rows());
        self.progress.elapsed = self.started.elapsed();
        self.options
            .progress
            .map_or(ControlFlow::Continue(()), |tell| tell(self.progress))
    }

    fn compute(&mut self, writer: &mut FeatureStoreWriter) -> Result<(), Error> {
        if self.waiting.is_empty() {
            return Ok(());
        }
        let size = self.encoder.id().input_size;
        let pictures: Vec<_> = self
            .pictures
            .iter()
            .map(|rgb| Picture::new(size, size, rgb).expect("scaled to this size"))
            .collect();
        let values = if pictures.is_empty() {
            Vec::new()
        } else {
            read_f16(self.encoder.forward_checked(&pictures)?)?
        };
        // All that goes into a block was decoded before this look at the file.
        self.check_unchanged()?;
        let mut values = values.chunks_exact(self.row_len);
        for (frame, time, is_new) in self.waiting.drain(..) {
            if is_new {
                let row = values.next().unwrap_or_default();
                writer.push_f16(frame, time, row)?;
            } else {
                writer.push_duplicate(frame, time)?;
                self.progress.duplicate_rows += 1;
            }
        }
        self.pictures.clear();
        Ok(())
    }
}
