//! Memory of frames, used again.

use std::sync::{Mutex, PoisonError};

use ffmpeg_next::{format, frame};

use super::ffi::is_only_ours;

/// Frames that are kept.
const KEPT: usize = 16;

/// Frames that were written, for drawing into again: pages of memory that the system has just given
/// are slow.
#[derive(Default)]
pub(super) struct Pool(Mutex<Vec<frame::Video>>);

impl Pool {
    /// A frame of any content.
    pub(super) fn take(&self, format: format::Pixel, width: u32, height: u32) -> frame::Video {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(frame) = kept.pop() {
            if (frame.format(), frame.width(), frame.height()) == (format, width, height) {
                return frame;
            }
        }
        drop(kept);
        frame::Video::new(format, width, height)
    }

    /// Keeps a frame, unless somebody still refers to it.
    pub(super) fn give(&self, mut frame: frame::Video) {
        if !is_only_ours(&mut frame) {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() < KEPT {
            kept.push(frame);
        }
    }
}
