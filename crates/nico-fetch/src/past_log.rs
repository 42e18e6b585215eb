//! Past logs of broadcasts (Jikkyo), from the archive's API (`docs/spec/comment-formats.md`,
//! section 1.3).

use std::collections::HashSet;
use std::io;
use std::ops::Range;

use crate::channel::Channel;
use crate::client::{Client, Refusal};
use crate::clock::Clock;
use crate::error::{Call, Error};
use crate::event::Event;
use crate::fault::Fault;
use crate::numbers::content_key;
use crate::origin::Origin;
use crate::report::{End, Report, ThreadReport};
use crate::store::{Folder, Found, Kind, PageRecord, State, ThreadRecord};
use crate::transport::{Method, Request, Transport};
use crate::watch::refused;
use nico_comments::{
    Comment, Comments, ErrorKind, Fork, Format, ReadOptions, WriteOptions, XmlWriter, write_whole,
};

/// The longest time that one answer may cover: three days, in seconds.
const WINDOW: i64 = 3 * 24 * 60 * 60;

/// The collection's file.
const COLLECTION: &str = "comments.xml";

/// Where the archive is.
const ARCHIVE: &str = "jikkyo.tsukumijima.net";

/// Fetches what lacks of a past log, window by window, and leaves collection and report.
pub(crate) fn run<T: Transport, C: Clock>(
    mut client: Client<'_, T, C>,
    channel: &Channel,
    time: Range<i64>,
    folder: &Folder,
) -> Result<Report, Error> {
    if client.options.format != Format::Xml {
        return Err(Error::Option {
            option: "format",
            expected: "xml, the format in which past logs of broadcasts come",
        });
    }
    folder.check_place(COLLECTION)?;
    let source = format!("{channel} {}..{}", time.start, time.end);
    let (mut state, mut damaged) = (State::new(Kind::PastLog, &source), 0);
    match folder.load(Kind::PastLog, &source)? {
        Found::Nothing => {}
        Found::State(found) => state = found,
        Found::Damaged(path, fault) => {
            damaged += 1;
            client.tell(&Event::Damaged {
                path: &path,
                fault: &fault,
            });
            if client.cancelled {
                return Err(Error::Damaged {
                    path,
                    source: fault,
                });
            }
        }
    }
    if state.threads.is_empty() {
        state.threads.push(ThreadRecord {
            id: channel.to_string(),
            fork: Fork::Main.as_str().to_owned(),
        });
    }
    let windows: Vec<Range<i64>> = windows(&time).collect();
    client.tell(&Event::Planned {
        threads: 1,
        comments: 0,
        collected: 0,
        requests: windows.len().saturating_sub(state.pages.len()) as u64,
    });
    let mut sum = Sum::default();
    let mut pages_left = client.options.max_pages.unwrap_or(u64::MAX);
    let mut end = End::OnePage;
    for (index, window) in windows.iter().enumerate() {
        let file = u32::try_from(index + 1).unwrap_or(u32::MAX);
        if let Some(record) = state.pages.get(index) {
            let saved = folder.load_page(Kind::PastLog, record)?;
            match saved.and_then(|body| sum.add(&body, window)) {
                Ok(_) => continue,
                Err(fault) => {
                    damaged += 1;
                    let path = folder.page_path(Kind::PastLog, file);
                    client.tell(&Event::Damaged {
                        path: &path,
                        fault: &fault,
                    });
                }
            }
        }
        if client.cancelled || pages_left == 0 {
            end = End::Unfinished;
            state.pages.truncate(index);
            break;
        }
        let body = match page(&mut client, folder, channel, window, file) {
            Err(Error::Cancelled) => {
                end = End::Unfinished;
                state.pages.truncate(index);
                break;
            }
            body => body?,
        };
        pages_left -= 1;
        let new = sum.add(&body, window).map_err(|source| Error::Response {
            call: Call::PastLog,
            source,
        })?;
        let record = PageRecord::new(
            file,
            0,
            (index == 0).then_some(0),
            Some(window.start),
            &body,
        );
        match state.pages.get_mut(index) {
            Some(old) => *old = record,
            None => state.pages.push(record),
        }
        folder.save(&state)?;
        client.tell(&Event::Page {
            thread: channel.as_str(),
            fork: &Fork::Main,
            page: file,
            when: Some(window.start),
            new,
            collected: sum.comments,
            expected: None,
        });
    }
    folder.claim(COLLECTION)?;
    assemble(folder, &state, &windows)?;
    let other = folder.remove_other(COLLECTION)?;
    let report = Report {
        source,
        file: COLLECTION.to_owned(),
        other_collection: other.map(ToOwned::to_owned),
        threads: vec![ThreadReport {
            thread: channel.to_string(),
            fork: Fork::Main.as_str().to_owned(),
            expected: None,
            collected: sum.comments,
            duplicates: sum.duplicates,
            rejected: sum.rejected,
            missing: Vec::new(),
            possible_gaps: Vec::new(),
            pages: state.pages.len() as u64,
            end,
        }],
        cancelled: client.cancelled,
        requests: client.requests,
        waits: client.waits,
        waited: client.waited,
        damaged,
    };
    folder.save_report(&report)?;
    Ok(report)
}

/// Three days each, the last one shorter. The end of one is the start of the next: whether the
/// archive counts the last second in, it does not say.
fn windows(time: &Range<i64>) -> impl Iterator<Item = Range<i64>> + use<> {
    let end = time.end;
    let mut start = time.start;
    std::iter::from_fn(move || {
        let window = start..end.min(start.saturating_add(WINDOW));
        start = window.end;
        (!window.is_empty()).then_some(window)
    })
}

