//! A set of fingerprints: open addressing over 12-byte cells, grown by a third, at most four fifths full.
//!
//! That is 15 to 20 bytes an entry. With 96 bits of a digest, one shard of 10,000 entries takes a fresh id for an old
//! one in 10^24 tries.

/// 96 bits of a digest; all zero marks an empty cell.
pub(super) type Fingerprint = [u32; 3];

const EMPTY: Fingerprint = [0; 3];

/// The fingerprint of `digest`.
pub(super) fn fingerprint(digest: &[u8; 32]) -> Fingerprint {
    let mut print = EMPTY;
    for (word, bytes) in print.iter_mut().zip(digest.chunks_exact(4)) {
        *word = bytes.iter().fold(0, |word, byte| (word << 8) | u32::from(*byte));
    }
    // No digest may look like an empty cell.
    if print == EMPTY { [0, 0, 1] } else { print }
}

/// The set. The place of a fingerprint comes from a keyed hash the caller makes, so that nobody can aim at one place.
#[derive(Debug, Default)]
pub(super) struct Fingerprints {
    cells: Box<[Fingerprint]>,
    count: usize,
}

impl Fingerprints {
    pub(super) const fn len(&self) -> usize {
        self.count
    }

    /// Bytes of memory.
    pub(super) const fn bytes(&self) -> usize {
        size_of_val::<[Fingerprint]>(&self.cells)
    }

    pub(super) fn contains(&self, print: Fingerprint, hash: impl Fn(Fingerprint) -> u32) -> bool {
        self.probe(hash(print)).take_while(|cell| **cell != EMPTY).any(|cell| *cell == print)
    }

    /// Adds a fingerprint that is not there.
    pub(super) fn insert(&mut self, print: Fingerprint, hash: impl Fn(Fingerprint) -> u32) {
        if self.count.saturating_mul(5) >= self.cells.len().saturating_mul(4) {
            self.grow(&hash);
        }
        place(&mut self.cells, print, hash(print));
        self.count = self.count.saturating_add(1);
    }

    fn grow(&mut self, hash: &impl Fn(Fingerprint) -> u32) {
        let larger = self.cells.len().saturating_add(self.cells.len() / 3).max(8);
        let mut cells = vec![EMPTY; larger].into_boxed_slice();
        for print in self.cells.iter().filter(|print| **print != EMPTY) {
            place(&mut cells, *print, hash(*print));
        }
        self.cells = cells;
    }

    /// The cells from the one that `hash` names on, each once.
    fn probe(&self, hash: u32) -> impl Iterator<Item = &Fingerprint> {
        let (before, from) = self.cells.split_at_checked(start(hash, self.cells.len())).unwrap_or_default();
        from.iter().chain(before)
    }
}

/// Writes `print` into the first empty cell; there is one, since a set is never more than four fifths full.
fn place(cells: &mut [Fingerprint], print: Fingerprint, hash: u32) {
    let from = start(hash, cells.len());
    let Some((before, after)) = cells.split_at_mut_checked(from) else { return };
    if let Some(cell) = after.iter_mut().chain(before).find(|cell| **cell == EMPTY) {
        *cell = print;
    }
}

/// A cell for `hash` among `cells`, without division (Lemire 2016).
fn start(hash: u32, cells: usize) -> usize {
    let cells = u64::try_from(cells).unwrap_or(u64::MAX) & u64::from(u32::MAX);
    usize::try_from((u64::from(hash).wrapping_mul(cells)) >> 32).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inserted_is_found_and_nothing_else_through_every_growth() {
        let hash = |print: Fingerprint| print[0].wrapping_mul(0x9e37_79b9);
        let mut set = Fingerprints::default();
        for n in 1..2_000_u32 {
            assert!(!set.contains([n, 0, 7], hash));
            set.insert([n, 0, 7], hash);
            assert!((1..=n).rev().step_by(17).all(|old| set.contains([old, 0, 7], hash)), "after {n}");
        }
        assert_eq!(set.len(), 1_999);
        assert!(set.bytes() <= 24 * set.len());
    }

    #[test]
    fn fingerprints_that_all_fall_on_one_cell_are_still_told_apart() {
        let hash = |_| u32::MAX;
        let mut set = Fingerprints::default();
        (1..100).for_each(|n| set.insert([n, n, n], hash));
        assert!((1..100).all(|n| set.contains([n, n, n], hash)));
        assert!(!set.contains([100, 100, 100], hash));
    }

    #[test]
    fn the_digest_of_zeros_is_not_an_empty_cell() {
        assert_ne!(fingerprint(&[0; 32]), EMPTY);
    }
}
