//! What earlier runs left.

use super::Run;
use crate::clock::Clock;
use crate::error::Error;
use crate::event::Event;
use crate::fault::Fault;
use crate::page::Page;
use crate::store::{Kind, PageRecord};
use crate::thread::Thread;
use crate::transport::Transport;
use crate::watch::{Hosts, Target, Watch};

impl<T: Transport, C: Clock> Run<'_, T, C> {
    /// Goes through the pages of earlier runs as if they came now. Damaged ones do: they are asked
    /// for again.
    pub(super) fn replay(&mut self, hosts: &Hosts, watch: &mut Watch) -> Result<(), Error> {
        for index in 0..self.state.pages.len() {
            let record = self.state.pages[index].clone();
            let page = match self.saved(&record)? {
                Ok(page) => page,
                Err(fault) => {
                    self.damaged += 1;
                    let path = self.folder.page_path(Kind::Threads, record.file);
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
                    let target = self.target(&record);
                    let (body, page) =
                        self.page(hosts, watch, &target, record.when, record.file)?;
                    self.state.pages[index] = PageRecord::new(
                        record.file,
                        record.thread,
                        record.walk,
                        record.when,
                        &body,
                    );
                    self.folder.save(&self.state)?;
                    page
                }
            };
            self.take(&record, &page);
        }
        Ok(())
    }

    /// Goes through the pages of earlier runs that are sound, for the report of a run that was
    /// stopped before it could ask for others.
    pub(super) fn recount(&mut self) -> Result<(), Error> {
        for index in 0..self.state.pages.len() {
            let record = self.state.pages[index].clone();
            if let Ok(page) = self.saved(&record)? {
                self.take(&record, &page);
            }
        }
        Ok(())
    }

    /// A page as it was saved; the inner `Err` says why it is none.
    fn saved(&self, record: &PageRecord) -> Result<Result<Page, Fault>, Error> {
        let Target { id, fork } = self.target(record);
        let saved = self.folder.load_page(Kind::Threads, record)?;
        Ok(saved.and_then(|body| Page::read(&body, &id, &fork)))
    }

    /// The thread that a page is of.
    fn target(&self, record: &PageRecord) -> Target {
        let Thread { id, fork, .. } = &self.threads[record.thread];
        Target {
            id: id.clone(),
            fork: fork.clone(),
        }
    }

    /// Adds a page to its thread as when it came.
    fn take(&mut self, record: &PageRecord, page: &Page) {
        let thread = &mut self.threads[record.thread];
        match record.walk {
            Some(walk) => {
                if walk == thread.walks.len() {
                    thread.start(record.when);
                }
                thread.take(walk, record.when, page);
            }
            None => drop(thread.add(page)),
        }
    }
}
