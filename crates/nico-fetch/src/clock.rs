use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Tells the time and waits, so that tests need not.
///
/// ```
/// use std::time::Duration;
/// use nico_fetch::{Clock, SystemClock};
///
/// let clock = SystemClock::new();
/// clock.sleep(Duration::from_millis(1));
/// assert!(clock.elapsed() >= Duration::from_millis(1) && clock.unix_now() > 1_700_000_000);
/// ```
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
///
/// ```
/// use nico_fetch::{Clock, SystemClock};
///
/// assert!(SystemClock::default().unix_now() > 0);
/// ```
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
