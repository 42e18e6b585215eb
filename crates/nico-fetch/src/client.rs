use std::ops::ControlFlow;
use std::time::Duration;

use crate::answer::Meta;
use crate::clock::Clock;
use crate::error::{Call, Error};
use crate::event::Event;
use crate::fault::Fault;
use crate::options::FetchOptions;
use crate::secret::Secret;
use crate::transport::{Request, Response, Transport, TransportError};

/// How long the observer is not asked while a request waits to be sent.
const BETWEEN_QUESTIONS: Duration = Duration::from_secs(1);

/// How often in a row a request may be told that there were too many.
const MAX_THROTTLES: usize = 10;

/// Why an answer is not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Another try may bring a better one.
    Again(Fault),
    /// It would not.
    Lasting(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Lasting(error)
    }
}

/// Sends requests one after the other: not too fast, again after failures that may pass.
pub(crate) struct Client<'a, T, C> {
    pub(crate) options: &'a FetchOptions,
    transport: &'a mut T,
    clock: &'a C,
    tell: &'a mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    secrets: Vec<Secret>,
    last: Option<Duration>,
    /// Whether the observer wants no more.
    pub(crate) cancelled: bool,
    pub(crate) requests: u64,
    pub(crate) waits: u64,
    pub(crate) waited: Duration,
}

impl<'a, T: Transport, C: Clock> Client<'a, T, C> {
    pub(crate) fn new(
        options: &'a FetchOptions,
        transport: &'a mut T,
        clock: &'a C,
        tell: &'a mut dyn FnMut(&Event<'_>) -> ControlFlow<()>,
    ) -> Self {
        Self {
            options,
            transport,
            clock,
            tell,
            secrets: Vec::new(),
            last: None,
            cancelled: false,
            requests: 0,
            waits: 0,
            waited: Duration::ZERO,
        }
    }

    pub(crate) fn unix_now(&self) -> i64 {
        self.clock.unix_now()
    }

    /// Tells what happens.
    pub(crate) fn tell(&mut self, event: &Event<'_>) {
        self.cancelled |= (self.tell)(event).is_break();
    }

    /// Guards a credential: answers that repeat it are not taken from now on.
    pub(crate) fn guard(&mut self, secret: &Secret) {
        if !self.secrets.contains(secret) {
            self.secrets.push(secret.clone());
        }
    }

    /// Whether bytes hold a credential.
    pub(crate) fn leaks(&self, bytes: &[u8]) -> bool {
        self.secrets.iter().any(|secret| secret.is_in(bytes))
    }

    /// Sends a request until `take` takes an answer or says that none will do. Redirects, failures
    /// of the server, and too many requests do not reach `take`.
    pub(crate) fn send<R>(
        &mut self,
        call: Call,
        request: &Request,
        mut take: impl FnMut(&mut Self, &Response, Option<&Meta>) -> Result<R, Refusal>,
    ) -> Result<R, Error> {
        let (mut failures, mut throttles) = (0, 0);
        loop {
            let fault = match self.send_once(request)? {
                Err(error) if error.is_transient() => error.into(),
                Err(error) => {
                    return Err(Error::Response {
                        call,
                        source: error.into(),
                    });
                }
                Ok(answer) => {
                    let status = answer.status;
                    let meta = Meta::of(&answer.body);
                    let code = meta.as_ref().and_then(|meta| meta.code.as_deref());
                    if status == 429 || code == Some("TOO_MANY_REQUESTS") {
                        let named = retry_after(&answer, self.clock.unix_now());
                        let wait = named
                            .unwrap_or(self.options.throttle_wait)
                            .max(self.options.interval);
                        throttles += 1;
                        if wait > self.options.max_wait || throttles > MAX_THROTTLES {
                            return Err(Error::Throttled { call, wait });
                        }
                        self.wait(&Fault::TooManyRequests, wait)?;
                        continue;
                    }
                    match status {
                        300..=399 => return Err(Error::Redirect { call, status }),
                        500.. => Fault::Server(status),
                        // An error message that was cut off may have been one of those that pass.
                        400.. if meta.is_none() && answer.body.starts_with(b"{") => Fault::CutOff,
                        _ => match take(self, &answer, meta.as_ref()) {
                            Ok(taken) => return Ok(taken),
                            Err(Refusal::Lasting(error)) => return Err(error),
                            Err(Refusal::Again(fault)) => fault,
                        },
                    }
                }
            };
            let Some(&wait) = self.options.backoff.get(failures) else {
                return Err(Error::GaveUp {
                    call,
                    source: fault,
                    tries: failures + 1,
                });
            };
            failures += 1;
            self.wait(&fault, wait)?;
        }
    }

    /// Sends a request, not sooner after the one before than the options allow. The inner error is
    /// the transport's.
    fn send_once(&mut self, request: &Request) -> Result<Result<Response, TransportError>, Error> {
        if let Some(last) = self.last {
            let next = last.saturating_add(self.options.interval);
            self.sleep(next.saturating_sub(self.clock.elapsed()))?;
        }
        self.requests += 1;
        let answer = self.transport.send(request);
        self.last = Some(self.clock.elapsed());
        Ok(answer)
    }

    /// Sleeps, a second at a time, and asks the observer in between.
    fn sleep(&mut self, time: Duration) -> Result<(), Error> {
        let mut left = time;
        while !left.is_zero() {
            let step = left.min(BETWEEN_QUESTIONS);
            self.clock.sleep(step);
            left -= step;
            if !left.is_zero() {
                self.tell(&Event::StillWaiting { left });
                if self.cancelled {
                    return Err(Error::Cancelled);
                }
            }
        }
        Ok(())
    }

    /// Waits, unless nothing more is wanted.
    fn wait(&mut self, fault: &Fault, time: Duration) -> Result<(), Error> {
        self.tell(&Event::Waiting { fault, time });
        if self.cancelled {
            return Err(Error::Cancelled);
        }
        self.waits += 1;
        let before = self.clock.elapsed();
        let slept = self.sleep(time);
        let passed = self.clock.elapsed().saturating_sub(before);
        // Less if it was ended.
        let waited = if slept.is_ok() {
            time
        } else {
            passed.min(time)
        };
        self.waited = self.waited.saturating_add(waited);
        slept
    }
}