/// Asks for a window and saves the answer before it is read.
fn page<T: Transport, C: Clock>(
    client: &mut Client<'_, T, C>,
    folder: &Folder,
    channel: &Channel,
    window: &Range<i64>,
    file: u32,
) -> Result<Vec<u8>, Error> {
    let server = client
        .options
        .server
        .clone()
        .unwrap_or_else(|| Origin::https(ARCHIVE));
    let Range { start, end } = window;
    let url = format!("{server}/api/kakolog/{channel}?starttime={start}&endtime={end}&format=xml");
    let mut request = Request::new(Method::Get, url);
    request
        .headers
        .push(("User-Agent", client.options.user_agent()));
    client.send(Call::PastLog, &request, |_, answer, meta| {
        if answer.status != 200 {
            return Err(refused(Call::PastLog, answer, meta).into());
        }
        folder.save_page(Kind::PastLog, file, &answer.body)?;
        if is_refusal(&answer.body) {
            return Err(Error::Response {
                call: Call::PastLog,
                source: Fault::ArchiveRefuses,
            }
            .into());
        }
        Sum::default()
            .add(&answer.body, window)
            .map_err(Refusal::Again)?;
        Ok(answer.body.clone())
    })
}

/// Whether the answer is an error message.
fn is_refusal(body: &[u8]) -> bool {
    let mut comments = Comments::new(body, ReadOptions::default());
    comments.any(|item| item.is_err_and(|error| matches!(error.kind(), ErrorKind::Service(_))))
}

/// What was collected, counted without being held.
#[derive(Default)]
struct Sum {
    comments: u64,
    duplicates: u64,
    rejected: u64,
    shared: SharedSecond,
}

impl Sum {
    /// Counts a window's answer; `Err` says why it is none.
    fn add(&mut self, body: &[u8], window: &Range<i64>) -> Result<u64, Fault> {
        if memchr::memmem::find(body, b"</packet>").is_none()
            && memchr::memmem::find(body, b"<packet/>").is_none()
        {
            return Err(Fault::CutOff);
        }
        let before = self.comments;
        let mut comments = Comments::new(body, ReadOptions::default());
        for comment in comments.by_ref() {
            match comment {
                Ok(comment) if self.shared.is_new(&comment, window) => self.comments += 1,
                Ok(_) => self.duplicates += 1,
                Err(error) if error.is_fatal() => {
                    return Err(Fault::Malformed);
                }
                Err(_) => self.rejected += 1,
            }
        }
        self.shared.close();
        Ok(self.comments - before)
    }
}

/// Tells repeats in the second that two windows share from comments that are alike.
#[derive(Default)]
struct SharedSecond {
    before: HashSet<String>,
    now: HashSet<String>,
}

impl SharedSecond {
    /// Whether a comment was not in the window before.
    fn is_new(&mut self, comment: &Comment, window: &Range<i64>) -> bool {
        if comment.date == Some(window.end) {
            self.now.insert(content_key(comment));
        }
        comment.date != Some(window.start) || !self.before.contains(&content_key(comment))
    }

    fn close(&mut self) {
        self.before = std::mem::take(&mut self.now);
    }
}

fn assemble(folder: &Folder, state: &State, windows: &[Range<i64>]) -> Result<(), Error> {
    let mut failure = None;
    let written = write_whole(folder.path(COLLECTION), |out| {
        let mut writer = XmlWriter::new(out, WriteOptions::default());
        let mut shared = SharedSecond::default();
        for (record, window) in state.pages.iter().zip(windows) {
            let body = match folder.load_page(Kind::PastLog, record) {
                Ok(Ok(body)) => body,
                Ok(Err(source)) => {
                    let path = folder.page_path(Kind::PastLog, record.file);
                    failure = Some(Error::Damaged { path, source });
                    return Err(io::Error::other("a page is damaged"));
                }
                Err(error) => {
                    failure = Some(error);
                    return Err(io::Error::other("a page cannot be read"));
                }
            };
            for comment in Comments::new(&*body, ReadOptions::default()).flatten() {
                if shared.is_new(&comment, window) {
                    writer.write(&comment)?;
                }
            }
            shared.close();
        }
        writer.finish().map(drop)
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(written?),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_cover_the_time() {
        let all: Vec<_> = windows(&(5..5 + 2 * WINDOW + 7)).collect();
        assert_eq!(
            all,
            [
                5..5 + WINDOW,
                5 + WINDOW..5 + 2 * WINDOW,
                5 + 2 * WINDOW..12 + 2 * WINDOW
            ]
        );
        assert_eq!(windows(&(5..6)).count(), 1);
    }

    #[test]
    fn a_shared_second_counts_once_and_likes_within_a_window_stay() {
        let body = |chats: &str| format!("<packet>{chats}</packet>").into_bytes();
        let chat = r#"<chat vpos="1" date="9" user_id="a">w</chat>"#;
        let mut sum = Sum::default();
        assert_eq!(sum.add(&body(&format!("{chat}{chat}")), &(0..9)), Ok(2));
        let other = chat.replace(">w<", ">x<");
        assert_eq!(
            sum.add(&body(&format!("{chat}{other}{other}")), &(9..20)),
            Ok(2)
        );
        assert_eq!((sum.comments, sum.duplicates), (4, 1));
        assert!(
            sum.add(b"<packet><chat vpos='1'>a</chat>", &(0..9))
                .is_err()
        );
        assert_eq!(sum.add(b"<packet></packet>", &(0..9)), Ok(0));
    }
}
