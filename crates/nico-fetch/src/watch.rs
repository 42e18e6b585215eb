use std::hash::{BuildHasher, Hasher, RandomState};

use serde::Deserialize;
use serde_json::json;

use crate::answer::{Meta, Scalar, parse};
use crate::client::{Client, Refusal, http_date};
use crate::clock::Clock;
use crate::error::{Call, Error};
use crate::fault::Fault;
use crate::options::FetchOptions;
use crate::origin::Origin;
use crate::secret::{Secret, Session};
use crate::transport::{Method, Request, Response, Transport};
use crate::video::VideoId;
use nico_comments::Fork;

/// Threads of a video that are believed. A video has a handful.
const MAX_THREADS: usize = 64;

/// A thread to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) id: String,
    pub(crate) fork: Fork,
}

/// What the watch call says of the comments of a video.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) targets: Vec<Target>,
    pub(crate) comments: u64,
    pub(crate) server: Origin,
    pub(crate) key: Secret,
    language: String,
    /// The time, by the later of both clocks.
    pub(crate) now: i64,
}

/// The hosts that requests go to (`docs/spec/comment-formats.md`, section 6.2).
#[derive(Clone, Debug)]
pub(crate) struct Hosts {
    www: Origin,
    api: Origin,
    only: Option<Origin>,
}

impl Hosts {
    pub(crate) fn new(options: &FetchOptions, session: Option<&Session>) -> Result<Self, Error> {
        let host = |host: &str| {
            options
                .server
                .clone()
                .unwrap_or_else(|| Origin::https(host))
        };
        let hosts = Self {
            www: host("www.nicovideo.jp"),
            api: host("nvapi.nicovideo.jp"),
            only: options.server.clone(),
        };
        match &hosts.only {
            Some(only) if session.is_some() && !only.is_https() && !only.is_loopback() => {
                Err(Error::OpenConnection(only.to_string()))
            }
            _ => Ok(hosts),
        }
    }

    /// The comment server that an answer names, if it may be asked. Instead of another host than
    /// the only one, that one is.
    fn comment_server(&self, named: Option<&str>) -> Result<Origin, Error> {
        let named = named.and_then(|named| named.parse::<Origin>().ok());
        match (&self.only, named) {
            (Some(only), Some(named))
                if named.host() == only.host() && named.is_https() == only.is_https() =>
            {
                Ok(named)
            }
            (Some(only), _) => Ok(only.clone()),
            (None, Some(named)) if named.is_of_the_service() => Ok(named),
            (None, _) => Err(Error::ForeignServer),
        }
    }
}

/// Asks for the comments of a video: threads, server and key.
pub(crate) fn watch<T: Transport, C: Clock>(
    client: &mut Client<'_, T, C>,
    hosts: &Hosts,
    session: Option<&Session>,
    video: &VideoId,
) -> Result<Watch, Error> {
    let version = if session.is_some() { "v3" } else { "v3_guest" };
    let track = format!("{}_{}", track_id(), i128::from(client.unix_now()) * 1000);
    let url = format!(
        "{}/api/watch/{version}/{video}?actionTrackId={track}",
        hosts.www
    );
    let request = frontend(client.options, Request::new(Method::Get, url), session);
    client.send(Call::Watch, &request, |client, answer, meta| {
        accept_watch(client, hosts, video, answer, meta)
    })
}

