use std::time::{Duration, Instant};

/// What tells how much time has gone by. Tests give their own, so that what is late does not depend
/// on the machine.
pub trait Clock: Send {
    /// Time since some fixed moment; it never goes back.
    fn now(&self) -> Duration;
}

/// The machine's monotonic clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Duration {
        self.start.elapsed()
    }
}
