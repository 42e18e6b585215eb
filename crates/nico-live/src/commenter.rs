use std::{fmt, time::Duration};

use caption_model::commenter::EventKind;
use foldhash::fast::FixedState;
use frame_features::Picture;
use nico_comments::{Comment, Filter};
use nico_corpus::{
    commenting::{comment_style, written_comment},
    stream::{Dialogue, Episode},
};
use std::hash::BuildHasher;

use crate::{
    clock::{Clock, SystemClock},
    cuts::Cuts,
    error::Error,
    live_comment::{LiveComment, LiveCounts, Prompt},
    options::LiveOptions,
    plan::{Plan, Planned},
    writer::{Choice, LiveModel, Writer},
};

/// Characters of a line or a comment that are read; of longer ones the rest is cut off.
const MOST_CHARACTERS: usize = 256;
/// How soon after its moment a comment counts as begun in time.
const IN_TIME: Duration = Duration::from_millis(20);
/// Numbers of others begin here; those of the crowd lie below.
const OTHERS: u32 = 1 << 31;

/// Comments on a picture while it moves.
///
/// It is told what is said, what others write and what is seen, each with its time, and asked again
/// and again for the comments that are due. Times are milliseconds of the picture's time and should
/// rise; what comes late counts as coming with what was read last. The same inputs in the same order
/// give the same comments, as long as none is [late](LiveOptions::budget). Memory is bounded by
/// [`LiveOptions::memory`], however long it runs.
///
/// ```no_run
/// use burn::tensor::Device;
/// use caption_model::Commenter;
/// use nico_live::{LiveCommenter, LiveModel, LiveOptions};
///
/// let commenter = Commenter::from_dir("commenter", &Device::flex())?;
/// let mut live = LiveCommenter::new(LiveModel::Commenter(&commenter), LiveOptions::default())?;
/// live.line(1_200, "こんにちは")?;
/// for now in (0..10_000).step_by(100) {
///     while let Some(written) = live.write_due(now)? {
///         println!("{} {}", written.comment.vpos, written.comment.body);
///     }
/// }
/// # Ok::<(), nico_live::Error>(())
/// ```
pub struct LiveCommenter<'a> {
    writer: Writer<'a>,
    options: LiveOptions,
    plan: Plan,
    filter: Option<Box<dyn Filter + Send + Sync + 'a>>,
    clock: Box<dyn Clock + 'a>,
    cuts: Cuts,
    latest_picture: Option<i64>,
    /// How long a comment takes to write, of the latest ones.
    usual: Duration,
    counts: LiveCounts,
}

impl<'a> LiveCommenter<'a> {
    /// A crowd that has read nothing yet; its first comments come from time 0 on.
    ///
    /// # Errors
    ///
    /// [`Error::NoTransformer`] for a commenter whose transformer was not trained, and an error for
    /// an option that cannot work, by name.
    pub fn new(model: LiveModel<'a>, options: LiveOptions) -> Result<Self, Error> {
        options.check()?;
        Ok(Self {
            writer: Writer::new(model, &options)?,
            plan: Plan::new(&options, 0)?,
            options,
            filter: None,
            clock: Box::new(SystemClock::default()),
            cuts: Cuts::default(),
            latest_picture: None,
            usual: Duration::ZERO,
            counts: LiveCounts::default(),
        })
    }

    /// Sets the filter that every draft has to pass: NG lists of `nico-comments`, or a closure. Of
    /// the drafts of a comment the best is given that passes.
    #[must_use]
    pub fn with_filter(mut self, filter: impl Filter + Send + Sync + 'a) -> Self {
        self.filter = Some(Box::new(filter));
        self
    }

