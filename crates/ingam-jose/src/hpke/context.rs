use core::fmt;

use ingam_wire::{Randomness, RandomnessUnavailable};
use zeroize::Zeroizing;

use super::{
    RecipientKey, RecipientPublicKey, Suite,
    key::serialized,
    schedule::{self, Secrets},
};
use crate::{CryptoProvider, Curve, PublicKey, SealingKeyError, Unsupported, sealing_key::fresh_agreement_key};

/// Why HPKE refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum HpkeError {
    /// A KEM, KDF or AEAD that cannot be written down here.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// The key is of another curve than the suite.
    #[error("the key is of another curve than the suite")]
    WrongCurve,
    /// The key is off its curve or gives an all-zero secret.
    #[error("invalid key")]
    InvalidKey,
    /// The provider lacks the suite.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
    /// The context has sealed or opened as many messages as it may.
    #[error("too many messages for one context")]
    MessageLimit,
    /// More bytes were to be exported than HKDF-SHA256 gives.
    #[error("export of more than 8,160 bytes")]
    ExportLimit,
    /// The content could not be sealed.
    #[error("content cannot be sealed")]
    SealFailed,
    /// The content cannot be opened; one error for all causes.
    #[error("sealed content cannot be opened")]
    DecryptionFailed,
}

impl HpkeError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::WrongCurve => "WrongCurve",
            Self::InvalidKey => "InvalidKey",
            Self::Unsupported(_) => "Unsupported",
            Self::Randomness(_) => "Randomness",
            Self::MessageLimit => "MessageLimit",
            Self::ExportLimit => "ExportLimit",
            Self::SealFailed => "SealFailed",
            Self::DecryptionFailed => "DecryptionFailed",
        }
    }
}

impl From<SealingKeyError> for HpkeError {
    fn from(error: SealingKeyError) -> Self {
        match error {
            SealingKeyError::Unsupported(missing) => Self::Unsupported(missing),
            SealingKeyError::Randomness(failed) => Self::Randomness(failed),
            _ => Self::InvalidKey,
        }
    }
}

/// What a sender and a receiver have in common.
struct Context {
    suite: Suite,
    secrets: Secrets,
    next: u64,
}

impl Context {
    /// The nonce of the next message (section 5.2); a number is never used twice, whatever becomes of the message.
    fn next_nonce(&mut self) -> Result<[u8; 12], HpkeError> {
        let number = self.next;
        // RUSTSEC-2026-0069 and its siblings: a counter that wraps repeats a nonce.
        self.next = number.checked_add(1).ok_or(HpkeError::MessageLimit)?;
        let mut nonce = self.secrets.base_nonce;
        for (byte, number) in nonce.iter_mut().rev().zip(number.to_be_bytes().iter().rev()) {
            *byte ^= number;
        }
        Ok(nonce)
    }

    fn export(
        &self,
        context: &[u8],
        length: usize,
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
        if length > EXPORT_LIMIT {
            return Err(HpkeError::ExportLimit);
        }
        let mut out = Zeroizing::new(vec![0; length]);
        schedule::export(&self.secrets.exporter, context, self.suite, provider, &mut out)?;
        Ok(out)
    }
}

/// Seals a sequence of messages to one recipient.
pub struct Sender(Context);

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("suite", &self.0.suite).field("next", &self.0.next).finish_non_exhaustive()
    }
}

impl Sender {
    /// Begins a sequence; returns what the recipient needs to begin it too. `info` says what the messages are for.
    ///
    /// # Errors
    /// [`HpkeError`].
    pub fn new(
        suite: Suite,
        recipient: &RecipientPublicKey,
        info: &[u8],
        provider: &dyn CryptoProvider,
        randomness: &dyn Randomness,
    ) -> Result<(Vec<u8>, Self), HpkeError> {
        if recipient.curve != suite.kem {
            return Err(HpkeError::WrongCurve);
        }
        let ephemeral = fresh_agreement_key(suite.kem, provider, randomness)?.key;
        let agreed = ephemeral.agree(&recipient.key).map_err(|_| HpkeError::InvalidKey)?;
        let public = ephemeral.public();
        let encapsulated = serialized(&public);
        let shared = schedule::shared_secret(&agreed, encapsulated, recipient.serialized(), suite, provider)?;
        let secrets = schedule::schedule(&shared, info, suite, provider)?;
        Ok((encapsulated.to_vec(), Self(Context { suite, secrets, next: 0 })))
    }

