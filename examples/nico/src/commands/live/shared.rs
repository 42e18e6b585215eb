//! What the threads of `nico live` share.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use nico_comments::Comment;

/// Inputs that wait to be read; whoever has more waits too.
const MOST_WAITING: usize = 10_000;
/// How long the picture's time goes on by itself while no picture comes.
const GOES_ON: Duration = Duration::from_secs(1);

/// What the crowd is told.
#[derive(Debug)]
pub(super) enum Input {
    /// Something was said, at a time of the picture in milliseconds or now.
    Line(Option<i64>, String),
    /// Somebody else wrote, at a time of the picture in milliseconds or now.
    Comment(Option<i64>, Box<Comment>),
}

/// A picture in red, green and blue.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) millis: i64,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) rgb: Vec<u8>,
}

/// The picture's time.
#[derive(Debug)]
struct Time {
    millis: i64,
    at: Instant,
    is_running: bool,
}

/// Shared by all threads.
#[derive(Debug)]
pub(super) struct Shared {
    /// How many times as fast as the clock the picture goes.
    speed: f64,
    /// Whether there is a picture; without one its time is the clock's.
    has_picture: bool,
    time: Mutex<Time>,
    inputs: Mutex<VecDeque<Input>>,
    came: Condvar,
    taken: Condvar,
    seen: Mutex<Option<Seen>>,
    wants_picture: AtomicBool,
    /// Comments that are to be shown.
    fresh: Mutex<Vec<Comment>>,
    stop: Arc<AtomicBool>,
    /// Inputs that end, all of them and those that have not ended yet.
    inputs_that_end: AtomicU64,
    open_inputs: AtomicU64,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    pub(super) fn new(speed: f64, has_picture: bool) -> Self {
        Self {
            speed,
            has_picture,
            time: Mutex::new(Time {
                millis: 0,
                at: Instant::now(),
                is_running: !has_picture,
            }),
            inputs: Mutex::default(),
            came: Condvar::new(),
            taken: Condvar::new(),
            seen: Mutex::default(),
            wants_picture: AtomicBool::new(true),
            fresh: Mutex::default(),
            stop: Arc::default(),
            inputs_that_end: AtomicU64::new(0),
            open_inputs: AtomicU64::new(0),
        }
    }

    /// The picture's time, milliseconds.
    pub(super) fn now(&self) -> i64 {
        let time = lock(&self.time);
        if !time.is_running {
            return time.millis;
        }
        let since = time.at.elapsed();
        let since = if self.has_picture {
            since.min(GOES_ON)
        } else {
            since
        };
        #[expect(clippy::cast_possible_truncation, reason = "saturates")]
        let since = (since.as_secs_f64() * self.speed * 1_000.0) as i64;
        time.millis.saturating_add(since)
    }

    /// The picture is at this time now, and goes on.
    pub(super) fn set_time(&self, millis: i64) {
        *lock(&self.time) = Time {
            millis,
            at: Instant::now(),
            is_running: true,
        };
    }

    /// The picture stands still.
    pub(super) fn stand_still(&self) {
        let millis = self.now();
        let mut time = lock(&self.time);
        (time.millis, time.is_running) = (millis, false);
    }

    pub(super) fn is_running(&self) -> bool {
        lock(&self.time).is_running
    }

    /// Gives the crowd something to read; waits where much waits to be read already.
    pub(super) fn tell(&self, input: Input) {
        let is_full =
            |inputs: &mut VecDeque<Input>| inputs.len() >= MOST_WAITING && !self.is_stopped();
        let waited = self.taken.wait_while(lock(&self.inputs), is_full);
        let mut inputs = waited.unwrap_or_else(PoisonError::into_inner);
        inputs.push_back(input);
        self.came.notify_one();
    }

    /// All that came, after waiting for something for a while.
    pub(super) fn wait_for_inputs(&self, longest: Duration) -> VecDeque<Input> {
        let inputs = lock(&self.inputs);
        let waited = self
            .came
            .wait_timeout_while(inputs, longest, |inputs| inputs.is_empty());
        let (mut inputs, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.taken.notify_all();
        std::mem::take(&mut *inputs)
    }

    /// Whether the crowd has looked at the last picture.
    pub(super) fn wants_picture(&self) -> bool {
        self.wants_picture.load(Ordering::Relaxed)
    }

    pub(super) fn see(&self, seen: Seen) {
        self.wants_picture.store(false, Ordering::Relaxed);
        *lock(&self.seen) = Some(seen);
    }

    pub(super) fn take_seen(&self) -> Option<Seen> {
        let seen = lock(&self.seen).take();
        if seen.is_some() {
            self.wants_picture.store(true, Ordering::Relaxed);
        }
        seen
    }

    pub(super) fn show(&self, comment: Comment) {
        lock(&self.fresh).push(comment);
    }

    pub(super) fn take_fresh(&self) -> Vec<Comment> {
        std::mem::take(&mut lock(&self.fresh))
    }

    /// Set when everything is to end, for those who wait for FFmpeg.
    pub(super) fn stop_flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stop)
    }

    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        self.came.notify_all();
        self.taken.notify_all();
    }

    pub(super) fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::SeqCst)
    }

    pub(super) fn input_opened(&self) {
        self.inputs_that_end.fetch_add(1, Ordering::SeqCst);
        self.open_inputs.fetch_add(1, Ordering::SeqCst);
    }

    pub(super) fn input_ended(&self) {
        self.open_inputs.fetch_sub(1, Ordering::SeqCst);
    }

    /// Whether there were inputs that end, and all of them have.
    pub(super) fn inputs_have_ended(&self) -> bool {
        self.inputs_that_end.load(Ordering::SeqCst) > 0
            && self.open_inputs.load(Ordering::SeqCst) == 0
    }
}
