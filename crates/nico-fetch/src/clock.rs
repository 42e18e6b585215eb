use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Source of time and of waiting, so that tests need not wait.
pub trait Clock {
    /// The time of day in unix seconds. May be wrong, and may jump.
    fn unix_now(&self) -> i64;
    /// Time passed since some moment; never falls.
    fn elapsed(&self) -> Duration;
    /// Waits.
    fn sleep(&self, time: Duration);
}

impl<C: Clock + ?Sized> Clock for &C {
    fn unix_now(&self) -> i64 {
        (**self).unix_now()
    }

    fn elapsed(&self) -> Duration {
        (**self).elapsed()
    }

    fn sleep(&self, time: Duration) {
        (**self).sleep(time);
    }
}

/// The clock of the system.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock whose [`elapsed`](Clock::elapsed) begins now.
    #[must_use]
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn unix_now(&self) -> i64 {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }
}
