//! Shows the picture at its speed, with the comments that are there, wherever they are to be seen.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use nico_comments::Comment;
use nico_live::{CommentServer, ShownComment, SteadyTime};
use overlay_render::{
    Fonts, LayoutOptions, LiveContainer, LiveFrame, LiveOutput, LiveOverlay, LiveSound, LiveStage,
    LiveStreams, RenderOptions, RgbFrames, Viewport,
};

use super::{
    picture::Item,
    shared::{Seen, Shared},
};
use crate::{
    failure::{Outcome, one_line},
    interrupt::Stoppable,
    progress::Output,
};

/// How often fresh comments and signals are looked for.
const EVERY: Duration = Duration::from_millis(15);
/// How long nothing comes before the source counts as stalled.
const STALLED: Duration = Duration::from_secs(1);
/// How late pictures may be before their time is taken anew.
const MOST_BEHIND: Duration = Duration::from_secs(1);
/// How late a picture may be that waited to be shown: later ones are not written, so that those after
/// them are in time.
const MOST_WAITED: Duration = Duration::from_millis(100);
/// Most pictures in a row that are not written: the picture moves on all the same.
const MOST_SKIPPED: u64 = 4;
/// Pictures that are not written before that is told.
const MANY_SKIPPED: u64 = 25;
/// Packets of sound that are kept until the first picture.
const MOST_EARLY: usize = 512;
/// How long the crowd goes on after standard input has ended, where there is no picture.
const AFTER: Duration = Duration::from_secs(3);

/// Where the picture with its comments goes.
pub(super) struct VideoTarget {
    pub(super) path: PathBuf,
    pub(super) container: LiveContainer,
    pub(super) options: RenderOptions,
}

/// What was shown.
#[derive(Clone, Copy, Debug, Default, serde::Serialize)]
pub(super) struct Shown {
    /// Pictures.
    pub(super) frames: u64,
    /// Those of them that were not written, because drawing and encoding took too long.
    pub(super) skipped: u64,
    /// Length of the picture's time, seconds.
    pub(super) seconds: f64,
    /// Comments that were placed on the stage.
    pub(super) comments: u64,
    /// Times the source stalled for more than a second.
    pub(super) stalls: u64,
    /// Times the source's time jumped.
    pub(super) jumps: u64,
}

/// Shows everything.
pub(super) struct Show<'a> {
    shared: &'a Shared,
    output: Output,
    stage: Option<LiveStage<'a>>,
    page: Option<Page<'a>>,
    fonts: Option<&'a Fonts>,
    target: Option<VideoTarget>,
    video: Option<LiveOutput<'a>>,
    streams: Option<Box<LiveStreams>>,
    rgb: RgbFrames,
    /// Pictures that the crowd looks at are at most so high.
    seen_height: u32,
    early: Vec<LiveSound>,
    time: SteadyTime,
    /// From the source's seconds to steady ones.
    offset: f64,
    size: Option<(u32, u32)>,
    speed: f64,
    /// When the picture's time 0 was.
    start: Option<Instant>,
    stalled_since: Option<Instant>,
    /// How late the source came to be in all.
    late: Duration,
    has_told_slow: bool,
    skipped_in_a_row: u64,
    has_other_outputs: bool,
    shown: Shown,
    failed: Vec<String>,
}

/// The page, and what draws its comments.
struct Page<'a> {
    server: &'a CommentServer,
    overlay: LiveOverlay<'a>,
}

/// What a [`Show`] is made of.
pub(super) struct Setup<'a> {
    pub(super) shared: &'a Shared,
    pub(super) output: Output,
    pub(super) fonts: Option<&'a Fonts>,
    pub(super) layout: LayoutOptions,
    pub(super) server: Option<&'a CommentServer>,
    pub(super) target: Option<VideoTarget>,
    pub(super) seen_height: u32,
    pub(super) speed: f64,
    /// Whether there is an output beside the picture.
    pub(super) has_other_outputs: bool,
}

impl<'a> Show<'a> {
    pub(super) fn new(setup: Setup<'a>) -> Outcome<Self> {
        let fonts = setup.fonts;
        let stage = fonts.map(|fonts| LiveStage::new(fonts, setup.layout));
        let page = match (setup.server, fonts) {
            (Some(server), Some(fonts)) => Some(Page {
                server,
                overlay: LiveOverlay::new(fonts, Viewport::new(1920, 1080)?),
            }),
            _ => None,
        };
        Ok(Self {
            shared: setup.shared,
            output: setup.output,
            stage,
            page,
            fonts,
            target: setup.target,
            video: None,
            streams: None,
            rgb: RgbFrames::default(),
            seen_height: setup.seen_height,
            early: Vec::new(),
            time: SteadyTime::default(),
            offset: 0.0,
            size: None,
            speed: setup.speed,
            start: None,
            stalled_since: None,
            late: Duration::ZERO,
            has_told_slow: false,
            skipped_in_a_row: 0,
            has_other_outputs: setup.has_other_outputs,
            shown: Shown::default(),
            failed: Vec::new(),
        })
    }

