//! What is on the stage, and who watches.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use hyper::body::Bytes;
use serde::Serialize;
use tokio::sync::mpsc::{Receiver, Sender, channel};

use super::shown_comment::ShownComment;

/// Most pages that watch at a time.
const MOST_CLIENTS: usize = 32;
/// Events that a page may be behind; one that is farther behind has to ask again.
const MOST_BEHIND: usize = 256;
/// Most comments that are kept for pages that come later.
const MOST_KEPT: usize = 1_000;

/// An event as it is sent.
pub(super) type Event = Bytes;

/// Shared by the program that shows comments and the thread that sends them.
#[derive(Debug)]
pub(super) struct Hub {
    /// When the server was started, microseconds: tells pages that it is another one.
    run: u128,
    /// How many times as fast as the clock the stage's time goes.
    speed: f64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    clients: Vec<Sender<Event>>,
    /// What is shown now, with when it is over.
    kept: VecDeque<(i64, Event)>,
    clock: Option<StageClock>,
    /// How often everything was taken off the stage: a page that missed it has to do so too.
    clears: u64,
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
    speed: f64,
}

impl Hub {
    pub(super) fn new(speed: f64) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        Self {
            run: since.map_or(0, |since| since.as_micros()),
            speed,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            let event = state.time(self.speed);
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
        state.kept.push_back((comment.end, event.clone()));
        state.send(&event);
    }

    /// Nothing is on the stage any more.
    pub(super) fn clear(&self) {
        let mut state = self.state();
        state.clears += 1;
        state.kept.clear();
        state.send(&event("clear", &()));
    }

    /// A page comes: what it gets first, and what tells it the rest. None if there are too many.
    pub(super) fn join(&self) -> Option<(Vec<Event>, Receiver<Event>)> {
        let mut state = self.state();
        state.forget_gone();
        if state.is_over || state.clients.len() >= MOST_CLIENTS {
            return None;
        }
        let run = format!("{}-{}", self.run, state.clears);
        let mut first = vec![event("hello", &run), state.time(self.speed)];
        first.extend(state.kept.iter().map(|(_, event)| event.clone()));
        let (sender, receiver) = channel(MOST_BEHIND);
        state.clients.push(sender);
        Some((first, receiver))
    }

    /// The event that tells the time.
    pub(super) fn time(&self) -> Event {
        self.state().time(self.speed)
    }

    pub(super) fn num_clients(&self) -> usize {
        let mut state = self.state();
        state.forget_gone();
        state.clients.len()
    }

    /// Nobody is told anything any more.
    pub(super) fn end(&self) {
        let mut state = self.state();
        state.is_over = true;
        state.clients.clear();
    }
}

impl State {
    fn forget_gone(&mut self) {
        self.clients.retain(|client| !client.is_closed());
    }

    /// Sends to all; those who are too far behind or gone are forgotten.
    fn send(&mut self, event: &Event) {
        self.clients
            .retain(|client| client.try_send(event.clone()).is_ok());
    }

    fn time(&self, speed: f64) -> Event {
        let (now, running) = self.clock.map_or((0, false), |clock| {
            #[expect(clippy::cast_possible_truncation, reason = "saturates")]
            let since = (clock.at.elapsed().as_secs_f64() * speed * 1_000.0) as i64;
            let since = if clock.is_running { since } else { 0 };
            (clock.millis.saturating_add(since), clock.is_running)
        });
        let time = Time {
            now,
            running,
            speed,
        };
        event("time", &time)
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
        let hub = Hub::new(1.0);
        let (first, mut slow) = hub.join().unwrap();
        assert_eq!(first.len(), 2);
        for _ in 0..=MOST_BEHIND {
            hub.clear();
        }
        assert_eq!(hub.num_clients(), 0);
        let received = std::iter::from_fn(|| slow.blocking_recv());
        assert_eq!(received.count(), MOST_BEHIND);
        let mut all: Vec<_> = (0..MOST_CLIENTS + 3).filter_map(|_| hub.join()).collect();
        assert_eq!(all.len(), MOST_CLIENTS);
        // One that goes away makes room at once.
        drop(all.pop());
        assert_eq!(hub.num_clients(), MOST_CLIENTS - 1);
        all.push(hub.join().unwrap());
        hub.end();
        assert!(all[0].1.blocking_recv().is_none() && hub.join().is_none());
    }

    #[test]
    fn a_page_that_missed_a_clearing_is_told_another_run() {
        let hub = Hub::new(1.0);
        let hello = |hub: &Hub| hub.join().unwrap().0.swap_remove(0);
        let first = hello(&hub);
        assert_eq!(hello(&hub), first);
        hub.clear();
        assert_ne!(hello(&hub), first);
    }

    #[test]
    fn texts_cannot_end_an_event() {
        let event = event("show", &"a\n\nevent: hello\r\ndata: </script>");
        let text = std::str::from_utf8(&event).unwrap();
        assert_eq!(text.trim_end().lines().count(), 2);
    }
}
