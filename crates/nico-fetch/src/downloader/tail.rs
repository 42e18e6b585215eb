//! What a program says on standard error.

use std::collections::VecDeque;
use std::io::Read;
use std::process::ChildStderr;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::clock::{Clock, SystemClock};

/// Bytes that are kept.
const KEPT: usize = 2048;

/// How long a program that has ended is listened to: what it started may keep its pipe open.
const PATIENCE: Duration = Duration::from_millis(500);

/// The end of what a program says, read by a thread, so that the program never waits for its pipe
/// to be emptied.
pub(super) struct Tail {
    bytes: Arc<Mutex<VecDeque<u8>>>,
    reader: JoinHandle<()>,
}

impl Tail {
    pub(super) fn of(mut pipe: ChildStderr) -> Self {
        let bytes = Arc::new(Mutex::new(VecDeque::new()));
        let kept = Arc::clone(&bytes);
        let reader = std::thread::spawn(move || {
            let mut chunk = [0; 4096];
            // What cannot be read is not shown; the status is.
            while let Ok(len @ 1..) = pipe.read(&mut chunk) {
                let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
                kept.extend(&chunk[..len]);
                let surplus = kept.len().saturating_sub(KEPT);
                kept.drain(..surplus);
            }
        });
        Self { bytes, reader }
    }

    /// What was said, on one line. Waits for the rest of it, but not long.
    pub(super) fn text(&self) -> String {
        let clock = SystemClock::new();
        while !self.reader.is_finished() && clock.elapsed() < PATIENCE {
            clock.sleep(Duration::from_millis(1));
        }
        let mut kept = self.bytes.lock().unwrap_or_else(PoisonError::into_inner);
        let text = String::from_utf8_lossy(kept.make_contiguous());
        let one_line = |c: char| if c.is_control() { ' ' } else { c };
        text.chars()
            .map(one_line)
            .collect::<String>()
            .trim()
            .to_owned()
    }
}