    /// Seals the next message, bound to `associated`.
    ///
    /// # Errors
    /// [`HpkeError::MessageLimit`].
    pub fn seal(
        &mut self,
        associated: &[u8],
        content: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Vec<u8>, HpkeError> {
        let nonce = self.0.next_nonce()?;
        let mut data = Vec::with_capacity(content.len().saturating_add(16));
        data.extend_from_slice(content);
        let sealed =
            provider.seal(self.0.suite.sealing(), self.0.secrets.key.as_slice(), &nonce, associated, &mut data);
        sealed.map_err(|_| HpkeError::SealFailed)?;
        Ok(data)
    }

    /// A secret that only both ends know, for `context` (section 5.3); at most 8,160 bytes.
    ///
    /// # Errors
    /// [`HpkeError::ExportLimit`].
    pub fn export(
        &self,
        context: &[u8],
        length: usize,
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
        self.0.export(context, length, provider)
    }
}

/// Opens a sequence of messages, in the order in which they were sealed.
pub struct Receiver(Context);

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver").field("suite", &self.0.suite).field("next", &self.0.next).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Begins the sequence that [`Sender::new`] began.
    ///
    /// # Errors
    /// [`HpkeError`].
    pub fn new(
        suite: Suite,
        encapsulated: &[u8],
        key: &RecipientKey,
        info: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Self, HpkeError> {
        if key.public.curve != suite.kem {
            return Err(HpkeError::WrongCurve);
        }
        let invalid = HpkeError::InvalidKey;
        let peer = match suite.kem {
            Curve::P256 => PublicKey::p256(encapsulated).map_err(|_| invalid)?,
            Curve::X25519 => PublicKey::X25519(encapsulated.try_into().map_err(|_| invalid)?),
        };
        let agreed = key.private.agree(&peer).map_err(|_| invalid)?;
        let shared = schedule::shared_secret(&agreed, encapsulated, key.public.serialized(), suite, provider)?;
        let secrets = schedule::schedule(&shared, info, suite, provider)?;
        Ok(Self(Context { suite, secrets, next: 0 }))
    }

    /// Opens the next message. A message that cannot be opened leaves the sequence where it was.
    ///
    /// # Errors
    /// [`HpkeError::DecryptionFailed`] and [`HpkeError::MessageLimit`].
    pub fn open(
        &mut self,
        associated: &[u8],
        sealed: &[u8],
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
        let number = self.0.next;
        let nonce = self.0.next_nonce()?;
        let mut data = Zeroizing::new(sealed.to_vec());
        let key = self.0.secrets.key.as_slice();
        match provider.open(self.0.suite.sealing(), key, &nonce, associated, &mut data) {
            Ok(()) => Ok(data),
            Err(_) => {
                self.0.next = number;
                Err(HpkeError::DecryptionFailed)
            }
        }
    }

    /// As [`Sender::export`].
    ///
    /// # Errors
    /// [`HpkeError::ExportLimit`].
    pub fn export(
        &self,
        context: &[u8],
        length: usize,
        provider: &dyn CryptoProvider,
    ) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
        self.0.export(context, length, provider)
    }
}

/// Seals one message: the encapsulated key and the sealed content (RFC 9180 section 6.1).
///
/// # Errors
/// [`HpkeError`].
pub fn seal(
    suite: Suite,
    recipient: &RecipientPublicKey,
    info: &[u8],
    associated: &[u8],
    content: &[u8],
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
) -> Result<(Vec<u8>, Vec<u8>), HpkeError> {
    let (encapsulated, mut sender) = Sender::new(suite, recipient, info, provider, randomness)?;
    Ok((encapsulated, sender.seal(associated, content, provider)?))
}

/// Opens what [`seal`] sealed; says nothing about the author.
///
/// # Errors
/// [`HpkeError`].
pub fn open(
    suite: Suite,
    encapsulated: &[u8],
    key: &RecipientKey,
    info: &[u8],
    associated: &[u8],
    sealed: &[u8],
    provider: &dyn CryptoProvider,
) -> Result<Zeroizing<Vec<u8>>, HpkeError> {
    Receiver::new(suite, encapsulated, key, info, provider)?.open(associated, sealed, provider)
}

/// 255 blocks of HKDF-SHA256 (RFC 5869 section 2.3).
const EXPORT_LIMIT: usize = 255 * 32;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::RingProvider;

    fn pair() -> (Sender, Receiver) {
        let key = RecipientKey::from_scalar(Curve::X25519, &[7; 32], &RingProvider).unwrap();
        let suite = Suite::X25519_AES256;
        let (encapsulated, sender) = Sender::new(suite, key.public(), b"info", &RingProvider, &RingProvider).unwrap();
        (sender, Receiver::new(suite, &encapsulated, &key, b"info", &RingProvider).unwrap())
    }

    #[test]
    fn sr_32_a_sequence_ends_before_a_nonce_repeats() {
        let (mut sender, mut receiver) = pair();
        for start in [u64::from(u32::MAX), u64::from(u32::MAX) + 1, u64::MAX - 1] {
            (sender.0.next, receiver.0.next) = (start, start);
            let sealed = sender.seal(b"a", b"content", &RingProvider).unwrap();
            assert_eq!(*receiver.open(b"a", &sealed, &RingProvider).unwrap(), b"content");
        }
        assert_eq!(sender.seal(b"a", b"content", &RingProvider), Err(HpkeError::MessageLimit));
        assert_eq!(sender.seal(b"a", b"content", &RingProvider), Err(HpkeError::MessageLimit));
        assert_eq!(receiver.open(b"a", b"", &RingProvider), Err(HpkeError::MessageLimit));
    }

    #[test]
    fn sr_32_no_more_is_exported_than_the_derivation_gives() {
        let (sender, receiver) = pair();
        let export = sender.export(b"c", 8_160, &RingProvider).unwrap();
        assert_eq!(export, receiver.export(b"c", 8_160, &RingProvider).unwrap());
        assert_ne!(export, receiver.export(b"d", 8_160, &RingProvider).unwrap());
        assert_eq!(sender.export(b"c", 8_161, &RingProvider), Err(HpkeError::ExportLimit));
        assert_eq!(sender.export(b"c", 65_536, &RingProvider), Err(HpkeError::ExportLimit));
    }

    #[test]
    fn a_message_that_fails_does_not_move_the_receiver() {
        let (mut sender, mut receiver) = pair();
        let sealed = sender.seal(b"a", b"content", &RingProvider).unwrap();
        assert_eq!(receiver.open(b"b", &sealed, &RingProvider), Err(HpkeError::DecryptionFailed));
        assert_eq!(receiver.open(b"a", &sealed[1..], &RingProvider), Err(HpkeError::DecryptionFailed));
        assert_eq!(*receiver.open(b"a", &sealed, &RingProvider).unwrap(), b"content");
        assert_eq!(receiver.open(b"a", &sealed, &RingProvider), Err(HpkeError::DecryptionFailed));
    }
}
