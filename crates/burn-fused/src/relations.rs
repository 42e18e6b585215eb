//! What tokens of a packed row may see, and as what.

use std::sync::Arc;

use crate::Error;

/// Which token may attend to which within one row of a batch, and the class of each pair.
///
/// Tokens belong to *events* (a comment, a line of dialogue, a document); the class of a pair of
/// tokens is that of their events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemRelations {
    /// The event of each position. Fastest if events are runs of neighbouring positions, which they
    /// need not be.
    pub event_of: Vec<u32>,
    /// The class of each pair of events, row by row: row = the query's event, column = the key's.
    /// [`Relations::HIDDEN`] for keys that the query must not see.
    pub classes: Vec<u8>,
}

impl ItemRelations {
    pub(crate) fn num_events(&self) -> usize {
        self.classes.len().isqrt()
    }

    /// The classes of all events as keys of a query of `event`.
    pub(crate) fn classes_of(&self, event: u32) -> &[u8] {
        let num_events = self.num_events();
        &self.classes[event as usize * num_events..][..num_events]
    }
}

/// Attention masks and classes of relative position of a batch, by events instead of by tokens.
///
/// One mask serves several sequences packed into one row, candidates that share a context (each an
/// event that sees the context and itself), drafts that share a cache of keys and values, and
/// inputs that are left out. Cheap to clone.
///
/// ```
/// use burn_fused::{ItemRelations, Relations};
///
/// // A context of three tokens and two candidates of two tokens that do not see each other.
/// let hidden = Relations::HIDDEN;
/// let relations = Relations::new(vec![ItemRelations {
///     event_of: vec![0, 0, 0, 1, 1, 2, 2],
///     classes: vec![
///         0, hidden, hidden, // the context sees itself,
///         1, 0, hidden, // candidates the context, as something else than themselves
///         1, hidden, 0,
///     ],
/// }])?;
/// assert_eq!([relations.batch(), relations.length(), relations.num_classes()], [1, 7, 2]);
/// # Ok::<(), burn_fused::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Relations {
    items: Arc<[ItemRelations]>,
    length: usize,
    num_classes: usize,
}

impl Relations {
    /// The class of pairs of which the query must not see the key.
    pub const HIDDEN: u8 = 255;

    /// From what each item of a batch may see.
    ///
    /// # Errors
    ///
    /// Fails if the items differ in length, if their classes are not a square matrix, if a position
    /// is of an event without classes, and if an event is hidden from itself.
    pub fn new(items: Vec<ItemRelations>) -> Result<Self, Error> {
        let expected = items.first().map_or(0, |item| item.event_of.len());
        for (number, item) in items.iter().enumerate() {
            check(number, item, expected)?;
        }
        let classes = items.iter().flat_map(|item| &item.classes);
        let visible = classes.filter(|class| **class != Self::HIDDEN);
        Ok(Self {
            num_classes: visible.max().map_or(0, |class| usize::from(*class) + 1),
            items: items.into(),
            length: expected,
        })
    }

    /// One event for all of `length` positions: each token sees itself and all before it, in class
    /// 0.
    #[must_use]
    pub fn causal(batch: usize, length: usize) -> Self {
        let item = ItemRelations {
            event_of: vec![0; length],
            classes: vec![0],
        };
        Self {
            items: vec![item; batch].into(),
            length,
            num_classes: 1,
        }
    }

    /// Items of the batch.
    #[must_use]
    pub fn batch(&self) -> usize {
        self.items.len()
    }

    /// Positions of each item.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// The highest visible class and one: columns that a bias by class needs at least.
    #[must_use]
    pub fn num_classes(&self) -> usize {
        self.num_classes
    }

    pub(crate) fn items(&self) -> &[ItemRelations] {
        &self.items
    }
}

fn check(number: usize, item: &ItemRelations, expected: usize) -> Result<(), Error> {
    let (length, num_events) = (item.event_of.len(), item.num_events());
    if length != expected {
        return Err(Error::Length {
            item: number,
            length,
            expected,
        });
    }
    if num_events * num_events != item.classes.len() {
        return Err(Error::Classes {
            item: number,
            classes: item.classes.len(),
        });
    }
    let known = |event: u32| usize::try_from(event).is_ok_and(|event| event < num_events);
    if let Some(position) = item.event_of.iter().position(|event| !known(*event)) {
        return Err(Error::Event {
            item: number,
            position,
            event: item.event_of[position],
            num_events,
        });
    }
    let itself = |event: usize| item.classes[event * num_events + event];
    match (0..num_events).find(|event| itself(*event) == Relations::HIDDEN) {
        Some(event) => Err(Error::HidesItself {
            item: number,
            event,
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn item(event_of: &[u32], classes: &[u8]) -> ItemRelations {
        ItemRelations {
            event_of: event_of.to_vec(),
            classes: classes.to_vec(),
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let fits = item(&[0, 1], &[3, 255, 0, 7]);
        let relations = Relations::new(vec![fits.clone(); 2]).unwrap();
        assert_eq!(relations.num_classes(), 8);
        let refused = |other| Relations::new(vec![fits.clone(), other]).unwrap_err();
        assert_eq!(
            refused(item(&[0], &[0])),
            Error::Length {
                item: 1,
                length: 1,
                expected: 2
            }
        );
        assert_eq!(
            refused(item(&[0, 0], &[0, 0])),
            Error::Classes {
                item: 1,
                classes: 2
            }
        );
        assert_eq!(
            refused(item(&[0, 2], &[0; 4])),
            Error::Event {
                item: 1,
                position: 1,
                event: 2,
                num_events: 2
            }
        );
        assert_eq!(
            refused(item(&[0, 0], &[255])),
            Error::HidesItself { item: 1, event: 0 }
        );
        assert!(Relations::new(vec![item(&[0], &[])]).is_err());
        assert_eq!(Relations::new(vec![]).unwrap().batch(), 0);
    }

    #[test]
    fn causal_is_one_event() {
        let one = Relations::new(vec![item(&[0; 5], &[0]); 3]).unwrap();
        assert_eq!(Relations::causal(3, 5), one);
    }
}
