//! How far an extraction has come.

use std::time::Duration;

/// Progress of [`extract`](crate::extract()).
///
/// ```
/// # let progress = frame_features::Progress::default();
/// print!("{} of about {} frames", progress.rows, progress.expected_rows);
/// if let Some(left) = progress.time_left() {
///     print!(", {:.1} a second, {} s left", progress.rate(), left.as_secs());
/// }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Frames in the store or about to be, those of an earlier run included.
    pub rows: usize,
    /// Of those, how many an earlier run had left.
    pub kept_rows: usize,
    /// Of those made now, how many refer to the features of the one before.
    pub duplicate_rows: usize,
    /// How many there will be, as far as the container tells; 0 if it does not.
    pub expected_rows: usize,
    /// Since the extraction began.
    pub elapsed: Duration,
}

impl Progress {
    /// Frames made a second so far, without those of an earlier run; 0 before the first.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn rate(&self) -> f64 {
        let seconds = self.elapsed.as_secs_f64();
        if seconds <= 0.0 {
            return 0.0;
        }
        (self.rows.saturating_sub(self.kept_rows)) as f64 / seconds
    }

    /// How long it will take at this rate; nothing where the container does not tell how many
    /// frames there are, or before the first one.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    pub fn time_left(&self) -> Option<Duration> {
        if self.expected_rows == 0 {
            return None;
        }
        let left = self.expected_rows.saturating_sub(self.rows) as f64;
        Duration::try_from_secs_f64(left / self.rate()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 40 of 100 frames in 2 s, of which 20 were there: 10 a second, 60 left.
    #[test]
    fn rate_and_time_left_count_what_is_made_now() {
        let mut progress = Progress {
            rows: 40,
            kept_rows: 20,
            expected_rows: 100,
            elapsed: Duration::from_secs(2),
            ..Progress::default()
        };
        assert!((progress.rate() - 10.0).abs() < 1e-12);
        assert_eq!(progress.time_left(), Some(Duration::from_secs(6)));
        progress.rows = 20;
        assert_eq!(progress.time_left(), None);
        progress.expected_rows = 0;
        assert_eq!(progress.time_left(), None);
    }
}
