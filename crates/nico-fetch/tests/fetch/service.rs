//! A comment service in memory. It speaks the protocol over threads of known comments, and
//! misbehaves as it is told.

use std::collections::{BTreeSet, VecDeque};
use std::fmt::Write;

use nico_fetch::{Method, Request, Response};

pub(crate) const SESSION: &str = "user_session_42_aVerySecretLogin";
/// What all thread keys begin with.
pub(crate) const KEY: &str = "eyJhbGciOiJIUzI1NiJ9.secretKey";
/// Now, by the clock of the service.
pub(crate) const NOW: i64 = 1_700_000_000;

/// A comment that the service holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Held {
    pub(crate) no: i64,
    pub(crate) date: i64,
    pub(crate) body: String,
}

/// A thread of the service.
#[derive(Clone, Debug)]
pub(crate) struct Thread {
    pub(crate) id: &'static str,
    pub(crate) fork: &'static str,
    /// In ascending order of number.
    pub(crate) comments: Vec<Held>,
    /// Comments there ever were.
    pub(crate) count: i64,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// Too many requests, as 429 or 400, with or without a time to wait.
    Throttle(u16, Option<u64>),
    /// The server fails.
    Status(u16),
    /// The answer ends in the middle.
    Cut,
    /// No answer: the connection breaks.
    Reset,
    /// No answer in time.
    Slow,
    /// The answer is the one before.
    Repeat,
    /// The key is too old from now on.
    Expire,
    /// The answer is a web page.
    Html,
    /// Somewhere else.
    Redirect,
    /// The connection breaks and nothing is answered ever again: stands for a kill.
    Die,
}

/// How a request ends.
#[derive(Clone, Debug)]
pub(crate) enum Reply {
    Response(Response),
    /// So many bytes of the answer, then the end.
    Cut(Response, usize),
    Reset,
    Slow,
    Die,
}

#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) threads: Vec<Thread>,
    /// Comments of a page.
    pub(crate) page: usize,
    /// Faults of the coming requests; none once they are used up.
    pub(crate) faults: VecDeque<Option<Fault>>,
    /// Keys are too old after so many pages.
    pub(crate) key_life: usize,
    /// Answers every page with the first one.
    pub(crate) endless: bool,
    /// What the service claims its server is.
    pub(crate) server: String,
    /// What the header `Date` says, if anything.
    pub(crate) date: Option<String>,
    /// Overrides the watch answer.
    pub(crate) watch: Option<Response>,
    /// Overrides every page.
    pub(crate) answer_all: Option<Response>,
    pub(crate) dead: bool,
    /// What was asked for: method and path, and the body.
    pub(crate) log: Vec<(String, String)>,
    pub(crate) pages: usize,
    keys: usize,
    key_used: usize,
    last: Option<Response>,
}

impl Service {
    pub(crate) fn new(threads: Vec<Thread>, page: usize) -> Self {
        Self {
            threads,
            page,
            faults: VecDeque::new(),
            key_life: usize::MAX - 1,
            endless: false,
            server: "https://public.nvcomment.nicovideo.jp".to_owned(),
            date: None,
            watch: None,
            answer_all: None,
            dead: false,
            log: Vec::new(),
            pages: 0,
            keys: 0,
            key_used: 0,
            last: None,
        }
    }

    /// Answers a request as a fetcher makes it.
    pub(crate) fn reply(&mut self, request: &Request) -> Reply {
        let header = |wanted: &str| {
            let (_, value) = request
                .headers
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
            Some(value.clone())
        };
        let path = format!("/{}", request.url.splitn(4, '/').nth(3).unwrap_or_default());
        self.respond(request.method, &path, &header, &request.body)
    }

