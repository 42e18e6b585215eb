mod gaps;
mod replay;

use super::assemble::assemble;
use super::client::{Client, Refusal};
use super::clock::Clock;
use super::error::{Call, Error};
use super::event::Event;
use super::page::Page;
use super::report::{End, Report, ThreadReport};
use super::secret::Session;
use super::store::{Folder, Found, Kind, PageRecord, State, ThreadRecord};
use super::thread::{Next, Taken, Thread};
use super::transport::Transport;
use super::video::VideoId;
use super::watch::{Hosts, Target, Watch, new_key, page_request, refused, watch};
use nico_comments::Fork;

/// How long ago, in seconds, a run that was broken off may have begun and still be the same.
const LATELY: i64 = 60 * 60;

/// How often a page is asked for again that the service answers with the page before.
const MAX_REPEATS: u32 = 3;

/// One run over the threads of a video.
pub(super) struct Run<'a, T, C> {
    client: Client<'a, T, C>,
    session: Option<&'a Session>,
    video: &'a VideoId,
    folder: &'a Folder,
    state: State,
    threads: Vec<Thread>,
    ends: Vec<End>,
    /// Whether the key was renewed and no page came since.
    renewed: bool,
    /// Pages that this run may still ask for.
    pages_left: u64,
    damaged: u64,
    /// Whether the run before did not come to its end.
    resumed: bool,
}

impl<'a, T: Transport, C: Clock> Run<'a, T, C> {
    pub(super) fn new(
        client: Client<'a, T, C>,
        session: Option<&'a Session>,
        video: &'a VideoId,
        folder: &'a Folder,
    ) -> Self {
        let pages_left = client.options.max_pages.unwrap_or(u64::MAX);
        Self {
            client,
            session,
            video,
            folder,
            state: State::new(Kind::Threads, video.as_str()),
            threads: Vec::new(),
            ends: Vec::new(),
            renewed: false,
            pages_left,
            damaged: 0,
            resumed: false,
        }
    }

    /// Does all of it and leaves collection and report.
    pub(super) fn finish(mut self) -> Result<Report, Error> {
        match self.fetch() {
            Err(Error::Cancelled) => {}
            result => result?,
        }
        let options = self.client.options;
        let (file, other) = assemble(self.folder, &self.state, options.format)?;
        let report = Report {
            source: self.video.to_string(),
            file: file.to_owned(),
            other_collection: other.map(ToOwned::to_owned),
            threads: self
                .threads
                .iter()
                .zip(&self.ends)
                .map(|(thread, &end)| thread_report(thread, end))
                .collect(),
            cancelled: self.client.cancelled,
            requests: self.client.requests,
            waits: self.client.waits,
            waited: self.client.waited,
            damaged: self.damaged,
        };
        self.state.open = self.client.cancelled || self.ends.contains(&End::Unfinished);
        self.folder.save(&self.state)?;
        self.folder.save_report(&report)?;
        Ok(report)
    }

    fn fetch(&mut self) -> Result<(), Error> {
        match self.folder.load(Kind::Threads, self.video.as_str())? {
            Found::Nothing => {}
            Found::State(state) => self.state = state,
            Found::Damaged(path, fault) => {
                self.damaged += 1;
                self.client.tell(&Event::Damaged {
                    path: &path,
                    fault: &fault,
                });
                if self.client.cancelled {
                    return Err(Error::Damaged {
                        path,
                        source: fault,
                    });
                }
            }
        }
        self.resumed = std::mem::replace(&mut self.state.open, true);
        let records = &self.state.threads;
        self.threads = records
            .iter()
            .map(|thread| Thread::new(&thread.id, &Fork::parse(&thread.fork)))
            .collect();
        self.ends = vec![End::Unfinished; self.threads.len()];
        let hosts = Hosts::new(self.client.options, self.session)?;
        let mut watch = match watch(&mut self.client, &hosts, self.session, self.video) {
            // What is there is counted all the same: it is in the collection and in the report.
            Err(Error::Cancelled) => {
                self.recount()?;
                return Err(Error::Cancelled);
            }
            watch => watch?,
        };
        self.replay(&hosts, &mut watch)?;
        let targets = self.add_threads(&watch);
        self.plan(&watch, targets.len());
        for &thread in &targets {
            self.walk(&hosts, &mut watch, thread)?;
        }
        if !self.client.options.sample && self.client.options.retry_gaps_from > 0 {
            let is_at_end =
                |&thread: &usize| !matches!(self.ends[thread], End::Limit | End::Unfinished);
            let at_end: Vec<usize> = targets.into_iter().filter(is_at_end).collect();
            for thread in at_end {
                self.retry_gaps(&hosts, &mut watch, thread)?;
            }
        }
        Ok(())
    }

