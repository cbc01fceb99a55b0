//! Fixed key pairs, made once with `openssl genpkey` and public: nothing real may trust them.

/// A P-256 private key, PKCS#8 with its public key (RFC 5915).
pub const P256_PKCS8: &[u8] = include_bytes!("../keys/p256.pkcs8.der");
/// The public half of [`P256_PKCS8`], `SubjectPublicKeyInfo`.
pub const P256_SPKI: &[u8] = include_bytes!("../keys/p256.spki.der");
/// Another holder's P-256 private key.
pub const P256_OTHER_PKCS8: &[u8] = include_bytes!("../keys/p256-other.pkcs8.der");
/// The public half of [`P256_OTHER_PKCS8`].
pub const P256_OTHER_SPKI: &[u8] = include_bytes!("../keys/p256-other.spki.der");
/// An Ed25519 private key, PKCS#8 version 1: the seed without its public key (RFC 8410).
pub const ED25519_PKCS8: &[u8] = include_bytes!("../keys/ed25519.pkcs8.der");
/// The public half of [`ED25519_PKCS8`].
pub const ED25519_SPKI: &[u8] = include_bytes!("../keys/ed25519.spki.der");
/// Another holder's Ed25519 private key.
pub const ED25519_OTHER_PKCS8: &[u8] = include_bytes!("../keys/ed25519-other.pkcs8.der");
/// The public half of [`ED25519_OTHER_PKCS8`].
pub const ED25519_OTHER_SPKI: &[u8] = include_bytes!("../keys/ed25519-other.spki.der");
/// An RSA private key of 2,048 bits, PKCS#8 with `rsaEncryption`.
pub const RSA_2048_PKCS8: &[u8] = include_bytes!("../keys/rsa-2048.pkcs8.der");
/// The public half of [`RSA_2048_PKCS8`].
pub const RSA_2048_SPKI: &[u8] = include_bytes!("../keys/rsa-2048.spki.der");
