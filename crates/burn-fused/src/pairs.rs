//! Relations as tensors, for what is made of plain tensor operations.

use burn::tensor::{Bool, Device, Int, Tensor, TensorData};

use crate::Relations;

/// Of the last `new` positions as queries with all as keys.
pub(crate) struct Pairs {
    /// `[batch, new, length]`; 0 where hidden.
    pub(crate) classes: Tensor<3, Int>,
    /// The same shape: keys that a query must not see.
    pub(crate) hidden: Tensor<3, Bool>,
}

impl Pairs {
    /// A key is at least `distance` positions before its query.
    pub(crate) fn new(relations: &Relations, new: usize, distance: usize, device: &Device) -> Self {
        let (batch, length) = (relations.batch(), relations.length());
        let items = relations.items();
        let widest = items.iter().map(|item| item.num_events()).max();
        let widest = widest.unwrap_or_default();
        // All of the same number of events, for one look-up of all pairs.
        let mut classes = Vec::with_capacity(batch * widest * widest);
        for item in items {
            for row in item.classes.chunks_exact(item.num_events().max(1)) {
                classes.extend(row.iter().map(|class| i32::from(*class)));
                classes.resize(classes.len().next_multiple_of(widest), 0);
            }
            let filled = (widest - item.num_events()) * widest;
            classes.resize(classes.len() + filled, 0);
        }
        let events = items.iter().flat_map(|item| &item.event_of);
        let events: Vec<i64> = events.copied().map(i64::from).collect();
        let ints = |values: TensorData| Tensor::<2, Int>::from_data(values, device);
        let classes = ints(TensorData::new(classes, [batch, widest * widest]));
        let keys = ints(TensorData::new(events, [batch, length])).unsqueeze_dim::<3>(1);
        let queries = keys.clone().narrow(2, length - new, new).swap_dims(1, 2);
        let widest = i64::try_from(widest).expect("events have numbers of 32 bits");
        let pairs = (queries.mul_scalar(widest) + keys).reshape([batch, new * length]);
        let classes = classes.gather(1, pairs).reshape([batch, new, length]);

        let [start, first, end] = [0, length - new, length]
            .map(|position| i64::try_from(position).expect("positions lie in memory"));
        let distance = i64::try_from(distance).expect("it is small");
        let keys = Tensor::<1, Int>::arange(start..end, device).unsqueeze_dim::<2>(0);
        let queries = Tensor::<1, Int>::arange(first..end, device).unsqueeze_dim::<2>(1);
        let later = (keys + distance).expand([new, length]);
        let later = later.greater(queries.expand([new, length]));
        let hidden = classes.clone().equal_elem(i64::from(Relations::HIDDEN));
        let hidden = hidden.bool_or(later.unsqueeze_dim::<3>(0).expand([batch, new, length]));
        Self {
            classes: classes.mask_fill(hidden.clone(), 0),
            hidden,
        }
    }
}

#[cfg(all(test, feature = "flex"))]
mod tests {
    use super::*;
    use crate::ItemRelations;

    /// Two items of one and two events, the last two of three positions.
    #[test]
    fn look_ups_agree_with_the_definition() {
        let items = vec![
            ItemRelations {
                event_of: vec![0, 0, 0],
                classes: vec![4],
            },
            ItemRelations {
                event_of: vec![1, 0, 1],
                classes: vec![1, 255, 2, 3],
            },
        ];
        let relations = Relations::new(items).unwrap();
        let pairs = Pairs::new(&relations, 2, 0, &Device::flex());
        let classes: Vec<i64> = pairs.classes.into_data().iter::<i64>().collect();
        assert_eq!(classes, [4, 4, 0, 4, 4, 4, 0, 1, 0, 3, 2, 3]);
        let [x, o] = [true, false];
        let hidden: Vec<bool> = pairs.hidden.into_data().iter::<bool>().collect();
        assert_eq!(hidden, [o, o, x, o, o, o, x, o, x, o, o, o]);
        let strict = Pairs::new(&relations, 2, 1, &Device::flex());
        let hidden: Vec<bool> = strict.hidden.into_data().iter::<bool>().collect();
        assert_eq!(hidden, [o, x, x, o, o, x, x, x, x, o, o, x]);
    }
}
