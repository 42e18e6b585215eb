//! A page that is told what happens.

use std::time::Duration;

use tokio::{
    sync::mpsc::Receiver,
    time::{Instant, timeout_at},
};

use super::{
    body::BodySender,
    hub::{Event, Hub},
};

/// How often a page is told the time.
const EVERY: Duration = Duration::from_secs(1);
/// What comes first: a page that loses the connection asks again after so many milliseconds.
const AGAIN: &[u8] = b"retry: 1000\n\n";

/// Sends events until the page goes away, is too far behind, or the server ends.
pub(super) async fn serve(
    mut page: BodySender,
    hub: &Hub,
    first: Vec<Event>,
    mut events: Receiver<Event>,
) {
    let again = Event::from_static(AGAIN);
    for event in std::iter::once(again).chain(first) {
        if page.send_data(event).await.is_err() {
            return;
        }
    }
    let mut next = Instant::now() + EVERY; // also while much else is told
    loop {
        let event = match timeout_at(next, events.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(_) => {
                next = Instant::now() + EVERY;
                hub.time()
            }
        };
        if page.send_data(event).await.is_err() {
            return;
        }
    }
}
