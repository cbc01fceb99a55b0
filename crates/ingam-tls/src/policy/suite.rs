use rustls::{CipherSuite, NamedGroup, SupportedCipherSuite, SupportedProtocolVersion, crypto::CryptoProvider};

/// A version of TLS; older ones cannot be named (RFC 8996).
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Protocol {
    /// RFC 5246, always with extended master secret (RFC 7627) required.
    Tls12,
    /// RFC 8446.
    Tls13,
}

impl Protocol {
    /// Newest first: the order in which rustls prefers them.
    pub(crate) const ALL: [Self; 2] = [Self::Tls13, Self::Tls12];

    /// `TLS 1.2` or `TLS 1.3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tls12 => "TLS 1.2",
            Self::Tls13 => "TLS 1.3",
        }
    }

    pub(crate) fn version(self) -> &'static SupportedProtocolVersion {
        match self {
            Self::Tls12 => &rustls::version::TLS12,
            Self::Tls13 => &rustls::version::TLS13,
        }
    }
}

macro_rules! named {
    ($(#[$meta:meta])* $name:ident as $wire:ident { $($(#[$doc:meta])* $variant:ident = $code:ident, $text:literal;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, Eq, PartialEq)]
        pub enum $name { $($(#[$doc])* $variant,)* }

        impl $name {
            /// The name in IANA's registry.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            pub(crate) const fn wire(self) -> $wire {
                match self { $(Self::$variant => $wire::$code,)* }
            }
        }
    };
}

named! {
    /// A cipher suite; the whole table, all with forward secrecy and an AEAD.
    Suite as CipherSuite {
        /// RFC 8446.
        Aes256GcmSha384 = TLS13_AES_256_GCM_SHA384, "TLS_AES_256_GCM_SHA384";
        /// RFC 8446.
        Aes128GcmSha256 = TLS13_AES_128_GCM_SHA256, "TLS_AES_128_GCM_SHA256";
        /// RFC 8446.
        Chacha20Poly1305Sha256 = TLS13_CHACHA20_POLY1305_SHA256, "TLS_CHACHA20_POLY1305_SHA256";
        /// RFC 5289, TLS 1.2.
        EcdheEcdsaAes256GcmSha384 = TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384";
        /// RFC 5289, TLS 1.2.
        EcdheEcdsaAes128GcmSha256 = TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";
        /// RFC 5289, TLS 1.2.
        EcdheRsaAes256GcmSha384 = TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        /// RFC 5289, TLS 1.2.
        EcdheRsaAes128GcmSha256 = TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
    }
}

impl Suite {
    /// All of TLS 1.3, strongest first.
    pub const TLS13: [Self; 3] = [Self::Aes256GcmSha384, Self::Aes128GcmSha256, Self::Chacha20Poly1305Sha256];
    /// The four of RFC 9325 section 4.2 for TLS 1.2.
    pub const TLS12: [Self; 4] = [
        Self::EcdheEcdsaAes256GcmSha384,
        Self::EcdheEcdsaAes128GcmSha256,
        Self::EcdheRsaAes256GcmSha384,
        Self::EcdheRsaAes128GcmSha256,
    ];

    /// The protocol it belongs to.
    #[must_use]
    pub const fn protocol(self) -> Protocol {
        match self {
            Self::Aes256GcmSha384 | Self::Aes128GcmSha256 | Self::Chacha20Poly1305Sha256 => Protocol::Tls13,
            _ => Protocol::Tls12,
        }
    }

    pub(crate) fn within(self, provider: &CryptoProvider) -> Option<SupportedCipherSuite> {
        provider.cipher_suites.iter().copied().find(|candidate| candidate.suite() == self.wire())
    }
}

named! {
    /// A key exchange group; all of at least 128 bits of strength (RFC 9325 section 4.4).
    Group as NamedGroup {
        /// X25519 with ML-KEM-768, against recorded traffic being decrypted later; only aws-lc-rs.
        X25519MlKem768 = X25519MLKEM768, "X25519MLKEM768";
        /// RFC 7748.
        X25519 = X25519, "x25519";
        /// NIST P-256.
        Secp256r1 = secp256r1, "secp256r1";
        /// NIST P-384.
        Secp384r1 = secp384r1, "secp384r1";
    }
}
