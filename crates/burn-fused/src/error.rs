/// Why relations of tokens are refused.
///
/// ```
/// use burn_fused::{Error, ItemRelations, Relations};
///
/// let classes = vec![0, 255, 0, 255]; // the second of two events does not see itself
/// let item = ItemRelations { event_of: vec![0, 0, 1], classes };
/// let error = Relations::new(vec![item]).unwrap_err();
/// assert!(matches!(error, Error::HidesItself { item: 0, event: 1 }));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The items of a batch differ in length.
    #[error("item {item} has {length} positions, those before it {expected}")]
    Length {
        /// Index into the batch.
        item: usize,
        /// Positions of the item.
        length: usize,
        /// Positions of the first item.
        expected: usize,
    },
    /// The classes are no square matrix.
    #[error("item {item} has {classes} classes, which is not the square of a number of events")]
    Classes {
        /// Index into the batch.
        item: usize,
        /// How many there are.
        classes: usize,
    },
    /// A position belongs to an event that has no classes.
    #[error("item {item}: position {position} is of event {event}, and there are {num_events}")]
    Event {
        /// Index into the batch.
        item: usize,
        /// Index into the item.
        position: usize,
        /// What stood there.
        event: u32,
        /// Events of the item.
        num_events: usize,
    },
    /// An event does not see itself.
    #[error("item {item}: event {event} is not visible to itself")]
    HidesItself {
        /// Index into the batch.
        item: usize,
        /// Index into the item's events.
        event: usize,
    },
}
