//! Ctrl-C: work that can clean up after itself is asked to stop, everything else ends at once, as
//! it would without this.

use std::{
    io,
    ops::ControlFlow,
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

/// While it lives, signals only ask; the work has to look whether it [is to go on](Self::go_on).
#[derive(Debug)]
pub(crate) struct Stoppable(());

impl Stoppable {
    pub(crate) fn new() -> Self {
        AT_ONCE.store(false, Ordering::SeqCst);
        Self(())
    }

    /// What those that tell how far they are want to know.
    pub(crate) fn go_on(&self) -> ControlFlow<()> {
        match asked() {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        }
    }

    #[cfg(feature = "video")]
    pub(crate) fn asked(&self) -> bool {
        asked()
    }
}

impl Drop for Stoppable {
    fn drop(&mut self) {
        AT_ONCE.store(true, Ordering::SeqCst);
    }
}

/// Whether a signal asked to stop.
pub(crate) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
