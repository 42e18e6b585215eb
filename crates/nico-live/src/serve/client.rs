//! A page that is told what happens.

use std::time::Duration;

use tokio::{sync::mpsc::Receiver, time::timeout};

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
    loop {
        let event = match timeout(EVERY, events.recv()).await {
            Ok(Some(event)) => event,
            Ok(None) => return,
            Err(_) => hub.time(),
        };
        if page.send_data(event).await.is_err() {
            return;
        }
    }
}
