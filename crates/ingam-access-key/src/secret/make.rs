use core::fmt;

use ingam_keys::RecordSealer;
use ingam_ports::RowKey;
use ingam_wire::{Randomness, RandomnessUnavailable, SecretText, UnixTime, base64url};
use zeroize::Zeroizing;

/// What a one-time secret is for; a secret of one kind never passes for another.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum SecretKind {
    /// The reference in a `request_uri` (RFC 9126 section 2.2).
    PushedRequest,
    /// An authorization code (RFC 6749 section 4.1.2).
    Code,
    /// A refresh token (RFC 6749 section 1.5).
    Refresh,
    /// An access key that is no JWT.
    OpaqueAccessKey,
    /// A browser session at the operator's pages.
    Session,
}

impl SecretKind {
    /// All kinds, for tables and tests.
    pub const ALL: [Self; 5] = [Self::PushedRequest, Self::Code, Self::Refresh, Self::OpaqueAccessKey, Self::Session];

    /// The first four characters, by which a leaked secret is recognised.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::PushedRequest => "igp_",
            Self::Code => "igc_",
            Self::Refresh => "igr_",
            Self::OpaqueAccessKey => "igo_",
            Self::Session => "igs_",
        }
    }

    /// What keeps the hashes of different kinds apart.
    const fn purpose(self) -> &'static str {
        match self {
            Self::PushedRequest => "pushed request",
            Self::Code => "authorization code",
            Self::Refresh => "refresh token",
            Self::OpaqueAccessKey => "opaque access key",
            Self::Session => "browser session",
        }
    }
}

/// A secret that the operator hands out once and keeps only as keyed hash; never printed, wiped on drop.
///
/// There is no `Clone`, `Serialize` or `PartialEq`.
pub struct OneTimeSecret {
    pub(super) kind: SecretKind,
    pub(super) time: UnixTime,
    pub(super) text: SecretText,
}

impl OneTimeSecret {
    /// Characters of the text: four of prefix, 48 of base64url.
    pub const LENGTH: usize = 4 + 48;

    /// A fresh secret with 192 random bits.
    ///
    /// fapi: SP-K-4, OA-16, PA-4
    /// x1149: 3.1.16.8
    ///
    /// # Errors
    /// [`RandomnessUnavailable`], also when the source gives nothing but zeros.
    pub fn make(kind: SecretKind, now: UnixTime, randomness: &dyn Randomness) -> Result<Self, RandomnessUnavailable> {
        let mut random = Zeroizing::new([0_u8; RANDOM]);
        randomness.fill(&mut *random)?;
        if *random == [0; RANDOM] {
            return Err(RandomnessUnavailable); // a broken source, RUSTSEC-2026-0075
        }
        let time = now.secs().to_be_bytes();
        let checksum = checksum(kind, &time, &*random);
        let mut body = Zeroizing::new([0_u8; BODY]);
        for (to, from) in body.iter_mut().zip(time.iter().chain(random.iter()).chain(&checksum)) {
            *to = *from;
        }
        let mut text = String::with_capacity(Self::LENGTH);
        text.push_str(kind.prefix());
        let encoded = Zeroizing::new(base64url::encode(*body));
        text.push_str(&encoded);
        Ok(Self { kind, time: now, text: SecretText::new(text) })
    }

    /// What it is for.
    #[must_use]
    pub const fn kind(&self) -> SecretKind {
        self.kind
    }

    /// When it was made.
    #[must_use]
    pub const fn made(&self) -> UnixTime {
        self.time
    }

    /// The secret in the clear, for the one answer that hands it out.
    #[must_use]
    pub fn expose(&self) -> &str {
        self.text.expose()
    }

    /// The secret as text to hand on.
    #[must_use]
    pub fn into_text(self) -> SecretText {
        self.text
    }

    /// Where its record is kept: `time ‖ HMAC(kind, secret)`; nobody who reads the store can present it.
    ///
    /// x1149: 3.1.16.7
    #[must_use]
    pub fn row_key(&self, sealer: &RecordSealer) -> RowKey {
        RowKey::timed(self.time, &sealer.hash(self.kind.purpose(), self.text.expose().as_bytes()))
    }
}

impl fmt::Debug for OneTimeSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OneTimeSecret").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// CRC-32 over prefix, time and random: tells a typing error or a stray text from a secret, proves nothing.
pub(super) fn checksum(kind: SecretKind, time: &[u8], random: &[u8]) -> [u8; 4] {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(kind.prefix().as_bytes());
    hasher.update(time);
    hasher.update(random);
    hasher.finalize().to_be_bytes()
}

/// Random bytes: 192 bits, above the 160 that RFC 6749 section 10.10 recommends, and without base64 remainder.
pub(super) const RANDOM: usize = 24;
/// Bytes behind the prefix: time, random, checksum.
pub(super) const BODY: usize = 8 + RANDOM + 4;
