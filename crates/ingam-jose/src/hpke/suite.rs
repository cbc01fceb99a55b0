use super::HpkeError;
use crate::{Curve, SealingAlgorithm};

/// The suites that can be written down: DHKEM on X25519 or P-256 with HKDF-SHA256, HKDF-SHA256, and one AEAD.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Suite {
    /// The curve of the key encapsulation.
    pub kem: Curve,
    /// What seals the content.
    pub aead: HpkeAead,
}

/// The AEADs of HPKE (RFC 9180 section 7.3) that can be written down.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum HpkeAead {
    /// AES-256-GCM.
    Aes256Gcm,
    /// ChaCha20-Poly1305.
    ChaCha20Poly1305,
}

impl Suite {
    /// The suite of Ingam's own messages.
    pub const X25519_AES256: Self = Self { kem: Curve::X25519, aead: HpkeAead::Aes256Gcm };

    /// The suite of three registered identifiers.
    ///
    /// # Errors
    /// [`HpkeError::AlgorithmNotAllowed`].
    pub const fn from_ids(kem: u16, kdf: u16, aead: u16) -> Result<Self, HpkeError> {
        let kem = match kem {
            0x0010 => Curve::P256,
            0x0020 => Curve::X25519,
            _ => return Err(HpkeError::AlgorithmNotAllowed),
        };
        let aead = match (kdf, aead) {
            (KDF_ID, 0x0002) => HpkeAead::Aes256Gcm,
            (KDF_ID, 0x0003) => HpkeAead::ChaCha20Poly1305,
            _ => return Err(HpkeError::AlgorithmNotAllowed),
        };
        Ok(Self { kem, aead })
    }

    /// KEM, KDF and AEAD as registered.
    #[must_use]
    pub const fn ids(self) -> (u16, u16, u16) {
        let kem = match self.kem {
            Curve::P256 => 0x0010,
            Curve::X25519 => 0x0020,
        };
        let aead = match self.aead {
            HpkeAead::Aes256Gcm => 0x0002,
            HpkeAead::ChaCha20Poly1305 => 0x0003,
        };
        (kem, KDF_ID, aead)
    }

    pub(super) const fn sealing(self) -> SealingAlgorithm {
        match self.aead {
            HpkeAead::Aes256Gcm => SealingAlgorithm::A256Gcm,
            HpkeAead::ChaCha20Poly1305 => SealingAlgorithm::ChaCha20Poly1305,
        }
    }
}

/// HKDF-SHA256 (RFC 9180 section 7.2).
const KDF_ID: u16 = 0x0001;
