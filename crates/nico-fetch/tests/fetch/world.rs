//! What the tests share: a clock that does not wait, a transport in memory, comments to hold, and
//! what a folder holds after it.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use nico_comments::{Comments, ReadOptions};
use nico_fetch::{
    Clock, Error, Event, FetchOptions, Fetcher, Report, Request, Response, Session, Transport,
    TransportError, VideoId,
};

use crate::service::{Held, KEY, NOW, Reply, SESSION, Service, Thread};

/// Passes time by being asked to wait.
#[derive(Clone, Debug, Default)]
pub(crate) struct FakeClock {
    millis: Arc<AtomicU64>,
    /// How wrong the time of day is, in seconds.
    pub(crate) wrong: Arc<AtomicI64>,
}

impl Clock for FakeClock {
    fn unix_now(&self) -> i64 {
        NOW + i64::try_from(self.elapsed().as_secs()).unwrap() + self.wrong.load(Ordering::SeqCst)
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.millis.load(Ordering::SeqCst))
    }

    fn sleep(&self, time: Duration) {
        self.millis
            .fetch_add(u64::try_from(time.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

/// A service without a network.
#[derive(Clone)]
pub(crate) struct Memory {
    pub(crate) service: Arc<Mutex<Service>>,
    clock: FakeClock,
    /// When requests were sent.
    pub(crate) times: Vec<Duration>,
}

/// Without the log, which the service may keep with all its keys.
impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Transport for Memory {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        self.times.push(self.clock.elapsed());
        match self.service.lock().unwrap().reply(request) {
            Reply::Response(answer) => Ok(answer),
            Reply::Cut(mut answer, len) => {
                answer.body.truncate(len);
                Ok(answer)
            }
            Reply::Reset => Err(TransportError::transient("connection reset")),
            Reply::Slow => Err(TransportError::transient("no whole answer in time")),
            Reply::Die => Err(TransportError::permanent("killed")),
        }
    }
}

/// A service, a clock and a folder.
pub(crate) struct World {
    pub(crate) clock: FakeClock,
    pub(crate) memory: Memory,
    pub(crate) folder: tempfile::TempDir,
    pub(crate) options: FetchOptions,
    pub(crate) session: Option<Session>,
    /// Everything that was told or failed, as text.
    pub(crate) said: String,
}

impl World {
    pub(crate) fn new(service: Service) -> Self {
        let clock = FakeClock::default();
        let service = Arc::new(Mutex::new(service));
        Self {
            memory: Memory {
                service,
                clock: clock.clone(),
                times: Vec::new(),
            },
            clock,
            folder: folder(),
            options: FetchOptions::default(),
            session: Some(Session::new(SESSION).unwrap()),
            said: String::new(),
        }
    }

    pub(crate) fn service(&self) -> std::sync::MutexGuard<'_, Service> {
        self.memory.service.lock().unwrap()
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn fetch(&mut self) -> Result<Report, Error> {
        self.fetch_until(usize::MAX)
    }

    /// Cancels when the last of so many pages is told of.
    pub(crate) fn fetch_until(&mut self, pages: usize) -> Result<Report, Error> {
        let mut told = 0;
        self.fetch_telling(|event| {
            told += usize::from(matches!(event, Event::Page { .. }));
            told >= pages
        })
    }

    /// Cancels when `stop` says so.
    pub(crate) fn fetch_telling(
        &mut self,
        mut stop: impl FnMut(&Event<'_>) -> bool,
    ) -> Result<Report, Error> {
        let mut fetcher = Fetcher::new(self.options.clone())
            .session(self.session.clone())
            .transport(&mut self.memory)
            .clock(self.clock.clone());
        let mut said = String::new();
        let video: VideoId = "sm9".parse().unwrap();
        let result = fetcher.fetch(&video, self.folder.path(), &mut |event| {
            said.push_str(&format!("{event:?}\n"));
            if stop(event) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        self.said.push_str(&format!("{fetcher:?}"));
        self.said.push_str(&said);
        if let Err(error) = &result {
            self.said.push_str(&format!("{} {error:?}\n", chain(error)));
        }
        result
    }

    /// What the collection holds. No comment of it may be there twice.
    pub(crate) fn collected(&self) -> BTreeSet<(String, String, i64, i64, String)> {
        collected(&self.path().join("comments.xml"))
    }

    /// Makes sure that the collection is what can be had, and that nothing secret is anywhere.
    pub(crate) fn check(&self) {
        let (found, expected) = (self.collected(), self.service().reachable());
        let lacking: Vec<_> = expected.difference(&found).take(5).collect();
        let beyond: Vec<_> = found.difference(&expected).take(5).collect();
        assert!(
            lacking.is_empty() && beyond.is_empty(),
            "lacking {lacking:?}, too much {beyond:?}"
        );
        self.check_secrets();
    }

    /// Makes sure that no file and nothing that was said holds a credential.
    pub(crate) fn check_secrets(&self) {
        let secrets = [SESSION, "aVerySecretLogin", KEY, "secretKey"];
        for secret in secrets {
            assert!(!self.said.contains(secret), "said {secret}");
        }
        for path in files(self.path()) {
            let bytes = std::fs::read(&path).unwrap();
            for secret in secrets {
                let found = memchr::memmem::find(&bytes, secret.as_bytes());
                assert!(found.is_none(), "{} holds {secret}", path.display());
            }
        }
    }
}

/// What an error and its causes say.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let said: Vec<_> = causes.map(ToString::to_string).collect();
    said.join(": ")
}

/// A folder of its own; in memory where the system offers that, because every page waits for the
/// disk.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm")
        .or_else(|_| tempfile::tempdir())
        .unwrap()
}

/// The comments of a collection, each of which is there once.
pub(crate) fn collected(path: &Path) -> BTreeSet<(String, String, i64, i64, String)> {
    let mut all = BTreeSet::new();
    for comment in Comments::open(path, ReadOptions::default()).unwrap() {
        let comment = comment.unwrap();
        let fork = comment.fork.as_str().to_owned();
        let key = (
            comment.thread.unwrap(),
            fork,
            comment.no.unwrap(),
            comment.date.unwrap(),
            comment.body,
        );
        assert!(all.insert(key.clone()), "{key:?} is there twice");
    }
    all
}

/// All files below a folder.
pub(crate) fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path))
        } else {
            found.push(path)
        }
    }
    found.sort();
    found
}

