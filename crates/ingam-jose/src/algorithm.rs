//! Every algorithm of Ingam, in one table.
//!
//! What FAPI 2.0 section 5.4.1 and RFC 8725 forbid (`none`, HS*, RS*, RSA1_5, PBES2, ES384 …) has no value here, so
//! no configuration and no message can ask for it.

use crate::Curve;

/// What one row of the table says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct AlgorithmRow {
    /// Names registered for JOSE, the printed one first; empty where JOSE has none.
    pub jose: &'static [&'static str],
    /// Name in HTTP message signatures (RFC 9421 section 6.2.2), where there is one.
    pub http: Option<&'static str>,
    /// What it is for.
    pub duty: Duty,
    /// Key type and sizes in bits.
    pub key: &'static str,
    /// Security strength in bits, at the smallest key (SP 800-57 part 1 table 2).
    pub strength: u16,
    /// What ring does of it.
    pub ring: Support,
    /// What aws-lc-rs does of it.
    pub aws_lc: Support,
    /// The standard that defines it.
    pub standard: &'static str,
}

/// What an algorithm is for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Duty {
    /// Signatures.
    Signature,
    /// Carrying or agreeing a content key.
    KeyManagement,
    /// Encrypting content.
    Content,
}

/// How much of an algorithm a provider has.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Support {
    /// All of it.
    Full,
    /// All but making keys: they are imported.
    ImportedKeys,
    /// Verifying only.
    VerifyOnly,
    /// Nothing.
    Absent,
}

use Duty::{Content, KeyManagement as Management, Signature};
use Support::{Absent, Full, ImportedKeys, VerifyOnly};

#[rustfmt::skip]
mod rows {
    use super::{Absent, AlgorithmRow, Content, Duty, Full, ImportedKeys, Management, Signature, Support, VerifyOnly};
    #[expect(clippy::too_many_arguments, reason = "they are the columns of the table")]
    const fn row(jose: &'static [&'static str], http: Option<&'static str>, duty: Duty, key: &'static str, strength: u16, ring: Support, aws_lc: Support, standard: &'static str) -> AlgorithmRow {
        AlgorithmRow { jose, http, duty, key, strength, ring, aws_lc, standard }
    }
    //                                           JOSE                    RFC 9421                    duty        key              bits ring          aws-lc-rs   standard
    pub(super) const ES256: AlgorithmRow   = row(&["ES256"],             Some("ecdsa-p256-sha256"),  Signature,  "EC P-256",      128, Full,         Full,       "RFC 7518 3.4, FIPS 186-5");
    pub(super) const EDDSA: AlgorithmRow   = row(&["EdDSA", "Ed25519"],  Some("ed25519"),            Signature,  "OKP Ed25519",   128, Full,         Full,       "RFC 8037 3.1, RFC 9864, RFC 8032");
    pub(super) const PS256: AlgorithmRow   = row(&["PS256"],             None,                       Signature,  "RSA 2048-4096", 112, ImportedKeys, Full,       "RFC 7518 3.5, RFC 8017 8.1");
    pub(super) const PSS512: AlgorithmRow  = row(&[],                    Some("rsa-pss-sha512"),     Signature,  "RSA 2048-4096", 112, VerifyOnly,   VerifyOnly, "RFC 9421 3.3.1; no FAPI profile admits it");
    // Room: ML-DSA-44/65/87 (RFC 9964) and its composites stand here: a row, a variant, a provider capability.
    pub(super) const ECDH: AlgorithmRow    = row(&["ECDH-ES"],           None,                       Management, "OKP X25519",    128, Full,         Full,       "RFC 7518 4.6, RFC 8037 3.2, RFC 7748");
    pub(super) const ECDH_P: AlgorithmRow  = row(&["ECDH-ES"],           None,                       Management, "EC P-256",      128, Absent,       Full,       "RFC 7518 4.6, SP 800-56A");
    pub(super) const ECDHKW: AlgorithmRow  = row(&["ECDH-ES+A256KW"],    None,                       Management, "X25519, P-256", 128, Absent,       Full,       "RFC 7518 4.6, RFC 3394");
    pub(super) const OAEP: AlgorithmRow    = row(&["RSA-OAEP-256"],      None,                       Management, "RSA 2048-4096", 112, Absent,       Full,       "RFC 7518 4.3, RFC 8017 7.1");
    pub(super) const A256GCM: AlgorithmRow = row(&["A256GCM"],           None,                       Content,    "oct 256",       256, Full,         Full,       "RFC 7518 5.3, SP 800-38D");
    pub(super) const A128GCM: AlgorithmRow = row(&["A128GCM"],           None,                       Content,    "oct 128",       128, Full,         Full,       "RFC 7518 5.3, SP 800-38D");
    pub(super) const CHACHA: AlgorithmRow  = row(&[],                    None,                       Content,    "oct 256",       256, Full,         Full,       "RFC 8439; within HPKE (RFC 9180 7.3) only");
}

/// The table.
pub const ALGORITHMS: [AlgorithmRow; 11] = {
    use rows::{A128GCM, A256GCM, CHACHA, ECDH, ECDH_P, ECDHKW, EDDSA, ES256, OAEP, PS256, PSS512};
    [ES256, EDDSA, PS256, PSS512, ECDH, ECDH_P, ECDHKW, OAEP, A256GCM, A128GCM, CHACHA]
};

