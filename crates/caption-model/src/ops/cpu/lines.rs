//! Numbers on lines of the cache.

use std::ops::{Deref, DerefMut};

/// Bytes of a line, which are those of a vector of AVX-512: one that lies across two lines takes twice as long to load.
const LINE: usize = 64;

/// A slice of `f32` that starts where a line does.
///
/// Memory that was never written is the system's zeros: it is first touched by the thread that works on it, not by the one
/// that asked for it, as it would be with an allocation that is aligned by the allocator.
#[derive(Debug, Default)]
pub(super) struct Lines {
    values: Vec<f32>,
    start: usize,
    len: usize,
}

impl Lines {
    /// `len` zeros.
    pub(super) fn zeros(len: usize) -> Self {
        let values = vec![0.0; len + LINE / size_of::<f32>()];
        let start = values.as_ptr().align_offset(LINE);
        Self { values, start, len }
    }
}

impl Deref for Lines {
    type Target = [f32];

    fn deref(&self) -> &[f32] {
        &self.values[self.start..][..self.len]
    }
}

impl DerefMut for Lines {
    fn deref_mut(&mut self) -> &mut [f32] {
        &mut self.values[self.start..][..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_where_a_line_does() {
        for len in [0, 1, 1000, 100_000] {
            let lines = Lines::zeros(len);
            assert!(lines.as_ptr().addr().is_multiple_of(LINE));
            assert_eq!(&lines[..], vec![0.0; len]);
        }
        assert!(Lines::default().is_empty());
    }
}
