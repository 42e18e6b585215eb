/// What a frame is for.
///
/// ```
/// # use nico_comments::Timeline;
/// # use nico_corpus::{Part, Split, SplitRule};
/// # let timeline = Timeline::constant(30, 1, 60)?;
/// assert_eq!(Split::new(SplitRule::Halves, 0, &timeline).assign(0), Part::Train);
/// # Ok::<(), nico_comments::TimelineError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// To learn from.
    Train,
    /// To judge by.
    Dev,
    /// For neither: too close to the other part.
    Guard,
}
