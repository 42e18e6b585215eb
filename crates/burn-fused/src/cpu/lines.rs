//! Numbers on lines of the cache.

use std::ops::{Deref, DerefMut};

/// Bytes of a line, which are those of a vector of AVX-512: one that lies across two lines takes
/// twice as long to load.
const LINE: usize = 64;

/// A slice that starts where a line does.
///
/// Memory that was never written is the system's zeros: it is first touched by the thread that
/// works on it, not by the one that asked for it, as it would be with an allocation that is aligned
/// by the allocator.
#[derive(Debug, Default)]
pub(crate) struct Lines<T = f32> {
    values: Vec<T>,
    start: usize,
    len: usize,
}

impl<T: Clone + Default> Lines<T> {
    /// `len` zeros.
    pub(crate) fn zeros(len: usize) -> Self {
        let values = vec![T::default(); len + LINE / size_of::<T>()];
        let start = values.as_ptr().align_offset(LINE);
        Self { values, start, len }
    }
}

impl<T> Deref for Lines<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.values[self.start..][..self.len]
    }
}

impl<T> DerefMut for Lines<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.values[self.start..][..self.len]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_where_a_line_does() {
        for len in [0, 1, 1000, 100_000] {
            let lines = Lines::<f32>::zeros(len);
            assert!(lines.as_ptr().addr().is_multiple_of(LINE));
            assert_eq!(&lines[..], vec![0.0; len]);
        }
        assert!(Lines::<i8>::default().is_empty());
    }
}
