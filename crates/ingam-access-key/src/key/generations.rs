use std::collections::HashMap;

/// What is remembered by a SHA-256: two generations, so that it is bounded without a clock and what is used stays.
#[derive(Debug)]
pub(super) struct Generations<T> {
    /// Entries of one generation.
    size: usize,
    young: HashMap<[u8; 32], T>,
    old: HashMap<[u8; 32], T>,
}

impl<T> Generations<T> {
    pub(super) fn of(size: usize) -> Self {
        Self { size, young: HashMap::new(), old: HashMap::new() }
    }

    pub(super) fn find(&mut self, sha256: &[u8; 32]) -> Option<&T> {
        if let Some(found) = self.old.remove(sha256) {
            self.put(*sha256, found);
        }
        self.young.get(sha256)
    }

    pub(super) fn put(&mut self, sha256: [u8; 32], entry: T) {
        if self.young.len() >= self.size {
            self.old = core::mem::take(&mut self.young);
        }
        self.young.insert(sha256, entry);
    }

    pub(super) fn retain(&mut self, mut keep: impl FnMut(&[u8; 32], &mut T) -> bool) {
        self.young.retain(&mut keep);
        self.old.retain(keep);
    }

    pub(super) fn clear(&mut self) {
        *self = Self::of(self.size);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(number: u8) -> [u8; 32] {
        [number; 32]
    }

    #[test]
    fn what_is_used_stays_and_what_is_not_makes_room() {
        let mut remembered = Generations::of(4);
        for number in 0..100 {
            remembered.put(digest(number), number);
            assert_eq!(remembered.find(&digest(0)), Some(&0), "{number}");
            assert!(remembered.young.len() <= 4 && remembered.old.len() <= 4, "{number}");
        }
        assert_eq!(remembered.find(&digest(99)), Some(&99));
        assert_eq!(remembered.find(&digest(50)), None);
    }

    #[test]
    fn what_is_dropped_is_dropped_from_both() {
        let mut remembered = Generations::of(2);
        (0..4).for_each(|number| remembered.put(digest(number), number));
        remembered.retain(|_, number| *number % 2 == 0);
        let left = |remembered: &mut Generations<u8>| (0..4).filter(|n| remembered.find(&digest(*n)).is_some()).count();
        assert_eq!(left(&mut remembered), 2);
        remembered.clear();
        assert_eq!(left(&mut remembered), 0);
    }
}