    /// Whether no further page is to be asked for.
    fn stops(&self) -> bool {
        self.client.cancelled || self.pages_left == 0
    }

    /// The threads that the service names now, as indices. Of the others nothing more can come.
    fn add_threads(&mut self, watch: &Watch) -> Vec<usize> {
        let mut indices = Vec::new();
        for Target { id, fork } in &watch.targets {
            let found = self
                .threads
                .iter()
                .position(|thread| thread.id == *id && thread.fork == *fork);
            indices.push(found.unwrap_or_else(|| {
                self.threads.push(Thread::new(id, fork));
                self.ends.push(End::Unfinished);
                self.state.threads.push(ThreadRecord {
                    id: id.clone(),
                    fork: fork.as_str().to_owned(),
                });
                self.threads.len() - 1
            }));
        }
        for (index, end) in self.ends.iter_mut().enumerate() {
            if !indices.contains(&index) {
                *end = End::NoProgress;
            }
        }
        indices
    }

    fn plan(&mut self, watch: &Watch, threads: usize) {
        let collected = self.threads.iter().map(|thread| thread.seen.count).sum();
        let pages = if self.client.options.sample {
            0
        } else {
            watch.comments.saturating_sub(collected) / 1000
        };
        let requests = pages.saturating_add(threads as u64).min(self.pages_left);
        self.client.tell(&Event::Planned {
            threads,
            comments: watch.comments,
            collected,
            requests,
        });
    }

    /// Goes through a thread from where it was left, or from now if it was done; from walk to older
    /// walk. What is younger than `until` waits for another run.
    fn walk(&mut self, hosts: &Hosts, watch: &mut Watch, index: usize) -> Result<(), Error> {
        let options = self.client.options;
        let one_page = options.sample || self.threads[index].fork == Fork::Owner;
        let until = options.until.filter(|_| !one_page);
        let start = (!one_page).then(|| until.unwrap_or(watch.now));
        let resumed = self.resumed;
        let thread = &mut self.threads[index];
        // A walk that was broken off lately, or of the same `until`, goes on; one that ended is
        // enough if the whole run was broken off. A later one that is past `until` does as well.
        let goes_on = thread.walks.len().checked_sub(1).is_some_and(|last| {
            let unfinished = matches!(thread.next(last, options), Next::Ask(_));
            let is_the_same = match until {
                Some(_) => thread.began_at(start),
                None => thread.began_near(start, LATELY),
            };
            is_the_same && (unfinished || resumed)
        });
        if !goes_on && until.is_none_or(|until| !thread.covers(until)) {
            thread.start(start);
        }
        let mut walk = thread.walks.len() - 1;
        let mut limited = false;
        loop {
            match self.threads[index].next(walk, options) {
                Next::Done(end) => {
                    // What lies between a younger walk that stopped at a limit and an older one is
                    // not there, however the older one ends.
                    limited |= end == End::Limit;
                    // A sample of an earlier run says nothing about how far this one came.
                    if one_page || end != End::OnePage {
                        self.ends[index] = if limited { End::Limit } else { end };
                    }
                }
                Next::Ask(Some(when)) if until.is_some_and(|until| when > until) => {}
                Next::Ask(when) => {
                    self.ends[index] = End::Unfinished;
                    if self.stops() {
                        return Ok(());
                    }
                    let page = self.new_page(hosts, watch, index, Some(walk), when)?;
                    self.told(index, when, |thread| thread.take(walk, when, &page));
                    continue;
                }
            }
            match walk.checked_sub(1) {
                Some(older) if !one_page => walk = older,
                _ => return Ok(()),
            }
        }
    }

