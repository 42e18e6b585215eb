//! What is on the stage, and who watches.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    time::Instant,
};

use serde::Serialize;

use super::shown_comment::ShownComment;

/// Most pages that watch at a time.
const MOST_CLIENTS: usize = 32;
/// Events that a page may be behind; one that is farther behind has to ask again.
const MOST_BEHIND: usize = 256;
/// Most comments that are kept for pages that come later.
const MOST_KEPT: usize = 1_000;

/// An event as it is sent.
pub(super) type Event = Arc<[u8]>;

/// Shared by the program that shows comments and the threads that send them.
#[derive(Debug, Default)]
pub(super) struct Hub(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    clients: Vec<SyncSender<Event>>,
    /// What is shown now, with when it is over.
    kept: VecDeque<(i64, Event)>,
    clock: Option<StageClock>,
    is_over: bool,
}

/// The stage's time at a moment.
#[derive(Clone, Copy, Debug)]
struct StageClock {
    millis: i64,
    at: Instant,
    is_running: bool,
}

#[derive(Serialize)]
struct Time {
    now: i64,
    running: bool,
}

impl Hub {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sets the stage's time, and whether it goes on.
    pub(super) fn set_time(&self, millis: i64, is_running: bool) {
        let mut state = self.state();
        let was_running = state.clock.is_some_and(|clock| clock.is_running);
        state.clock = Some(StageClock {
            millis,
            at: Instant::now(),
            is_running,
        });
        if was_running != is_running {
            let event = state.time();
            state.send(&event);
        }
        let now = millis;
        state.kept.retain(|(end, _)| *end > now);
    }

    pub(super) fn show(&self, comment: &ShownComment) {
        let event = event("show", comment);
        let mut state = self.state();
        if state.kept.len() == MOST_KEPT {
            state.kept.pop_front();
        }
        state.kept.push_back((comment.end, Arc::clone(&event)));
        state.send(&event);
    }

    /// Nothing is on the stage any more.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.kept.clear();
        state.send(&event("clear", &()));
    }

    /// A page comes: what it gets first, and what tells it the rest. None if there are too many.
    pub(super) fn join(&self, run: &str) -> Option<(Vec<Event>, Receiver<Event>)> {
        let mut state = self.state();
        if state.is_over || state.clients.len() >= MOST_CLIENTS {
            return None;
        }
        let mut first = vec![event("hello", &run), state.time()];
        first.extend(state.kept.iter().map(|(_, event)| Arc::clone(event)));
        let (sender, receiver) = sync_channel(MOST_BEHIND);
        state.clients.push(sender);
        Some((first, receiver))
    }

    /// The event that tells the time.
    pub(super) fn time(&self) -> Event {
        self.state().time()
    }

    pub(super) fn num_clients(&self) -> usize {
        self.state().clients.len()
    }

    /// Nobody is told anything any more.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        state.clients.clear();
    }
}

impl State {
    /// Sends to all; those who are too far behind or gone are forgotten.
    fn send(&mut self, event: &Event) {
        self.clients
            .retain(|client| client.try_send(Arc::clone(event)).is_ok());
    }

    fn time(&self) -> Event {
        let (now, running) = self.clock.map_or((0, false), |clock| {
            let since = i64::try_from(clock.at.elapsed().as_millis()).unwrap_or(0);
            let since = if clock.is_running { since } else { 0 };
            (clock.millis.saturating_add(since), clock.is_running)
        });
        event("time", &Time { now, running })
    }
}

/// An event in the form of `text/event-stream`. JSON has no line breaks.
fn event(name: &str, data: &impl Serialize) -> Event {
    let data = serde_json::to_string(data).unwrap_or_else(|_| "null".to_owned());
    format!("event: {name}\ndata: {data}\n\n")
        .into_bytes()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_that_do_not_read_are_forgotten() {
        let hub = Hub::default();
        let (first, slow) = hub.join("1").unwrap();
        assert_eq!(first.len(), 2);
        for _ in 0..=MOST_BEHIND {
            hub.clear();
        }
        assert_eq!(hub.num_clients(), 0);
        assert_eq!(slow.iter().count(), MOST_BEHIND);
        let all: Vec<_> = (0..MOST_CLIENTS + 3)
            .filter_map(|_| hub.join("1"))
            .collect();
        assert_eq!(all.len(), MOST_CLIENTS);
        hub.end();
        assert!(all[0].1.recv().is_err() && hub.join("1").is_none());
    }

    #[test]
    fn texts_cannot_end_an_event() {
        let event = event("show", &"a\n\nevent: hello\r\ndata: </script>");
        let text = std::str::from_utf8(&event).unwrap();
        assert_eq!(text.trim_end().lines().count(), 2);
    }
}
