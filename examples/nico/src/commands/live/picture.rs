//! The moving picture: read on a thread of its own, which may wait for ever.

use std::{
    path::{Path, PathBuf},
    sync::{
        Arc,
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
    time::{Duration, Instant},
};

use overlay_render::{LiveFrame, LiveInput, LiveSound, LiveStreams};

use super::shared::Shared;
use crate::failure::{Outcome, one_line};

/// Pictures and packets that wait to be shown.
const AHEAD: usize = 8;
/// How long an address is waited for before it is tried again.
const AGAIN: Duration = Duration::from_secs(1);

/// What comes of the picture.
pub(super) enum Item {
    /// It is there, for the first time or again.
    Opened(Box<LiveStreams>),
    Frame(Box<LiveFrame>),
    Sound(LiveSound),
    /// Something that the user should know.
    Note(String),
    /// There is no more of it; the failure, if it is one.
    End(Outcome),
}

/// Opens the source, and reads it on a thread of its own. An address that ends or breaks off is
/// tried again for `wait`, unless it has said how long it is and ends without a failure.
///
/// The thread is left behind at the program's end: a pipe may never say anything again.
pub(super) fn start(shared: &Arc<Shared>, name: &Path, wait: Duration) -> Outcome<Receiver<Item>> {
    let input = LiveInput::open(name, shared.stop_flag())?;
    let (items, receiver) = sync_channel(AHEAD);
    let reader = Reader {
        shared: Arc::clone(shared),
        name: name.to_owned(),
        wait,
        items,
    };
    thread::spawn(move || {
        let ended = reader.read_all(input);
        drop(reader.items.send(Item::End(ended))); // nobody listens any more
    });
    Ok(receiver)
}

/// Whether a source that has ended so may come again: an address, but for one that said how long it
/// is in seconds (else 0), as a film does, and is at its end.
fn comes_again(name: &Path, length: f64, ended: &Outcome) -> bool {
    let is_over = length > 0.0 && ended.is_ok();
    name.to_str().is_some_and(|name| name.contains("://")) && !is_over
}

struct Reader {
    shared: Arc<Shared>,
    name: PathBuf,
    wait: Duration,
    items: SyncSender<Item>,
}

impl Reader {
    fn read_all(&self, input: LiveInput) -> Outcome {
        let mut input = Some(input);
        loop {
            let Some(opened) = input.take() else {
                return Ok(());
            };
            let length = opened.seconds();
            let ended = self.read(opened);
            let comes_again = comes_again(&self.name, length, &ended);
            if !comes_again || self.shared.is_stopped() || self.wait.is_zero() {
                return ended;
            }
            let why = ended.as_ref().err().map_or("ended".to_owned(), one_line);
            let name = overlay_render::shown_address(&self.name);
            self.note(format!(
                "{name}: {why}; it is tried again for {:.0} s",
                self.wait.as_secs_f64()
            ));
            input = self.open_again();
            if input.is_none() {
                return ended;
            }
            self.note(format!("{name}: is there again"));
        }
    }

    fn open_again(&self) -> Option<LiveInput> {
        let start = Instant::now();
        while start.elapsed() < self.wait && !self.shared.is_stopped() {
            thread::sleep(AGAIN.min(self.wait));
            if let Ok(input) = LiveInput::open(&self.name, self.shared.stop_flag()) {
                return Some(input);
            }
        }
        None
    }

    /// Reads to the end.
    fn read(&self, mut input: LiveInput) -> Outcome {
        let opened = Item::Opened(Box::new(input.streams()));
        if self.items.send(opened).is_err() {
            return Ok(());
        }
        while let Some(item) = input.next_item()? {
            let item = match item {
                overlay_render::LiveItem::Frame(frame) => Item::Frame(Box::new(frame)),
                overlay_render::LiveItem::Sound(sound) => Item::Sound(sound),
                _ => continue,
            };
            if self.shared.is_stopped() || self.items.send(item).is_err() {
                return Ok(());
            }
        }
        if input.broken_packets() > 0 {
            let (name, broken) = (
                overlay_render::shown_address(&self.name),
                input.broken_packets(),
            );
            self.note(format!("{name}: {broken} packets could not be decoded"));
        }
        Ok(())
    }

    fn note(&self, text: String) {
        drop(self.items.send(Item::Note(text))); // nobody listens any more
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn films_are_over_at_their_end_and_streams_come_again() {
        let again = |name: &str, length, ended| comes_again(Path::new(name), length, &ended);
        let broken = || Err(anyhow::anyhow!("broken off"));
        assert!(!again("http://host/film.mp4", 90.0, Ok(())));
        assert!(again("http://host/film.mp4", 90.0, broken()));
        assert!(again("rtmp://host/stream", 0.0, Ok(())));
        assert!(again("rtmp://host/stream", 0.0, broken()));
        assert!(!again("film.mp4", 90.0, broken()) && !again("-", 0.0, Ok(())));
    }
}
