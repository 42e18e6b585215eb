//! Numbers that are missing in the middle.

use std::collections::{BTreeMap, HashSet};

use super::Run;
use crate::clock::Clock;
use crate::error::Error;
use crate::numbers::number;
use crate::page::Page;
use crate::store::Kind;
use crate::thread::Taken;
use crate::transport::Transport;
use crate::watch::{Hosts, Watch};

/// Requests for gaps in a row that may bring nothing (`docs/spec/comment-formats.md`, section 6.3,
/// rule 8).
const MAX_VAIN: u32 = 5;

impl<T: Transport, C: Clock> Run<'_, T, C> {
    /// Asks again for wide gaps, from just above each, until nothing comes any more.
    pub(super) fn retry_gaps(
        &mut self,
        hosts: &Hosts,
        watch: &mut Watch,
        index: usize,
    ) -> Result<(), Error> {
        let least = self.client.options.retry_gaps_from;
        if self.threads[index].wide_gaps(least).is_empty() || self.stops() {
            return Ok(());
        }
        let mut asked: HashSet<i64> = self.asked_before(index);
        let mut dates = self.dates_above_gaps(index, least)?;
        let until = self.client.options.until;
        let is_wanted = |when: i64| until.is_none_or(|until| when <= until);
        let mut vain = 0;
        while vain < MAX_VAIN && !self.stops() {
            let gaps = self.threads[index].wide_gaps(least);
            let next = gaps
                .iter()
                .filter_map(|gap| dates.get(&(gap.end() + 1)))
                .find(|&&when| is_wanted(when) && !asked.contains(&when));
            let Some(&when) = next else {
                return Ok(());
            };
            asked.insert(when);
            let page = self.new_page(hosts, watch, index, None, Some(when))?;
            dates.extend(
                page.comments
                    .iter()
                    .filter_map(|comment| Some((number(comment)?, comment.date?))),
            );
            let new = self.told(index, Some(when), |thread| Taken {
                new: thread.add(&page),
                gap: None,
            });
            vain = if new == 0 { vain + 1 } else { 0 };
        }
        Ok(())
    }

    /// The seconds that were asked for because of gaps before.
    fn asked_before(&self, index: usize) -> HashSet<i64> {
        let pages = self
            .state
            .pages
            .iter()
            .filter(|page| page.thread == index && page.walk.is_none());
        pages.filter_map(|page| page.when).collect()
    }

    /// Dates of the comments just above wide gaps, by their numbers.
    fn dates_above_gaps(&self, index: usize, least: u64) -> Result<BTreeMap<i64, i64>, Error> {
        let thread = &self.threads[index];
        let wanted: HashSet<i64> = thread
            .wide_gaps(least)
            .iter()
            .map(|gap| gap.end() + 1)
            .collect();
        let mut dates = BTreeMap::new();
        for record in self.state.pages.iter().filter(|page| page.thread == index) {
            let Ok(body) = self.folder.load_page(Kind::Threads, record)? else {
                continue;
            };
            let comments = Page::read(&body, &thread.id, &thread.fork)
                .unwrap_or_default()
                .comments;
            let found = comments
                .iter()
                .filter_map(|comment| Some((number(comment)?, comment.date?)));
            dates.extend(found.filter(|(number, _)| wanted.contains(number)));
        }
        Ok(dates)
    }
}
