//! The stages between a source and a sink, and the channels that bound what waits between them.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use ffmpeg_next as ffmpeg;
use folder_lock::FileMark;

use super::colors::depth_and_alpha;
use super::draw::{Canvas, Drawer, Drawn, Job};
use super::failure;
use super::frames::TimedFrame;
use super::geometry::Geometry;
use super::losses::{self, Loss};
use super::missing::missing_seconds;
use super::report::{Progress, RenderReport};
use super::sink::{Opening, Sink};
use super::source::{Item, ReadCounts, Source};
use super::span::Span;
use super::stream_info::StreamInfo;
use super::time::{ratio, seconds};
use crate::error::Error;
use crate::problem::InputProblem;

/// Frames and packets that wait for being written, and for each drawer two more.
const QUEUE: usize = 8;
/// How long the caller goes without being asked whether to go on.
const PATIENCE: Duration = Duration::from_millis(500);

/// Something in the file's order.
enum Slot {
    /// A packet of another stream.
    Packet(usize, ffmpeg::Packet),
    /// A frame that a drawer works on.
    Frame(Receiver<Result<Drawn, Error>>),
}

/// A frame to draw on and where to send it.
type Order = (TimedFrame, SyncSender<Result<Drawn, Error>>);

/// What the first frame tells.
struct First {
    canvas: Canvas,
    losses: Vec<Loss>,
}

/// A rendering whose parts are ready.
pub(super) struct Pipeline<'a> {
    pub(super) job: Job<'a>,
    pub(super) info: &'a StreamInfo,
    /// The video as it was before it was opened.
    pub(super) mark: &'a FileMark,
    pub(super) span: Span,
    pub(super) drawers: usize,
    /// Whether the output has the video's frames, each once.
    pub(super) keeps_times: bool,
}

impl Pipeline<'_> {
    /// Runs to the end of the source. On an error the sink is dropped, with all that it has
    /// written.
    pub(super) fn run(
        &self,
        mut source: Source,
        mut sink: Sink<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<RenderReport, Error> {
        let first = OnceLock::new();
        let (orders, to_draw) = sync_channel::<Order>(self.drawers);
        let (slots, in_order) = sync_channel::<Slot>(QUEUE + 2 * self.drawers);
        let to_draw = Arc::new(Mutex::new(to_draw));
        let is_stopped = AtomicBool::new(false);
        let (counts, mut report) = thread::scope(|scope| {
            let (job, first, is_stopped) = (self.job, &first, &is_stopped);
            let reader =
                scope.spawn(move || read(job, &mut source, (first, is_stopped), &orders, &slots));
            let drawers: Vec<_> = (0..self.drawers)
                .map(|_| {
                    let to_draw = Arc::clone(&to_draw);
                    scope.spawn(move || draw(job, first, &to_draw))
                })
                .collect();
            // They alone have it: for those that panicked the reader does not wait for ever.
            drop(to_draw);
            let written = self.write(first, in_order, &mut sink, progress);
            is_stopped.store(true, Ordering::Relaxed); // where it failed, the reader may still read
            let read = reader.join().unwrap_or_else(|_| Err(self.panicked()));
            for drawer in drawers {
                drop(drawer.join()); // a frame that it has panicked at was missed while writing
            }
            // If reading failed, that is the cause of whatever followed.
            Ok::<_, Error>((read?, written?))
        })?;
        if !self.mark.is_of(self.job.input) {
            return Err(failure::input(self.job.input, InputProblem::Changed));
        }
        if counts.given == 0 {
            let Span { start, end } = self.span;
            let problem = if counts.frames.decoded == 0 {
                InputProblem::NoFrames
            } else {
                let last = counts.frames.end;
                InputProblem::NoFramesIn { start, end, last }
            };
            return Err(failure::input(self.job.input, problem));
        }
        report.losses = sink.finish(self.info, self.span)?;
        if let Some(first) = first.into_inner() {
            (report.width, report.height) = if self.job.choice.is_some() {
                first.canvas.geometry.coded()
            } else {
                first.canvas.geometry.shown
            };
            report.losses.extend(first.losses);
            let viewport = first.canvas.geometry.viewport()?;
            report.comments_cut_off = viewport.num_cut_off(self.job.layout);
        }
        self.tell(&mut report, counts);
        Ok(report)
    }

    /// Tells how reading went.
    fn tell(&self, report: &mut RenderReport, counts: ReadCounts) {
        report.missing_seconds = missing_seconds(self.info, self.span, &counts);
        let end = counts.frames.end.max(counts.packets.end);
        report.comments = self.job.layout.report().shown;
        report.comments_outside = self.job.layout.num_outside(end.max(self.info.seconds));
        report.broken_packets = counts.frames.broken;
        report.broken_other_packets = counts.packets.broken;
        report.concealed_frames = counts.frames.concealed;
        report.repeated_frames = counts.pace.repeated;
        if counts.pace.dropped > 0 {
            report.losses.push(Loss::Pictures {
                count: counts.pace.dropped,
            });
        }
        if counts.frames.gone_back > 0 {
            report.losses.push(Loss::Times {
                count: counts.frames.gone_back,
            });
        }
        // Containers also count frames that no player shows, before a cut or where none was written.
        let is_whole = report.missing_seconds <= 0.0 && counts.frames.broken == 0;
        if self.span.is_all() && !is_whole {
            let declared = self.info.declared_frames;
            report.missing_frames = declared.saturating_sub(counts.frames.packets);
        }
        report.ended_early = counts.frames.ended_early;
        report.losses.sort();
    }

    fn panicked(&self) -> Error {
        failure::input(self.job.input, InputProblem::Panicked)
    }

    /// Writes everything in order, until there is no more.
    fn write(
        &self,
        first: &OnceLock<First>,
        slots: Receiver<Slot>,
        sink: &mut Sink<'_>,
        progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<RenderReport, Error> {
        let mut report = RenderReport {
            encoder: self
                .job
                .choice
                .map_or_else(String::new, |choice| choice.name.clone()),
            ..RenderReport::default()
        };
        let total_seconds = self.total_seconds();
        let mut now = Progress {
            frames: 0,
            total_frames: self.total_frames(total_seconds),
            seconds: 0.0,
            total_seconds,
        };
        let mut told: Option<Instant> = None;
        loop {
            if told.is_none_or(|told| told.elapsed() >= PATIENCE) {
                told = Some(Instant::now());
                if progress(now).is_break() {
                    return Err(Error::Stopped);
                }
            }
            let drawn = match slots.recv_timeout(PATIENCE) {
                Ok(Slot::Packet(index, packet)) => {
                    sink.packet(index, packet)?;
                    continue;
                }
                Ok(Slot::Frame(drawn)) => drawn,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return Ok(report),
            };
            let drawn = drawn.recv().unwrap_or_else(|_| Err(self.panicked()))?;
            let Some(first) = first.get() else {
                return Ok(report); // set before the first frame was sent
            };
            report.frames += 1;
            report.painted_frames += u64::from(drawn.comments > 0);
            report.most_comments = report.most_comments.max(drawn.comments);
            let time = seconds(drawn.pts, self.info.time_base) - self.span.start;
            let opening = Opening {
                info: self.info,
                span: self.span,
                canvas: first.canvas,
                pool: self.job.pool,
            };
            sink.frame(drawn, &opening)?;
            (now.frames, now.seconds) = (report.frames, time);
            told = None;
        }
    }

    /// Frames of the output, as far as the file tells.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "`as` saturates; frames of a video are far below"
    )]
    fn total_frames(&self, seconds: f64) -> u64 {
        if self.span.is_all() && self.info.declared_frames > 0 && self.keeps_times {
            return self.info.declared_frames;
        }
        (seconds * ratio(self.info.frame_rate)).round() as u64
    }

    /// Duration of the output, 0 if it is not known.
    fn total_seconds(&self) -> f64 {
        let Span { start, end } = self.span;
        if self.info.seconds > 0.0 {
            (self.info.seconds.min(end) - start).max(0.0)
        } else if end.is_finite() {
            end - start
        } else {
            0.0
        }
    }
}

