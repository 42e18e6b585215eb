//! Ctrl-C: work that can clean up after itself is asked to stop, everything else ends at once, as
//! it would without this.

use std::{
    io,
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
};

/// Exit status of a program that Ctrl-C ended, by the shells' custom: 128 and the signal's number.
pub(crate) const STATUS: u8 = 130;

/// Whether a signal ends the program at once.
static AT_ONCE: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(true)));
/// Whether a signal came.
static ASKED: LazyLock<Arc<AtomicBool>> = LazyLock::new(|| Arc::new(AtomicBool::new(false)));

/// Listens to the signals from now on.
pub(crate) fn listen() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal asks, a second one ends whatever is still running.
        flag::register_conditional_shutdown(signal, STATUS.into(), Arc::clone(&AT_ONCE))?;
        flag::register(signal, Arc::clone(&AT_ONCE))?;
        flag::register(signal, Arc::clone(&ASKED))?;
    }
    Ok(())
}

/// While it lives, signals only ask; the work has to look whether it [was asked](Self::asked) to
/// stop.
#[cfg(feature = "video")]
#[derive(Debug)]
pub(crate) struct Stoppable(());

#[cfg(feature = "video")]
impl Stoppable {
    pub(crate) fn new() -> Self {
        AT_ONCE.store(false, Ordering::SeqCst);
        Self(())
    }

    pub(crate) fn asked(&self) -> bool {
        asked()
    }
}

#[cfg(feature = "video")]
impl Drop for Stoppable {
    fn drop(&mut self) {
        AT_ONCE.store(true, Ordering::SeqCst);
    }
}

/// Whether a signal asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
