//! A page that is told what happens.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, RecvTimeoutError},
    time::Duration,
};

use super::hub::{Event, Hub};

/// How often a page is told the time.
const EVERY: Duration = Duration::from_secs(1);
/// Head of the answer; it ends with the connection. A page that loses it asks again after a second.
const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-store\r\n\
    X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\nretry: 1000\n\n";

/// Sends events until the page goes away, is too far behind, or the server ends.
pub(super) fn serve(
    out: &mut dyn Write,
    hub: &Hub,
    first: Vec<Event>,
    events: &Receiver<Event>,
) -> io::Result<()> {
    out.write_all(HEAD.as_bytes())?;
    for event in first {
        out.write_all(&event)?;
    }
    out.flush()?;
    loop {
        match events.recv_timeout(EVERY) {
            Ok(event) => out.write_all(&event)?,
            Err(RecvTimeoutError::Timeout) => out.write_all(&hub.time())?,
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
        out.flush()?;
    }
}