/// Reads to the end, or until it is stopped or nobody listens any more.
fn read(
    job: Job<'_>,
    source: &mut Source,
    (first, is_stopped): (&OnceLock<First>, &AtomicBool),
    orders: &SyncSender<Order>,
    slots: &SyncSender<Slot>,
) -> Result<ReadCounts, Error> {
    while let Some(item) = source.next_item(is_stopped)? {
        let slot = match item {
            Item::Packet(index, packet) => Slot::Packet(index, packet),
            Item::Frame(frame) => {
                if first.get().is_none() {
                    let _ = first.set(open(job, &frame)?); // nobody else sets it
                }
                let (sender, receiver) = sync_channel(1);
                if orders.send((frame, sender)).is_err() {
                    break;
                }
                Slot::Frame(receiver)
            }
        };
        if slots.send(slot).is_err() {
            break;
        }
    }
    Ok(source.counts().clone())
}

/// What follows from the first frame for all others.
fn open(job: Job<'_>, frame: &TimedFrame) -> Result<First, Error> {
    let picture = &frame.picture;
    let geometry = Geometry::new(
        job.rotation,
        (picture.width(), picture.height()),
        job.pixel_aspect,
        (job.options.size, job.options.shape),
    )?;
    let (_, has_alpha, _) = depth_and_alpha(picture.format());
    let keeps_alpha = has_alpha && job.can_keep_alpha();
    let canvas = Canvas {
        geometry,
        keeps_alpha,
        format: job.paint_format(picture.format()),
    };
    let losses = if job.is_transparent() {
        Vec::new()
    } else {
        losses::of_pictures(picture, job, &canvas)
    };
    Ok(First { canvas, losses })
}

/// Draws what is ordered, until there are no more orders.
fn draw(job: Job<'_>, first: &OnceLock<First>, orders: &Mutex<Receiver<Order>>) {
    let mut drawer = None;
    loop {
        let order = orders.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((frame, reply)) = order else {
            return;
        };
        let drawn = match (&mut drawer, first.get()) {
            (Some(drawer), _) => Drawer::draw(drawer, frame),
            (none, Some(first)) => {
                Drawer::new(job, first.canvas).and_then(|drawer| none.insert(drawer).draw(frame))
            }
            (_, None) => return, // the reader sets it before its first order
        };
        // Nobody waits for it once writing has failed.
        let _ = reply.send(drawn);
    }
}
