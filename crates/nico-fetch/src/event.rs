use std::path::Path;
use std::time::Duration;

use nico_comments::Fork;

use crate::fault::Fault;

/// Progress of fetching. The observer answers whether to go on: after
/// [`ControlFlow::Break`](std::ops::ControlFlow::Break) no further request is sent, and what is
/// there is made a collection.
///
/// ```
/// use std::ops::ControlFlow;
/// use nico_fetch::Event;
///
/// fn first_page_only(event: &Event<'_>) -> ControlFlow<()> {
///     match event {
///         Event::Page { .. } => ControlFlow::Break(()),
///         _ => ControlFlow::Continue(()),
///     }
/// }
/// assert!(first_page_only(&Event::KeyRenewed).is_continue());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The threads are known, nothing of them has been asked for yet.
    Planned {
        /// Threads to ask for.
        threads: usize,
        /// Comments of the video, as the service counts them, deleted ones included.
        comments: u64,
        /// Comments that earlier runs left.
        collected: u64,
        /// Requests needed, at 1,000 comments each; an estimate.
        requests: u64,
    },
    /// A page was saved and read.
    Page {
        /// Id of the thread; the channel for past logs of broadcasts.
        thread: &'a str,
        /// Part of the thread.
        fork: &'a Fork,
        /// The number of the page's file.
        page: u32,
        /// What was asked for: the state at these unix seconds. `None` is what a viewer gets.
        when: Option<i64>,
        /// Comments of the page that were not known.
        new: u64,
        /// Comments of the thread that are there now.
        collected: u64,
        /// Comments of the thread as the service counts them, where it does.
        expected: Option<u64>,
    },
    /// Waits before a request is sent again.
    Waiting {
        /// Why the request before was of no use.
        fault: &'a Fault,
        /// How long.
        time: Duration,
    },
    /// Waits on. The observer is asked every second of a wait, so that it can end it.
    StillWaiting {
        /// How long.
        left: Duration,
    },
    /// The thread key had expired and was renewed.
    KeyRenewed,
    /// A second may hold more comments than a page, of which the older ones cannot be had.
    PossibleGap {
        /// Id of the thread.
        thread: &'a str,
        /// Part of the thread.
        fork: &'a Fork,
        /// The second, in unix time.
        when: i64,
    },
    /// A file that an earlier run left is not what was saved. It is fetched again.
    Damaged {
        /// The file.
        path: &'a Path,
        /// What is wrong with it.
        fault: &'a Fault,
    },
}
