//! Fetching from a service that is not what one would wish for: in memory with a clock that does
//! not wait, and on a socket.
#![expect(clippy::unwrap_used, reason = "helpers of tests may panic as tests do")]

mod faults;
mod hostile;
mod past_log;
mod resume;
mod service;
mod socket;
mod whole;
mod world;