    /// Asks for a page that goes behind all others.
    fn new_page(
        &mut self,
        hosts: &Hosts,
        watch: &mut Watch,
        index: usize,
        walk: Option<usize>,
        when: Option<i64>,
    ) -> Result<Page, Error> {
        let file = u32::try_from(self.state.pages.len() + 1).unwrap_or(u32::MAX);
        let target = Target {
            id: self.threads[index].id.clone(),
            fork: self.threads[index].fork.clone(),
        };
        let (mut body, mut page) = self.page(hosts, watch, &target, when, file)?;
        let mut record = PageRecord::new(file, index, walk, when, &body);
        for _ in 0..MAX_REPEATS {
            if !self.repeats_the_last(&record, &page) {
                break;
            }
            (body, page) = self.page(hosts, watch, &target, when, file)?;
            record = PageRecord::new(file, index, walk, when, &body);
        }
        self.state.pages.push(record);
        self.folder.save(&self.state)?;
        self.pages_left = self.pages_left.saturating_sub(1);
        Ok(page)
    }

    /// Whether a page is the one before, which was for another second and cannot be right for this
    /// one: it holds younger comments.
    fn repeats_the_last(&self, record: &PageRecord, page: &Page) -> bool {
        let is_last = self
            .state
            .pages
            .last()
            .is_some_and(|last| last.when != record.when && last.holds_the_same_as(record));
        let mut dates = page.comments.iter().filter_map(|comment| comment.date);
        is_last
            && record
                .when
                .is_some_and(|when| dates.any(|date| date > when))
    }

    /// Adds a page to its thread and tells of it; how many comments were new.
    fn told(
        &mut self,
        index: usize,
        when: Option<i64>,
        take: impl FnOnce(&mut Thread) -> Taken,
    ) -> u64 {
        let thread = &mut self.threads[index];
        let taken = take(thread);
        let (id, fork) = (&*thread.id, &thread.fork);
        self.client.tell(&Event::Page {
            thread: id,
            fork,
            page: self.state.pages.last().map_or(0, |page| page.file),
            when,
            new: taken.new,
            collected: thread.seen.count,
            expected: thread.count,
        });
        if let Some(when) = taken.gap {
            self.client.tell(&Event::PossibleGap {
                thread: id,
                fork,
                when,
            });
        }
        taken.new
    }

    /// Asks for a page, renewing the key if it has expired, and saves it before it is read.
    fn page(
        &mut self,
        hosts: &Hosts,
        watch: &mut Watch,
        target: &Target,
        when: Option<i64>,
        file: u32,
    ) -> Result<(Vec<u8>, Page), Error> {
        loop {
            let request = page_request(self.client.options, watch, target, when);
            let folder = self.folder;
            let taken = self
                .client
                .send(Call::Page, &request, |client, answer, meta| {
                    let code = meta.and_then(|meta| meta.code.as_deref());
                    match code {
                        Some("EXPIRED_TOKEN") => return Ok(None),
                        Some("INVALID_TOKEN") => return Err(Error::LoginNeeded.into()),
                        _ if answer.status != 200 => {
                            return Err(refused(Call::Page, answer, meta).into());
                        }
                        Some(_) => return Err(refused(Call::Page, answer, meta).into()),
                        None => {}
                    }
                    if client.leaks(&answer.body) {
                        return Err(Error::Leak.into());
                    }
                    folder.save_page(Kind::Threads, file, &answer.body)?;
                    match Page::read(&answer.body, &target.id, &target.fork) {
                        Ok(page) => Ok(Some((answer.body.clone(), page))),
                        Err(fault) => Err(Refusal::Again(fault)),
                    }
                })?;
            if let Some(taken) = taken {
                self.renewed = false;
                return Ok(taken);
            }
            if self.renewed {
                return Err(Error::KeyExpired);
            }
            watch.key = new_key(&mut self.client, hosts, self.session, self.video)?;
            self.renewed = true;
            self.client.tell(&Event::KeyRenewed);
            if self.client.cancelled {
                return Err(Error::Cancelled);
            }
        }
    }
}

fn thread_report(thread: &Thread, end: End) -> ThreadReport {
    let expected = thread.count.and_then(|count| i64::try_from(count).ok());
    let highest = thread.seen.numbers.highest();
    // Where nothing was counted or numbers go beyond, the highest number is the count.
    let last = expected.max(highest).unwrap_or(0);
    ThreadReport {
        thread: thread.id.clone(),
        fork: thread.fork.as_str().to_owned(),
        expected: thread.count,
        collected: thread.seen.count,
        duplicates: thread.duplicates,
        rejected: thread.rejected,
        missing: thread.seen.numbers.missing(last),
        possible_gaps: thread.gaps.clone(),
        pages: thread.pages,
        end,
    }
}
