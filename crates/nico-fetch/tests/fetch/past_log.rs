//! Past logs of broadcasts, from an archive that gives three days at most.

use std::ops::ControlFlow;

use nico_comments::{Comments, ReadOptions};
use nico_fetch::{
    Clock, End, Error, FetchOptions, Fetcher, Report, Request, Response, Session, Transport,
    TransportError,
};

use crate::service::{NOW, SESSION};
use crate::world::{FakeClock, chain, files, folder};

const DAY: i64 = 24 * 60 * 60;

/// An archive with a comment every ten minutes, numbers falling back to 1 every day, two alike at
/// every noon.
#[derive(Debug, Default)]
struct Archive {
    asked: Vec<(i64, i64)>,
    /// Requests that are answered with this instead.
    faults: Vec<(usize, Result<&'static str, ()>)>,
}

fn bodies(from: i64, to: i64) -> Vec<(i64, String)> {
    let mut all = Vec::new();
    for date in (from..=to).filter(|date| date % 600 == 0) {
        let times = if date % DAY == DAY / 2 { 2 } else { 1 };
        all.extend((0..times).map(|_| (date, format!("{date}"))));
    }
    all
}

impl Transport for Archive {
    fn send(&mut self, request: &Request) -> Result<Response, TransportError> {
        assert!(
            request
                .headers
                .iter()
                .all(|(name, value)| *name != "Cookie" && !value.contains(SESSION))
        );
        let (head, query) = request.url.split_once('?').unwrap();
        assert_eq!(head, "https://jikkyo.tsukumijima.net/api/kakolog/jk1");
        let value = |name: &str| {
            let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
            pairs
                .find(|(found, _)| *found == name)
                .unwrap()
                .1
                .to_owned()
        };
        assert_eq!(value("format"), "xml");
        let (from, to): (i64, i64) = (
            value("starttime").parse().unwrap(),
            value("endtime").parse().unwrap(),
        );
        assert!(from < to && to - from <= 3 * DAY);
        self.asked.push((from, to));
        match self
            .faults
            .iter()
            .find(|(at, _)| *at == self.asked.len() - 1)
        {
            Some((_, Ok(body))) => return Ok(Response::new(200, *body)),
            Some((_, Err(()))) => return Err(TransportError::permanent("killed")),
            None => {}
        }
        let chats: Vec<String> = bodies(from, to)
            .into_iter()
            .map(|(date, body)| {
                let no = date % DAY / 600 + 1;
                format!(r#"<chat thread="{}" no="{no}" vpos="{}" date="{date}" user_id="u">{body}</chat>"#, date / DAY, date % DAY * 100)
            })
            .collect();
        Ok(Response::new(
            200,
            format!("<packet>\n{}\n</packet>\n", chats.join("\n")),
        ))
    }
}

fn fetch(
    archive: &mut Archive,
    from: i64,
    to: i64,
    folder: &std::path::Path,
    pages: Option<u64>,
) -> Result<Report, Error> {
    Fetcher::new(FetchOptions::default().max_pages(pages))
        .session(Session::new(SESSION).unwrap())
        .transport(archive)
        .clock(FakeClock::default())
        .fetch_past_log(&"jk1".parse().unwrap(), from, to, folder, &mut |_| {
            ControlFlow::Continue(())
        })
}

fn read(folder: &std::path::Path) -> Vec<(i64, String)> {
    let comments = Comments::open(folder.join("comments.xml"), ReadOptions::default()).unwrap();
    comments
        .map(|comment| {
            comment
                .map(|comment| (comment.date.unwrap(), comment.body))
                .unwrap()
        })
        .collect()
}

const FROM: i64 = NOW - NOW % 600 - 20 * DAY;

#[test]
fn windows_of_three_days_make_a_whole_log() {
    let (folder, mut archive) = (folder(), Archive::default());
    let to = FROM + 7 * DAY;
    let report = fetch(&mut archive, FROM, to, folder.path(), None).unwrap();
    assert_eq!(read(folder.path()), bodies(FROM, to));
    assert_eq!((archive.asked.len(), report.requests), (3, 3));
    assert_eq!(report.collected(), bodies(FROM, to).len() as u64);
    assert!(report.is_finished() && report.threads[0].end == End::OnePage);
    fetch(&mut archive, FROM, to, folder.path(), None).unwrap();
    assert_eq!(
        archive.asked.len(),
        3,
        "a log that is there is not asked for again"
    );
}

#[test]
fn a_log_goes_on_where_it_was_and_mends_what_is_damaged() {
    let (folder, mut archive) = (folder(), Archive::default());
    let to = FROM + 10 * DAY;
    archive.faults = vec![
        (0, Ok("<packet>\n<chat vpos='1'>cut")),
        (1, Ok("")),
        (3, Err(())),
    ];
    fetch(&mut archive, FROM, to, folder.path(), None).unwrap_err();
    let report = fetch(&mut archive, FROM, to, folder.path(), Some(1)).unwrap();
    assert!(!report.is_finished());
    assert_eq!(read(folder.path()), bodies(FROM, FROM + 6 * DAY));
    std::fs::write(folder.path().join("pages/000001.xml"), "<packet></packet>").unwrap();
    let report = fetch(&mut archive, FROM, to, folder.path(), None).unwrap();
    assert_eq!((report.damaged, report.is_finished()), (1, true));
    assert_eq!(read(folder.path()), bodies(FROM, to));
    assert_eq!(files(&folder.path().join("pages")).len(), 4);
    for path in files(folder.path()) {
        assert!(!String::from_utf8_lossy(&std::fs::read(path).unwrap()).contains(SESSION));
    }
}

#[test]
fn refusals_and_impossible_times_are_errors() {
    let (folder, mut archive) = (folder(), Archive::default());
    archive.faults = vec![(0, Ok("<error>no such channel</error>"))];
    let error = fetch(&mut archive, FROM, FROM + DAY, folder.path(), None).unwrap_err();
    assert_eq!(
        chain(&error),
        "past log: no usable answer: the archive refuses this channel or time"
    );
    for (from, to) in [
        (5, 5),
        (6, 5),
        (-1, 5),
        (0, FakeClock::default().unix_now() + 1),
    ] {
        assert!(matches!(
            fetch(&mut archive, from, to, folder.path(), None),
            Err(Error::Option { .. })
        ));
    }
    assert_eq!(archive.asked.len(), 1);
}
