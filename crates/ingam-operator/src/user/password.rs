use core::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use ingam_wire::{Randomness, RandomnessUnavailable, SecretText, same_bytes};

/// A password as it is kept: its Argon2id hash (RFC 9106) and salt, never the password.
#[derive(Clone)]
pub struct PasswordHash {
    salt: [u8; 16],
    hash: [u8; 32],
}

/// 19 MiB, two passes, one lane: OWASP's least for Argon2id; about 60 ms of one core.
const COST: (u32, u32, u32) = (19 * 1024, 2, 1);

impl PasswordHash {
    /// Hashes `password` with a fresh salt.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when there is no salt to be had.
    pub fn of(password: &SecretText, randomness: &dyn Randomness) -> Result<Self, RandomnessUnavailable> {
        let mut salt = [0; 16];
        randomness.fill(&mut salt)?;
        Ok(Self { hash: derive(password, &salt), salt })
    }

    /// Whether `password` is the one that was hashed; takes the same time either way.
    #[must_use]
    pub fn matches(&self, password: &SecretText) -> bool {
        same_bytes(&derive(password, &self.salt), &self.hash)
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash(..)")
    }
}

fn derive(password: &SecretText, salt: &[u8; 16]) -> [u8; 32] {
    let (memory, passes, lanes) = COST;
    let params = Params::new(memory, passes, lanes, Some(32)).expect("the constants are in Argon2's range");
    let mut hash = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.expose().as_bytes(), salt, &mut hash)
        .expect("salt and output have lengths that Argon2 takes");
    hash
}