impl AlgorithmRow {
    /// The printed JOSE name; empty where there is none.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self.jose {
            [printed, ..] => printed,
            [] => "",
        }
    }
}

/// The signature algorithms that FAPI 2.0 admits (section 5.4.1); nothing else can be written down.
///
/// ```compile_fail,E0599
/// let forged = ingam_jose::SignatureAlgorithm::Hs256;
/// ```
/// ```
/// let signed = ingam_jose::SignatureAlgorithm::Es256;
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 7518 section 3.4).
    Es256,
    /// Ed25519 (RFC 8037; RFC 9864 name `Ed25519`).
    EdDsa,
    /// RSASSA-PSS with SHA-256 and MGF1 with SHA-256 (RFC 7518 section 3.5).
    Ps256,
}

impl SignatureAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Es256, Self::EdDsa, Self::Ps256];

    /// Its row of the table.
    #[must_use]
    pub const fn row(self) -> &'static AlgorithmRow {
        match self {
            Self::Es256 => &rows::ES256,
            Self::EdDsa => &rows::EDDSA,
            Self::Ps256 => &rows::PS256,
        }
    }

    /// The JOSE name that is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name()
    }

    /// The algorithm of a JOSE name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.row().jose.contains(&name))
    }

    /// The name in HTTP message signatures (RFC 9421 section 6.2.2); PS256 has none.
    #[must_use]
    pub const fn http_name(self) -> Option<&'static str> {
        self.row().http
    }

    /// The algorithm of an RFC 9421 name.
    #[must_use]
    pub fn from_http_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.http_name() == Some(name))
    }
}

/// How a JWE carries its content key (RFC 7518 section 4); nothing else can be written down.
///
/// ```compile_fail,E0599
/// let padded = ingam_jose::KeyManagement::Rsa15;
/// ```
/// ```
/// let sealed = ingam_jose::KeyManagement::RsaOaep256;
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyManagement {
    /// The content key is agreed directly (RFC 7518 section 4.6, RFC 8037 section 3.2).
    EcdhEs,
    /// The agreed key wraps the content key with AES-256 (RFC 3394).
    EcdhEsA256Kw,
    /// The content key is encrypted with RSA-OAEP, SHA-256 and MGF1 with SHA-256.
    RsaOaep256,
}

impl KeyManagement {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::EcdhEs, Self::EcdhEsA256Kw, Self::RsaOaep256];

    /// Its row of the table, for keys on this curve.
    #[must_use]
    pub const fn row(self, curve: Option<Curve>) -> &'static AlgorithmRow {
        match (self, curve) {
            (Self::EcdhEs, Some(Curve::P256)) => &rows::ECDH_P,
            (Self::EcdhEs, _) => &rows::ECDH,
            (Self::EcdhEsA256Kw, _) => &rows::ECDHKW,
            (Self::RsaOaep256, _) => &rows::OAEP,
        }
    }

    /// The JOSE name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row(None).name()
    }

    /// The algorithm of a JOSE name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
    }
}

/// How content is sealed (RFC 7518 section 5.3; RFC 9180 section 7.3).
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum SealingAlgorithm {
    /// AES-128-GCM, 16-byte key.
    A128Gcm,
    /// AES-256-GCM, 32-byte key.
    A256Gcm,
    /// ChaCha20-Poly1305, 32-byte key (HPKE only).
    ChaCha20Poly1305,
}

impl SealingAlgorithm {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::A128Gcm, Self::A256Gcm, Self::ChaCha20Poly1305];

    /// Its row of the table.
    #[must_use]
    pub const fn row(self) -> &'static AlgorithmRow {
        match self {
            Self::A128Gcm => &rows::A128GCM,
            Self::A256Gcm => &rows::A256GCM,
            Self::ChaCha20Poly1305 => &rows::CHACHA,
        }
    }

    /// The JOSE name (`enc`), where there is one.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self.row().jose {
            [name, ..] => Some(name),
            [] => None,
        }
    }

    /// The algorithm of a JOSE `enc` name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == Some(name))
    }

    /// Bytes of its key.
    #[must_use]
    pub const fn key_length(self) -> usize {
        match self {
            Self::A128Gcm => 16,
            Self::A256Gcm | Self::ChaCha20Poly1305 => 32,
        }
    }
}

/// The one algorithm a key is for.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum KeyAlgorithm {
    /// It verifies signatures.
    Signature(SignatureAlgorithm),
    /// It seals to its owner.
    Management(KeyManagement),
}

impl KeyAlgorithm {
    /// The JOSE name that is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature(a) => a.name(),
            Self::Management(a) => a.name(),
        }
    }

    /// The algorithm of a JOSE name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let management = || KeyManagement::from_name(name).map(Self::Management);
        SignatureAlgorithm::from_name(name).map(Self::Signature).or_else(management)
    }

    /// The use a key of this algorithm has.
    #[must_use]
    pub const fn key_use(self) -> KeyUse {
        match self {
            Self::Signature(_) => KeyUse::Signature,
            Self::Management(_) => KeyUse::Encryption,
        }
    }
}

/// What a key may be used for (RFC 7517 section 4.2).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum KeyUse {
    /// `sig`
    Signature,
    /// `enc`
    Encryption,
}

impl KeyUse {
    /// The value of the `use` member.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Signature => "sig",
            Self::Encryption => "enc",
        }
    }
}
