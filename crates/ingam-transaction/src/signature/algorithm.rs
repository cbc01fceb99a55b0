use ingam_jose::SignatureAlgorithm;

/// The registered name (RFC 9421 section 6.2.2) of a key's algorithm; PS256 has none and is used without `alg`, as
/// section 3.3.7 lets a JOSE algorithm be.
pub(crate) const fn registered(algorithm: SignatureAlgorithm) -> Option<&'static str> {
    match algorithm {
        SignatureAlgorithm::Es256 => Some("ecdsa-p256-sha256"),
        SignatureAlgorithm::EdDsa => Some("ed25519"),
        SignatureAlgorithm::Ps256 => None,
    }
}

/// Whether a message that names `alg` can be one of ours at all.
pub(crate) fn is_registered(alg: &str) -> bool {
    matches!(alg, "ecdsa-p256-sha256" | "ed25519")
}
