use std::time::Duration;

use crate::error::Error;
use crate::origin::Origin;
use nico_comments::Format;

/// Options of fetching: what, from where and how politely. Made by `default()` and the setters.
///
/// ```
/// use std::time::Duration;
/// use nico_fetch::FetchOptions;
///
/// let options = FetchOptions::default()
///     .contact("me@example.com")
///     .max_comments(5_000)
///     .interval(Duration::from_secs(2));
/// assert!(options.user_agent().ends_with("(me@example.com)"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchOptions {
    /// The program, for `User-Agent`. Default: this crate and its version.
    pub program: String,
    /// Who runs it, for `User-Agent`: an address or page where the service can complain. Default:
    /// none.
    pub contact: Option<String>,
    /// Takes the place of all hosts. Plain `http` carries a login only to this machine. Default:
    /// the service's own.
    pub server: Option<Origin>,
    /// The language of the comments: `ja-jp`, `en-us` or `zh-tw`; each has threads of its own.
    /// Default: what the service says.
    pub language: Option<String>,
    /// Unix seconds: fetches what was visible then and nothing younger; what earlier runs left
    /// unfinished of that waits for a run without it. Default: now.
    pub until: Option<i64>,
    /// Unix seconds: goes back no further than the first page that reaches beyond. Default: to the
    /// first comment.
    pub since: Option<i64>,
    /// Asks for no more of a thread once that many of its comments are there. Default: none.
    pub max_comments: Option<u64>,
    /// Pages asked for in one run; the next run goes on there. Default: none.
    pub max_pages: Option<u64>,
    /// Asks for one page of each thread, what a viewer gets: a sample over years, without login.
    /// Default: no.
    pub sample: bool,
    /// Asks again for runs of missing numbers of at least this length; 0 never. Deleted comments
    /// are missing too, so this gives up after 5 requests without gain. Default: 10.
    pub retry_gaps_from: u64,
    /// Time between the end of a request and the next one. Default: 1 s, also the least.
    pub interval: Duration,
    /// Waits before trying again after failures that may pass; there is one more try than waits.
    /// Default: 5, 7 and 10 s.
    pub backoff: Vec<Duration>,
    /// Waits after being told that there were too many requests, unless the answer names a time.
    /// Default: 60 s.
    pub throttle_wait: Duration,
    /// The longest wait that an answer may name; a longer one is an error. Default: 15 minutes.
    pub max_wait: Duration,
    /// The format of the collection: [`Format::Xml`] or [`Format::V1Json`]. Default: XML.
    pub format: Format,
}

impl Default for FetchOptions {
    fn default() -> Self {
        Self {
            program: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
            contact: None,
            server: None,
            language: None,
            until: None,
            since: None,
            max_comments: None,
            max_pages: None,
            sample: false,
            retry_gaps_from: 10,
            interval: MIN_INTERVAL,
            backoff: [5, 7, 10].map(Duration::from_secs).to_vec(),
            throttle_wait: Duration::from_secs(60),
            max_wait: Duration::from_secs(15 * 60),
            format: Format::Xml,
        }
    }
}

/// Requests may not follow each other faster.
const MIN_INTERVAL: Duration = Duration::from_secs(1);

/// Latest date that is sent: the end of the year 9999.
const MAX_DATE: i64 = 253_402_300_799;

impl FetchOptions {
    /// Sets [`program`](Self::program).
    #[must_use]
    pub fn program(mut self, name_and_version: impl Into<String>) -> Self {
        self.program = name_and_version.into();
        self
    }

    /// Sets [`contact`](Self::contact).
    #[must_use]
    pub fn contact(mut self, contact: impl Into<String>) -> Self {
        self.contact = Some(contact.into());
        self
    }

    /// Sets [`server`](Self::server).
    #[must_use]
    pub fn server(mut self, server: impl Into<Option<Origin>>) -> Self {
        self.server = server.into();
        self
    }

