//! Bytes that look random and are not.

use std::sync::atomic::{AtomicU64, Ordering};

/// A deterministic sequence of bytes (SplitMix64): the same seed gives the same bytes in the same order.
///
/// **Not random**: whoever knows the seed knows every byte. For tests that must be repeatable.
#[derive(Debug)]
pub struct SeededBytes(AtomicU64);

impl SeededBytes {
    /// The sequence of `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(AtomicU64::new(seed))
    }

    /// Fills `out` with the next bytes of the sequence.
    pub fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            for (target, byte) in chunk.iter_mut().zip(self.next().to_le_bytes()) {
                *target = byte;
            }
        }
    }

    /// The next 64 bits of the sequence.
    pub fn next(&self) -> u64 {
        const STEP: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut mixed = self.0.fetch_add(STEP, Ordering::Relaxed).wrapping_add(STEP);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

/// [`SeededBytes`] as the closure that Ingam takes for randomness.
pub fn seeded(seed: u64) -> impl Fn(&mut [u8]) + Send + Sync {
    let bytes = SeededBytes::new(seed);
    move |out: &mut [u8]| bytes.fill(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sequence_is_the_published_one_of_splitmix64() {
        let bytes = SeededBytes::new(1_234_567);
        assert_eq!(bytes.next(), 6_457_827_717_110_365_317);
        assert_eq!(bytes.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn the_same_seed_repeats_and_another_differs() {
        let draw = |seed| {
            let mut out = [0; 33];
            seeded(seed)(&mut out);
            out
        };
        assert_eq!(draw(1), draw(1));
        assert_ne!(draw(1), draw(2));
        assert!(draw(1).iter().any(|byte| *byte != 0));
    }
}