    /// Shows until the picture ends, everything is read where there is none, or it is asked to stop.
    pub(super) fn run(&mut self, items: Option<&Receiver<Item>>, stoppable: &Stoppable) -> Outcome {
        match items {
            Some(items) => self.run_picture(items, stoppable),
            None => {
                self.run_without(stoppable);
                Ok(())
            }
        }
    }

    fn is_over(&self, stoppable: &Stoppable) -> bool {
        stoppable.asked() || self.shared.is_stopped()
    }

    fn run_without(&mut self, stoppable: &Stoppable) {
        let mut ended = None;
        while !self.is_over(stoppable) {
            if self.shared.inputs_have_ended() {
                let since = *ended.get_or_insert_with(Instant::now);
                if since.elapsed() >= AFTER {
                    break;
                }
            }
            self.show_fresh();
            thread::sleep(EVERY);
        }
        self.note_seconds();
    }

    fn run_picture(&mut self, items: &Receiver<Item>, stoppable: &Stoppable) -> Outcome {
        let mut last = Instant::now();
        while !self.is_over(stoppable) {
            self.show_fresh();
            let at_hand = items.try_recv().ok();
            let has_waited = at_hand.is_some();
            let item = match at_hand.map_or_else(|| items.recv_timeout(EVERY), Ok) {
                Ok(item) => item,
                Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => {
                    if last.elapsed() >= STALLED && self.stalled_since.is_none() {
                        self.shared.stand_still();
                        self.stalled_since = Some(last);
                        self.shown.stalls += 1;
                        self.output.say("live: the source stalls");
                    }
                    continue;
                }
            };
            match item {
                Item::Opened(streams) => self.streams = Some(streams),
                Item::Frame(frame) => self.frame(*frame, has_waited, stoppable)?,
                Item::Sound(sound) => self.sound(sound),
                Item::Note(note) => self.output.say(&format!("live: {note}")),
                Item::End(ended) => {
                    self.note_seconds();
                    return ended;
                }
            }
            if self.video.is_none() && self.target.is_none() && !self.has_other_outputs {
                break; // nobody watches any more
            }
            last = Instant::now();
        }
        self.note_seconds();
        Ok(())
    }

    fn note_seconds(&mut self) {
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2⁵³")]
        let seconds = self.shared.now() as f64 / 1_000.0;
        self.shown.seconds = seconds;
    }

    /// Places the comments that have come.
    fn show_fresh(&mut self) {
        let now = self.shared.now();
        for comment in self.shared.take_fresh() {
            self.place(&comment, now);
        }
        if let Some(page) = &self.page {
            page.server.set_time(now, self.shared.is_running());
        }
    }

    fn place(&mut self, comment: &Comment, now: i64) {
        let Some(stage) = &mut self.stage else {
            return;
        };
        let Some(placed) = stage.show(comment, now.div_euclid(10)) else {
            return;
        };
        self.shown.comments += 1;
        if let Some(page) = &mut self.page {
            let picture = page.overlay.picture(placed);
            page.server.show(&ShownComment::new(placed, &picture));
        }
    }

    /// Shows a picture; `has_waited`: whether it was there before it was asked for.
    fn frame(&mut self, frame: LiveFrame, has_waited: bool, stoppable: &Stoppable) -> Outcome {
        let source_ms = frame.seconds() * 1_000.0;
        let step = self.time.step(source_ms, frame.shown_for() * 1_000.0);
        if let Some(jump) = step.jump_ms {
            self.shown.jumps += 1;
            let seconds = jump / 1_000.0;
            self.output
                .say(&format!("live: the source jumps by {seconds:+.2} s"));
        }
        #[expect(clippy::cast_precision_loss, reason = "times are far below 2⁵³")]
        let seconds = step.millis as f64 / 1_000.0;
        self.offset = seconds - frame.seconds();
        let size = frame.size();
        if let Some(before) = self.size.replace(size)
            && before != size
        {
            let ((a, b), (c, d)) = (before, size);
            self.output.say(&format!(
                "live: the picture's size changes from {a}x{b} to {c}x{d}"
            ));
        }
        let behind = self.wait_for(seconds, has_waited, stoppable);
        if self.is_over(stoppable) {
            return Ok(());
        }
        self.shared.set_time(step.millis);
        self.shown.frames += 1;
        if self.shared.wants_picture() {
            let (width, height, rgb) = self.rgb.rgb(&frame, self.seen_height)?;
            self.shared.see(Seen {
                millis: step.millis,
                width,
                height,
                rgb,
            });
        }
        self.show_fresh();
        if let Some(stage) = &mut self.stage {
            stage.forget_over(step.millis.div_euclid(10));
        }
        if self.is_left_out(behind) {
            return Ok(());
        }
        self.write(frame, step.millis)
    }

