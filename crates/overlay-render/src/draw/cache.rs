use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

/// Things that were made, up to a number of bytes: of more, those not used for longest are
/// forgotten.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    entries: HashMap<K, Entry<V>>,
    bytes: usize,
    limit: usize,
    clock: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: Arc<V>,
    bytes: usize,
    used: u64,
}

impl<K: Copy + Eq + Hash, V> Cache<K, V> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            entries: HashMap::new(),
            bytes: 0,
            limit,
            clock: 0,
        }
    }

    pub(super) fn get(&mut self, key: &K) -> Option<Arc<V>> {
        self.clock += 1;
        let entry = self.entries.get_mut(key)?;
        entry.used = self.clock;
        Some(Arc::clone(&entry.value))
    }

    /// Takes in a thing of so many bytes. One that is larger than all that may be kept is not.
    pub(super) fn insert(&mut self, key: K, value: Arc<V>, bytes: usize) {
        if bytes > self.limit / 2 {
            return;
        }
        self.clock += 1;
        let used = self.clock;
        self.bytes += bytes;
        if let Some(old) = self.entries.insert(key, Entry { value, bytes, used }) {
            self.bytes -= old.bytes;
        }
        if self.bytes > self.limit {
            self.forget();
        }
    }

    /// Keeps half of what may be kept, so that the next time is long after.
    fn forget(&mut self) {
        let mut by_age: Vec<(u64, K)> = self
            .entries
            .iter()
            .map(|(key, entry)| (entry.used, *key))
            .collect();
        by_age.sort_unstable_by_key(|&(used, _)| used);
        for (_, key) in by_age {
            if self.bytes <= self.limit / 2 {
                break;
            }
            if let Some(old) = self.entries.remove(&key) {
                self.bytes -= old.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Room for 10 of a byte; 1 was asked for again, so 0, 2, 3, … are forgotten first until 5 are
    /// left.
    #[test]
    fn the_longest_unused_are_forgotten() {
        let mut cache = Cache::new(10);
        for key in 0..10 {
            cache.insert(key, Arc::new(key), 1);
        }
        assert!(cache.get(&1).is_some());
        cache.insert(10, Arc::new(10), 1);
        let kept: Vec<_> = (0..11).filter(|key| cache.get(key).is_some()).collect();
        assert_eq!(kept, [1, 7, 8, 9, 10]);
        assert_eq!(cache.bytes, 5);
        cache.insert(11, Arc::new(11), 6);
        assert!(cache.get(&11).is_none());
        cache.insert(10, Arc::new(10), 3);
        assert_eq!(cache.bytes, 7);
    }
}
