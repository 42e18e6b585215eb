//! The side of an extraction that decodes.

use std::path::Path;
use std::sync::mpsc::SyncSender;

use crate::duplicates::DuplicateFrames;
use crate::error::Error;
use crate::rational::Rational;
use crate::time_repairs::TimeRepairs;
use crate::video::{VideoFrames, VideoOptions};

/// What the decoder's thread sends, in the order of the rows.
pub(super) enum Message {
    /// A frame that an earlier run has computed.
    Kept {
        row: usize,
        frame: usize,
        time: f64,
    },
    /// A frame that shows the picture before it again.
    Duplicate {
        frame: usize,
        time: f64,
    },
    /// A frame with a picture of its own, scaled.
    New {
        frame: usize,
        time: f64,
        rgb: Vec<u8>,
    },
    End(EndOfVideo),
    Failed(Error),
}

/// What the decoder knows after the last frame.
pub(super) struct EndOfVideo {
    pub(super) frames: usize,
    pub(super) duration: f64,
    pub(super) start: f64,
    pub(super) ended_early: Option<String>,
    pub(super) missing_seconds: Option<f64>,
    pub(super) time_repairs: TimeRepairs,
    pub(super) damaged_packets: usize,
}

impl EndOfVideo {
    /// Frames per second over the video, in thousandths, for containers that state no rate.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        reason = "a rate to a thousandth, of counts far below 2^53"
    )]
    pub(super) fn average_rate(&self) -> Rational {
        if self.duration <= 0.0 {
            return Rational::new(0, 0);
        }
        let rate = self.frames as f64 / self.duration;
        Rational::new((rate * 1000.0).round() as i64, 1000)
    }
}

/// What the thread needs to know.
pub(super) struct Decoder<'a> {
    pub(super) video: &'a Path,
    pub(super) options: VideoOptions,
    pub(super) duplicates: DuplicateFrames,
    pub(super) kept_blocks: Vec<bool>,
    pub(super) block_rows: usize,
}

impl Decoder<'_> {
    /// Decodes; ends when all is sent or nobody receives any more.
    pub(super) fn run(self, sender: &SyncSender<Message>) {
        let last = match self.send_rows(sender) {
            Ok(Some(last)) => Message::End(last),
            Ok(None) => return, // the other side has failed and says why itself
            Err(error) => Message::Failed(error),
        };
        let _nobody_listens_after_a_failure = sender.send(last);
    }

    fn send_rows(&self, sender: &SyncSender<Message>) -> Result<Option<EndOfVideo>, Error> {
        let mut frames = VideoFrames::open(self.video, self.options.clone())?;
        let mut earlier = Vec::new(); // the last picture that was sent
        for row in 0.. {
            let message = if self.is_kept(row) {
                frames.skip_frame()?.map(|(frame, time)| Message::Kept {
                    row,
                    frame,
                    time: time.seconds(),
                })
            } else {
                frames.next_frame()?.map(|new| {
                    let (frame, time) = (new.index, new.time.seconds());
                    // The first row of a block stands by itself, so that interruptions change
                    // nothing.
                    let can_be_duplicate = row % self.block_rows != 0;
                    if can_be_duplicate && self.duplicates.same(new.width, &earlier, &new.rgb) {
                        return Message::Duplicate { frame, time };
                    }
                    if self.duplicates != DuplicateFrames::Separate {
                        earlier.clone_from(&new.rgb);
                    }
                    let rgb = new.rgb;
                    Message::New { frame, time, rgb }
                })
            };
            let Some(message) = message else {
                break;
            };
            if sender.send(message).is_err() {
                return Ok(None);
            }
        }
        frames.decode_rest()?;
        Ok(Some(EndOfVideo {
            frames: frames.decoded(),
            duration: frames.decoded_duration(),
            start: frames.start(),
            ended_early: frames.ended_early().map(str::to_owned),
            missing_seconds: frames.missing_seconds(),
            time_repairs: frames.repairs(),
            damaged_packets: frames.damaged_packets(),
        }))
    }

    fn is_kept(&self, row: usize) -> bool {
        let kept = self.kept_blocks.get(row / self.block_rows);
        kept.copied().unwrap_or(false)
    }
}