    /// Sets [`language`](Self::language).
    #[must_use]
    pub fn language(mut self, language: impl Into<String>) -> Self {
        self.language = Some(language.into());
        self
    }

    /// Sets [`until`](Self::until).
    #[must_use]
    pub fn until(mut self, unix_seconds: impl Into<Option<i64>>) -> Self {
        self.until = unix_seconds.into();
        self
    }

    /// Sets [`since`](Self::since).
    #[must_use]
    pub fn since(mut self, unix_seconds: impl Into<Option<i64>>) -> Self {
        self.since = unix_seconds.into();
        self
    }

    /// Sets [`max_comments`](Self::max_comments).
    #[must_use]
    pub fn max_comments(mut self, comments: impl Into<Option<u64>>) -> Self {
        self.max_comments = comments.into();
        self
    }

    /// Sets [`max_pages`](Self::max_pages).
    #[must_use]
    pub fn max_pages(mut self, pages: impl Into<Option<u64>>) -> Self {
        self.max_pages = pages.into();
        self
    }

    /// Sets [`sample`](Self::sample).
    #[must_use]
    pub fn sample(mut self, sample: bool) -> Self {
        self.sample = sample;
        self
    }

    /// Sets [`retry_gaps_from`](Self::retry_gaps_from).
    #[must_use]
    pub fn retry_gaps_from(mut self, missing: u64) -> Self {
        self.retry_gaps_from = missing;
        self
    }

    /// Sets [`interval`](Self::interval).
    #[must_use]
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// Sets [`backoff`](Self::backoff).
    #[must_use]
    pub fn backoff(mut self, waits: impl Into<Vec<Duration>>) -> Self {
        self.backoff = waits.into();
        self
    }

    /// Sets [`throttle_wait`](Self::throttle_wait).
    #[must_use]
    pub fn throttle_wait(mut self, wait: Duration) -> Self {
        self.throttle_wait = wait;
        self
    }

    /// Sets [`max_wait`](Self::max_wait).
    #[must_use]
    pub fn max_wait(mut self, wait: Duration) -> Self {
        self.max_wait = wait;
        self
    }

    /// Sets [`format`](Self::format).
    #[must_use]
    pub fn format(mut self, format: Format) -> Self {
        self.format = format;
        self
    }

    /// What is sent as `User-Agent`: the program, and the contact in brackets.
    #[must_use]
    pub fn user_agent(&self) -> String {
        match &self.contact {
            Some(contact) => format!("{} ({contact})", self.program),
            None => self.program.clone(),
        }
    }

    /// Makes sure that what was asked for makes sense.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let header = |text: &str| {
            !text.is_empty()
                && text.len() <= 256
                && text.bytes().all(|byte| (b' '..=b'~').contains(&byte))
        };
        let language = |text: &str| {
            text.len() <= 16 && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
        };
        let date = |date: Option<i64>| date.is_none_or(|date| (0..=MAX_DATE).contains(&date));
        let in_order = self
            .since
            .zip(self.until)
            .is_none_or(|(since, until)| since <= until);
        let text = "ASCII without control characters, 1 to 256 characters, for a header";
        let checks = [
            ("program", header(&self.program), text),
            ("contact", self.contact.as_deref().is_none_or(header), text),
            (
                "interval",
                self.interval >= MIN_INTERVAL,
                "a second or more, to be polite",
            ),
            (
                "language",
                self.language.as_deref().is_none_or(language),
                "ja-jp, en-us or zh-tw",
            ),
            ("until", date(self.until), "unix seconds from 0 on"),
            ("since", date(self.since), "unix seconds from 0 on"),
            ("since", in_order, "a time before until"),
            (
                "format",
                matches!(self.format, Format::Xml | Format::V1Json),
                "xml or v1-json",
            ),
        ];
        for (option, fits, expected) in checks {
            if !fits {
                return Err(Error::Option { option, expected });
            }
        }
        Ok(())
    }
}