fn accept_watch<T: Transport, C: Clock>(
    client: &mut Client<'_, T, C>,
    hosts: &Hosts,
    video: &VideoId,
    answer: &Response,
    meta: Option<&Meta>,
) -> Result<Watch, Refusal> {
    let data: Option<WatchAnswer> = parse(&answer.body);
    if answer.status != 200 || meta.is_some_and(|meta| meta.status != Some(200)) {
        let error = Error::Video {
            video: video.to_string(),
            reason: data.and_then(|answer| answer.data.reason_code.code()),
            code: meta.and_then(|meta| meta.code.clone()),
            status: answer.status,
        };
        return Err(error.into());
    }
    let Some(WatchAnswer { data }) = data else {
        return Err(Refusal::Again(Fault::Malformed));
    };
    let Some(nv_comment) = data.comment.nv_comment else {
        return Err(Error::NoComments(video.to_string()).into());
    };
    let wrong = |source| Error::Response {
        call: Call::Watch,
        source,
    };
    let key = nv_comment
        .thread_key
        .as_str()
        .and_then(Secret::new)
        .ok_or_else(|| wrong(Fault::NoKey))?;
    client.guard(&key);
    let targets = nv_comment.params.targets;
    if targets.len() > MAX_THREADS {
        return Err(wrong(Fault::TooManyThreads).into());
    }
    let mut found: Vec<Target> = Vec::new();
    for target in targets {
        let target = target
            .check()
            .ok_or_else(|| wrong(Fault::MalformedThread))?;
        if !found.contains(&target) {
            found.push(target);
        }
    }
    if found.is_empty() {
        return Err(wrong(Fault::NoThreads).into());
    }
    let language = nv_comment.params.language.as_str().unwrap_or_default();
    let known = ["ja-jp", "en-us", "zh-tw"]
        .into_iter()
        .find(|known| *known == language);
    let now = client
        .unix_now()
        .max(answer.header("Date").and_then(http_date).unwrap_or(0));
    Ok(Watch {
        targets: found,
        comments: data.video.count.comment.integer().unwrap_or(0),
        server: hosts.comment_server(nv_comment.server.as_str())?,
        key,
        language: client
            .options
            .language
            .clone()
            .unwrap_or_else(|| known.unwrap_or("ja-jp").to_owned()),
        now,
    })
}

/// Asks for a new thread key.
pub(crate) fn new_key<T: Transport, C: Clock>(
    client: &mut Client<'_, T, C>,
    hosts: &Hosts,
    session: Option<&Session>,
    video: &VideoId,
) -> Result<Secret, Error> {
    let url = format!("{}/v1/comment/keys/thread?videoId={video}", hosts.api);
    let request = frontend(client.options, Request::new(Method::Get, url), session);
    client.send(Call::Key, &request, |client, answer, meta| {
        let key: Option<KeyAnswer> = parse(&answer.body);
        if answer.status != 200 || meta.is_some_and(|meta| meta.status != Some(200)) {
            return Err(refused(Call::Key, answer, meta).into());
        }
        let key = key.and_then(|answer| answer.data.thread_key.as_str().and_then(Secret::new));
        let key = key.ok_or(Refusal::Again(Fault::NoKey))?;
        client.guard(&key);
        Ok(key)
    })
}

/// The request for a page of a thread: the state at `when`, or what a viewer gets.
pub(crate) fn page_request(
    options: &FetchOptions,
    watch: &Watch,
    target: &Target,
    when: Option<i64>,
) -> Request {
    let additionals = when.map_or_else(
        || json!({}),
        |when| json!({ "when": when, "res_from": -1000 }),
    );
    let body = json!({
        "params": {
            "targets": [{ "id": target.id, "fork": target.fork.as_str() }],
            "language": watch.language,
        },
        "threadKey": watch.key.reveal(),
        "additionals": additionals,
    });
    let mut request = Request::new(Method::Post, format!("{}/v1/threads", watch.server));
    request = frontend(options, request, None); // the key says enough
    request
        .headers
        .push(("X-Client-Os-Type", "others".to_owned()));
    request
        .headers
        .push(("Content-Type", "text/plain;charset=UTF-8".to_owned()));
    request.body = body.to_string().into_bytes();
    request
}

/// The error of an answer that says no.
pub(crate) fn refused(call: Call, answer: &Response, meta: Option<&Meta>) -> Error {
    Error::Refused {
        call,
        status: answer.status,
        code: meta.and_then(|meta| meta.code.clone()),
    }
}