    /// Sets the clock that tells how long writing takes.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock + 'a) -> Self {
        self.clock = Box::new(clock);
        self
    }

    /// Reads a line that begins to be said.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn line(&mut self, millis: i64, text: &str) -> Result<(), Error> {
        let text = cut(text.trim());
        if text.is_empty() {
            return Ok(());
        }
        self.counts.lines += 1;
        self.writer.read(millis, EventKind::Line, None, text)?;
        self.plan.prompt(millis, Prompt::Line);
        Ok(())
    }

    /// Reads a comment that somebody else wrote, at its own time. The owner's, deleted ones and
    /// programs for the player are passed over.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn comment(&mut self, comment: &Comment) -> Result<(), Error> {
        let author = comment.user.as_deref().map(number_of);
        let alone = Episode::new("", [comment.clone()], Dialogue::default());
        let Some(comment) = alone.comments().next() else {
            return Ok(());
        };
        self.counts.read += 1;
        let kind = EventKind::Comment(comment_style(&comment));
        self.writer
            .read(comment.millis, kind, author, cut(comment.text))
    }

    /// Looks at a picture. Captioners write about the latest one; a cut may set off a comment.
    pub fn picture(&mut self, millis: i64, picture: &Picture<'_>) {
        self.counts.pictures += 1;
        if let Some(latest) = self.latest_picture.replace(millis) {
            let unseen = millis.saturating_sub(latest);
            self.counts.longest_unseen_ms = self.counts.longest_unseen_ms.max(unseen);
        }
        if self.cuts.is_cut(picture) {
            self.counts.cuts += 1;
            self.plan.prompt(millis, Prompt::Cut);
        }
        if let Writer::Pictures(writer) = &mut self.writer {
            writer.look(picture);
        }
    }

    /// The picture goes on at another time, which may be an earlier one: what was read is
    /// forgotten, and comments come from there on.
    ///
    /// # Errors
    ///
    /// Fails if the device does.
    pub fn jump_to(&mut self, millis: i64) -> Result<(), Error> {
        self.plan.begin_at(millis);
        self.cuts.clear();
        self.latest_picture = None;
        match &mut self.writer {
            Writer::Stream(writer) => writer.clear()?,
            Writer::Pictures(writer) => writer.clear(),
        }
        Ok(())
    }

    /// Writes the earliest comment that is due by now, and reads it. None if there is none; ask
    /// until then. Comments that are over the [budget](LiveOptions::budget) are dropped and counted,
    /// without being written where that can be foreseen.
    ///
    /// # Errors
    ///
    /// Fails if the device does, and if a picture cannot be looked at.
    pub fn write_due(&mut self, now: i64) -> Result<Option<LiveComment>, Error> {
        let asked = self.clock.now();
        while let Some(planned) = self.plan.due(now) {
            self.counts.planned += 1;
            let begun = self.clock.now();
            let behind = millis(now.saturating_sub(planned.millis)) + begun.saturating_sub(asked);
            // One that is begun in time is tried, however long it may take: only that tells how
            // long it does.
            let is_foreseen = behind > IN_TIME && behind + self.usual > self.options.budget;
            if behind > self.options.budget || is_foreseen {
                self.counts.late += 1;
                // So that a machine that was slow once is asked again.
                self.usual = self.usual * 9 / 10;
                continue;
            }
            let choice = self.choose(&planned)?;
            let took = self.clock.now().saturating_sub(begun);
            self.usual = match self.usual.is_zero() {
                true => took,
                false => self.usual * 7 / 8 + took / 8,
            };
            let written = match choice {
                Choice::Written(_) if behind + took > self.options.budget => {
                    self.counts.late += 1;
                    continue;
                }
                Choice::Written(written) => written,
                Choice::Refused => {
                    self.counts.refused += 1;
                    continue;
                }
                Choice::Unwritten => {
                    self.counts.unwritten += 1;
                    continue;
                }
                Choice::NoPicture => {
                    self.counts.without_picture += 1;
                    continue;
                }
            };
            self.writer
                .given(planned.millis, planned.viewer, &written)?;
            self.counts.given += 1;
            let comment = self
                .dated(
                    &planned,
                    written_comment(planned.millis, planned.viewer, &written),
                )
                .no(i64::try_from(self.counts.given).unwrap_or(i64::MAX));
            return Ok(Some(LiveComment {
                comment,
                millis: planned.millis,
                viewer: planned.viewer,
                prompt: planned.prompt,
                took,
                delay: behind + took,
            }));
        }
        Ok(None)
    }

    fn choose(&mut self, planned: &Planned) -> Result<Choice, Error> {
        let Self { writer, filter, .. } = self;
        let (moment, viewer) = (planned.millis, planned.viewer);
        writer.choose(moment, viewer, |draft| {
            let comment = written_comment(moment, viewer, draft);
            filter
                .as_ref()
                .is_none_or(|filter| (**filter).keeps(&comment))
        })
    }

    fn dated(&self, planned: &Planned, comment: Comment) -> Comment {
        let seconds = planned.millis.div_euclid(1_000);
        comment.date(self.options.posted_at.saturating_add(seconds))
    }

    /// What became of everything so far.
    #[must_use]
    pub fn counts(&self) -> &LiveCounts {
        &self.counts
    }

    /// How the crowd comments.
    #[must_use]
    pub fn options(&self) -> &LiveOptions {
        &self.options
    }
}

impl fmt::Debug for LiveCommenter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LiveCommenter")
            .field("options", &self.options)
            .field("counts", &self.counts)
            .finish_non_exhaustive()
    }
}

/// A number for another viewer: the same for the same name.
fn number_of(user: &str) -> u32 {
    let hash = FixedState::default().hash_one(user);
    let low = u32::try_from(hash & u64::from(OTHERS - 1)).unwrap_or(0);
    OTHERS | low
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(MOST_CHARACTERS);
    end.map_or(text, |(end, _)| &text[..end])
}

fn millis(millis: i64) -> Duration {
    Duration::from_millis(u64::try_from(millis).unwrap_or(0))
}