    pub(crate) fn respond(
        &mut self,
        method: Method,
        path: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Reply {
        if self.dead {
            return Reply::Die;
        }
        self.log.push((
            format!("{method} {path}"),
            String::from_utf8_lossy(body).into_owned(),
        ));
        assert!(
            header("User-Agent").is_some_and(|agent| agent.starts_with("nico-fetch/")),
            "no user agent"
        );
        assert!(
            !path.contains(SESSION) && !path.contains(KEY),
            "a credential in a URL: {path}"
        );
        match self.faults.pop_front().flatten() {
            None => {}
            Some(Fault::Throttle(status, wait)) => {
                let mut answer = meta(status, "TOO_MANY_REQUESTS");
                answer
                    .headers
                    .extend(wait.map(|wait| ("Retry-After".to_owned(), wait.to_string())));
                return Reply::Response(answer);
            }
            Some(Fault::Status(status)) => {
                return Reply::Response(Response::new(status, "<html>oops</html>"));
            }
            Some(Fault::Cut) => {
                let Reply::Response(answer) = self.answer(method, path, header, body) else {
                    return Reply::Reset;
                };
                let len = answer.body.len() / 2;
                return Reply::Cut(answer, len);
            }
            Some(Fault::Reset) => return Reply::Reset,
            Some(Fault::Slow) => return Reply::Slow,
            Some(Fault::Repeat) => {
                if let Some(answer) = self.last.clone().filter(|_| path == "/v1/threads") {
                    return Reply::Response(answer);
                }
            }
            Some(Fault::Expire) => self.key_used = usize::MAX,
            Some(Fault::Html) => {
                return Reply::Response(Response::new(200, "<!DOCTYPE html><p>Maintenance"));
            }
            Some(Fault::Redirect) => {
                let answer =
                    Response::new(302, "").with_header("Location", "https://elsewhere.example/");
                return Reply::Response(answer);
            }
            Some(Fault::Die) => {
                self.dead = true;
                return Reply::Die;
            }
        }
        self.answer(method, path, header, body)
    }

    fn answer(
        &mut self,
        method: Method,
        path: &str,
        header: &dyn Fn(&str) -> Option<String>,
        body: &[u8],
    ) -> Reply {
        assert_eq!(header("X-Frontend-Id").as_deref(), Some("6"));
        assert_eq!(header("X-Frontend-Version").as_deref(), Some("0"));
        let member =
            header("Cookie").is_some_and(|cookie| cookie == format!("user_session={SESSION}"));
        let answer = match (method, path.split('?').next().unwrap()) {
            (Method::Get, "/api/watch/v3_guest/sm9") if !member => self.watch(false),
            (Method::Get, "/api/watch/v3/sm9") if member => self.watch(true),
            (Method::Get, "/v1/comment/keys/thread") => {
                assert_eq!(path, "/v1/comment/keys/thread?videoId=sm9");
                let key = self.new_key(member);
                Response::new(
                    200,
                    format!(r#"{{"meta":{{"status":200}},"data":{{"threadKey":"{key}"}}}}"#),
                )
            }
            (Method::Post, "/v1/threads") => {
                assert_eq!(header("Cookie"), None, "the comment server gets no login");
                assert_eq!(header("X-Client-Os-Type").as_deref(), Some("others"));
                assert_eq!(
                    header("Content-Type").as_deref(),
                    Some("text/plain;charset=UTF-8")
                );
                if let Some(answer) = &self.answer_all {
                    return Reply::Response(answer.clone());
                }
                self.threads_answer(&serde_json::from_slice(body).unwrap())
            }
            _ => meta(404, "NOT_FOUND"),
        };
        let date = self
            .date
            .iter()
            .map(|date| ("Date".to_owned(), date.clone()));
        Reply::Response(date.fold(answer, |answer, (name, value)| {
            answer.with_header(name, value)
        }))
    }

    fn new_key(&mut self, member: bool) -> String {
        self.keys += 1;
        self.key_used = 0;
        format!(
            "{KEY}.{}{}",
            if member { "member" } else { "guest" },
            self.keys
        )
    }

    fn watch(&mut self, member: bool) -> Response {
        if let Some(answer) = &self.watch {
            return answer.clone();
        }
        let key = self.new_key(member);
        let targets: Vec<String> = self
            .threads
            .iter()
            .map(|t| format!(r#"{{"id":"{}","fork":"{}"}}"#, t.id, t.fork))
            .collect();
        let total: i64 = self.threads.iter().map(|thread| thread.count).sum();
        let body = format!(
            r#"{{"meta":{{"status":200}},"data":{{"comment":{{"nvComment":{{"server":"{}","threadKey":"{key}",
            "params":{{"targets":[{}],"language":"ja-jp"}}}},"threads":[]}},"video":{{"id":"sm9","title":"t\ud83d",
            "count":{{"comment":{total}}}}}}}}}"#,
            self.server,
            targets.join(",")
        );
        Response::new(200, body)
    }

    fn threads_answer(&mut self, asked: &serde_json::Value) -> Response {
        let key = asked["threadKey"].as_str().unwrap();
        assert!(key.starts_with(KEY));
        self.key_used = self.key_used.saturating_add(1);
        if self.key_used > self.key_life || !key.ends_with(&self.keys.to_string()) {
            return meta(400, "EXPIRED_TOKEN");
        }
        let when = asked["additionals"]["when"].as_i64();
        if when.is_some() && key.contains("guest") {
            return meta(400, "INVALID_TOKEN");
        }
        assert_eq!(asked["params"]["language"], "ja-jp");
        let targets = asked["params"]["targets"].as_array().unwrap();
        assert_eq!(
            targets.len(),
            1,
            "threads are asked for one after the other"
        );
        let thread = self
            .threads
            .iter()
            .find(|thread| targets[0]["id"] == thread.id && targets[0]["fork"] == thread.fork)
            .expect("a thread of the watch answer");
        let when = if self.endless || thread.fork == "owner" {
            None
        } else {
            when
        };
        assert!(
            when.is_some()
                || thread.fork == "owner"
                || self.endless
                || asked["additionals"].get("when").is_none()
        );
        let visible = thread.comments.iter().rev();
        let visible = visible.filter(|comment| when.is_none_or(|when| comment.date <= when));
        let mut page: Vec<&Held> = visible.take(self.page).collect();
        page.reverse();
        let mut body = format!(
            r#"{{"meta":{{"status":200}},"data":{{"globalComments":[{{"id":"{}","count":{}}}],"threads":[{{"id":"{}","fork":"{}","commentCount":{},"comments":["#,
            thread.id, thread.count, thread.id, thread.fork, thread.count
        );
        for (
            index,
            Held {
                no,
                date,
                body: text,
            },
        ) in page.iter().enumerate()
        {
            let comma = if index > 0 { "," } else { "" };
            let posted = jiff::Timestamp::new(*date, 0)
                .unwrap()
                .display_with_offset(jiff::tz::offset(9));
            write!(
                body,
                r#"{comma}{{"id":"{}","no":{no},"vposMs":{},"body":"{text}","commands":["184"],"userId":"u{no}","isPremium":false,"score":0,"postedAt":"{posted}","nicoruCount":0,"nicoruId":null,"source":"trunk","isMyPost":false}}"#,
                1_000_000_000_000_000_000 + no,
                no * 10,
            )
            .unwrap();
        }
        body.push_str("]}]}}");
        self.pages += 1;
        let answer = Response::new(200, body);
        self.last = Some(answer.clone());
        answer
    }

    /// What can be had of all threads: comments with less than a page of higher numbers at their
    /// own second.
    pub(crate) fn reachable(&self) -> BTreeSet<(String, String, i64, i64, String)> {
        let mut all = BTreeSet::new();
        for thread in &self.threads {
            // Dates of the comments with higher numbers, in order.
            let mut dates: Vec<i64> = Vec::new();
            for Held { no, date, body } in thread.comments.iter().rev() {
                let younger = dates.partition_point(|other| other <= date);
                if thread.fork == "owner" || younger < self.page {
                    let (id, fork) = (thread.id.to_owned(), thread.fork.to_owned());
                    all.insert((id, fork, *no, *date, body.clone()));
                }
                dates.insert(younger, *date);
            }
        }
        all
    }
}

/// An answer that says no.
pub(crate) fn meta(status: u16, code: &str) -> Response {
    Response::new(
        status,
        format!(r#"{{"meta":{{"status":{status},"errorCode":"{code}"}}}}"#),
    )
}
