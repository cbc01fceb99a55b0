/// The signature algorithms that FAPI 2.0 admits (section 5.4.1); nothing else can be written down.
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

    /// The JOSE name that is printed.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
            Self::Ps256 => "PS256",
        }
    }

    /// The algorithm of a JOSE name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "ES256" => Some(Self::Es256),
            "EdDSA" | "Ed25519" => Some(Self::EdDsa),
            "PS256" => Some(Self::Ps256),
            _ => None,
        }
    }
}

/// How a JWE carries its content key (RFC 7518 section 4); nothing else can be written down.
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

    /// The JOSE name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::EcdhEsA256Kw => "ECDH-ES+A256KW",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    /// The algorithm of a JOSE name, exactly as registered.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.name() == name)
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