/// Numbers that look random, the same for the same seed.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// A number below `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % end
    }
}

/// A thread of `count` comments up to now, some of a second together, some deleted, a few of dates
/// long gone.
pub(crate) fn thread(
    id: &'static str,
    fork: &'static str,
    count: i64,
    random: &mut Random,
) -> Thread {
    let mut date = NOW - count * 600;
    let mut comments = Vec::new();
    for no in 1..=count {
        date += [0, 0, 1, 7, 900][usize::try_from(random.below(5)).unwrap()];
        let stray = fork != "owner" && random.below(300) == 0;
        let deleted = random.below(20) == 0 || (400..425).contains(&no);
        if !deleted {
            let date = if stray { date - 100_000_000 } else { date };
            comments.push(Held {
                no,
                date,
                body: format!("{fork} {no} 草\\n&<"),
            });
        }
    }
    for comment in &mut comments {
        comment.body = comment.body.replace("\\n", "");
    }
    Thread {
        id,
        fork,
        comments,
        count,
    }
}

/// The threads of a video: the owner's, the viewers', the easy ones.
pub(crate) fn threads(main: i64, seed: u64) -> Vec<Thread> {
    let mut random = Random(seed);
    vec![
        thread("1000", "owner", 30, &mut random),
        thread("1000", "main", main, &mut random),
        thread("1001", "easy", main / 5, &mut random),
    ]
}