fn frontend(options: &FetchOptions, mut request: Request, session: Option<&Session>) -> Request {
    let headers = [
        ("User-Agent", options.user_agent()),
        ("X-Frontend-Id", "6".to_owned()),
        ("X-Frontend-Version", "0".to_owned()),
    ];
    request.headers.extend(headers);
    if let Some(Session(secret)) = session {
        request
            .headers
            .push(("Cookie", format!("user_session={}", secret.reveal())));
    }
    request
}

/// Ten letters and digits, others each time. They say nothing; the service wants them.
fn track_id() -> String {
    const LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
    let mut random = RandomState::new().build_hasher().finish();
    let mut letter = || {
        let letter = LETTERS[usize::try_from(random % 36).unwrap_or_default()];
        random /= 36;
        char::from(letter)
    };
    (0..10).map(|_| letter()).collect()
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct WatchAnswer {
    data: WatchData,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct WatchData {
    reason_code: Scalar,
    comment: CommentData,
    video: VideoData,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct CommentData {
    nv_comment: Option<NvComment>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct NvComment {
    server: Scalar,
    thread_key: Scalar,
    params: Params,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Params {
    #[serde(deserialize_with = "crate::answer::first_elements")]
    targets: Vec<TargetFound>,
    language: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TargetFound {
    id: Scalar,
    fork: Scalar,
}

impl TargetFound {
    fn check(&self) -> Option<Target> {
        let plain = |text: &str, max: usize| {
            (1..=max).contains(&text.len())
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
        };
        let id = self.id.text().filter(|id| plain(id, 32))?;
        let fork = self.fork.as_str().filter(|fork| plain(fork, 32))?;
        Some(Target {
            id,
            fork: Fork::parse(fork),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct VideoData {
    count: CountData,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct CountData {
    comment: Scalar,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyAnswer {
    data: KeyData,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct KeyData {
    thread_key: Scalar,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_server_stays_within_the_service_or_the_override() {
        let hosts = Hosts::new(&FetchOptions::default(), None).unwrap();
        let named = |hosts: &Hosts, name: &str| {
            hosts
                .comment_server(Some(name))
                .map(|origin| origin.to_string())
                .ok()
        };
        assert_eq!(
            named(&hosts, "https://public.nvcomment.nicovideo.jp").as_deref(),
            Some("https://public.nvcomment.nicovideo.jp")
        );
        assert_eq!(named(&hosts, "https://example.com"), None);
        assert_eq!(named(&hosts, "http://public.nvcomment.nicovideo.jp"), None);
        let options =
            FetchOptions::default().server("http://127.0.0.1:81".parse::<Origin>().unwrap());
        let hosts = Hosts::new(&options, None).unwrap();
        assert_eq!(
            named(&hosts, "http://127.0.0.1:82").as_deref(),
            Some("http://127.0.0.1:82")
        );
        assert_eq!(
            named(&hosts, "https://public.nvcomment.nicovideo.jp").as_deref(),
            Some("http://127.0.0.1:81")
        );
        assert_eq!(
            named(&hosts, "nonsense").as_deref(),
            Some("http://127.0.0.1:81")
        );
    }

    #[test]
    fn a_login_does_not_travel_in_the_open() {
        let session = Session::new("user_session_1_2").unwrap();
        let hosts = |server: &str| {
            Hosts::new(
                &FetchOptions::default().server(server.parse::<Origin>().unwrap()),
                Some(&session),
            )
        };
        assert!(hosts("http://example.com").is_err());
        assert!(hosts("https://example.com").is_ok() && hosts("http://localhost:8000").is_ok());
    }

    #[test]
    fn track_ids_are_letters_and_digits() {
        let id = track_id();
        assert!(
            id.len() == 10 && id.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            "{id}"
        );
    }
}
