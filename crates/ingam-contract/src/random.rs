use std::sync::Mutex;

use ingam_wire::{Randomness, RandomnessUnavailable};

/// Bytes that repeat from run to run and never within one: for tests only.
#[derive(Debug)]
pub struct FixedRandom(Mutex<u64>);

impl FixedRandom {
    /// The sequence named by `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(Mutex::new(seed))
    }
}

impl Randomness for FixedRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        let mut state = self.0.lock().map_err(|_poisoned| RandomnessUnavailable)?;
        for chunk in out.chunks_mut(8) {
            // splitmix64 (Steele, Lea, Flood 2014): full period, every seed is good.
            *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut word = *state;
            word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            word ^= word >> 31;
            for (to, from) in chunk.iter_mut().zip(word.to_le_bytes()) {
                *to = from;
            }
        }
        Ok(())
    }
}