/// The time that an answer asks to wait: seconds, or a date, which is taken by the clock of the
/// server if it tells the time.
fn retry_after(answer: &Response, now: i64) -> Option<Duration> {
    let text = answer.header("Retry-After")?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let then = http_date(text)?;
    let now = answer.header("Date").and_then(http_date).unwrap_or(now);
    Some(Duration::from_secs(
        u64::try_from(then.saturating_sub(now)).unwrap_or(0),
    ))
}

/// Unix seconds of a date in a header.
pub(crate) fn http_date(text: &str) -> Option<i64> {
    let time = jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()?;
    Some(time.as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_to_wait_are_seconds_or_dates() {
        let wait = |value: &str| {
            retry_after(
                &Response::new(429, "").with_header("Retry-After", value),
                784_111_700,
            )
            .map(|time| time.as_secs())
        };
        assert_eq!(wait("120"), Some(120));
        assert_eq!(wait("Sun, 06 Nov 1994 08:49:37 GMT"), Some(77));
        assert_eq!(wait("Wed, 06 Nov 1974 08:49:37 GMT"), Some(0));
        assert_eq!(wait("soon"), None);
        assert_eq!(wait("-5"), None);
        let answer = Response::new(429, "")
            .with_header("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT")
            .with_header("Date", "Sun, 06 Nov 1994 08:49:00 GMT");
        assert_eq!(retry_after(&answer, 0), Some(Duration::from_secs(37)));
    }
}
