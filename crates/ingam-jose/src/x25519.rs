//! X25519 with a static private half (RFC 7748), which ring does not offer.

use x25519_dalek::{PublicKey as Point, StaticSecret};
use zeroize::Zeroizing;

use crate::{AgreementKey, InvalidPeerKey, PublicKey};

/// An X25519 private key; x25519-dalek wipes it on drop.
pub(crate) struct X25519(StaticSecret);

impl X25519 {
    pub(crate) fn new(scalar: &[u8; 32]) -> Self {
        Self(StaticSecret::from(*scalar))
    }
}

impl AgreementKey for X25519 {
    fn public(&self) -> PublicKey {
        PublicKey::X25519(Point::from(&self.0).to_bytes())
    }

    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, InvalidPeerKey> {
        let PublicKey::X25519(peer) = peer else {
            return Err(InvalidPeerKey);
        };
        let secret = self.0.diffie_hellman(&Point::from(*peer));
        if !secret.was_contributory() {
            return Err(InvalidPeerKey);
        }
        Ok(Zeroizing::new(secret.to_bytes()))
    }
}