    /// Whether a picture that was so late is not written.
    fn is_left_out(&mut self, behind: Duration) -> bool {
        let is_late = behind > MOST_WAITED && self.skipped_in_a_row < MOST_SKIPPED;
        let Some(video) = self.video.as_ref().filter(|_| is_late) else {
            self.skipped_in_a_row = 0;
            return false;
        };
        self.skipped_in_a_row += 1;
        self.shown.skipped += 1;
        if self.shown.skipped == MANY_SKIPPED {
            let name = video.path().display();
            self.output.warn(&format!(
                "{name}: pictures are left out, because drawing and encoding them takes too long here: a smaller --height, --preset ultrafast or another --codec help"
            ));
        }
        true
    }

    /// Waits until the picture's time has come, and shows comments meanwhile. Gives how late it is
    /// because what was done before took so long; where the source is late, its time is later from
    /// then on.
    fn wait_for(&mut self, seconds: f64, has_waited: bool, stoppable: &Stoppable) -> Duration {
        let offset = Duration::try_from_secs_f64(seconds / self.speed).unwrap_or_default();
        let now = Instant::now();
        let start = *self
            .start
            .get_or_insert_with(|| now.checked_sub(offset).unwrap_or(now));
        let due = start + offset;
        let behind = now.saturating_duration_since(due);
        let stalled = self.stalled_since.take();
        if let Some(since) = stalled {
            let seconds = since.elapsed().as_secs_f64();
            self.output
                .say(&format!("live: the source goes on after {seconds:.1} s"));
        }
        let is_of_source = !behind.is_zero() && !has_waited;
        if is_of_source || behind > MOST_BEHIND {
            self.start = now.checked_sub(offset);
            self.late += if stalled.is_none() {
                behind
            } else {
                Duration::ZERO
            };
            if self.late > MOST_BEHIND && !self.has_told_slow {
                self.has_told_slow = true;
                self.output.warn(
                    "live: the picture comes slower than it is played: the source or this machine is too slow",
                );
            }
            return Duration::ZERO;
        }
        while !self.is_over(stoppable) {
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            thread::sleep(left.min(EVERY));
            if left > EVERY {
                self.show_fresh();
            }
        }
        behind
    }

    /// Writes the picture where it is written.
    fn write(&mut self, frame: LiveFrame, millis: i64) -> Outcome {
        if let Some(target) = self.target.take() {
            let begun = Instant::now();
            self.open_video(target, &frame)?;
            // What that took is none of the picture's time.
            self.start = self.start.map(|start| start + begun.elapsed());
        }
        let (Some(stage), Some(video)) = (&self.stage, &mut self.video) else {
            return Ok(());
        };
        if let Err(error) = video.frame(frame, stage, millis) {
            self.fail(&error.into());
        }
        Ok(())
    }

    fn open_video(&mut self, target: VideoTarget, first: &LiveFrame) -> Outcome {
        let (Some(streams), Some(fonts)) = (&self.streams, self.fonts) else {
            return Ok(());
        };
        let VideoTarget {
            path,
            container,
            options,
        } = target;
        let video = LiveOutput::create(&path, container, streams, first, fonts, &options)?;
        if video.is_without_sound() {
            let name = path.display();
            self.output.warn(&format!(
                "{name}: is without sound, which the container does not hold as it is"
            ));
        }
        self.video = Some(video);
        for sound in std::mem::take(&mut self.early) {
            self.sound(sound);
        }
        Ok(())
    }

    fn sound(&mut self, sound: LiveSound) {
        let Some(video) = &mut self.video else {
            if self.target.is_some() && self.early.len() < MOST_EARLY {
                self.early.push(sound);
            }
            return;
        };
        let seconds = sound.seconds() + self.offset;
        if let Err(error) = video.sound(sound, seconds) {
            self.fail(&error.into());
        }
    }

    /// The video cannot be written on: what is there stays, and the other outputs go on.
    fn fail(&mut self, error: &anyhow::Error) {
        let failure = one_line(error);
        self.output.warn(&failure);
        self.failed.push(failure);
        if let Some(video) = self.video.take() {
            drop(video.finish()); // as far as it goes; the failure was told
        }
    }

    /// Ends the video; gives what was shown, and what failed on the way.
    pub(super) fn finish(mut self) -> (Shown, Vec<String>) {
        if let Some(video) = self.video.take()
            && let Err(error) = video.finish()
        {
            self.fail(&error.into());
        }
        (self.shown, self.failed)
    }
}
