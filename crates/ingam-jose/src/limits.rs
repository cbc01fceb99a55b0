//! Every bound of this crate, each with its reason; all are checked before base64 or JSON.

use ingam_wire::json;

/// Bytes of a compact token: the largest real one (an access key with rich authorisation details) stays below a
/// quarter of it, and an HTTP header field rarely holds more.
pub const TOKEN: usize = 16 * 1024;

/// Characters of a header segment: an embedded RSA-4096 key needs about 1,100.
pub const HEADER: usize = 4 * 1024;

/// Bytes of a compact JWE: a signed token of [`TOKEN`] bytes or a payload of [`SEALED_CONTENT`] bytes, in base64url.
pub const SEALED: usize = 4 * SEALED_CONTENT / 3 + HEADER + 2 * 1024;

/// Bytes of content in a JWE: the largest body Ingam accepts (1 MiB).
pub const SEALED_CONTENT: usize = 1024 * 1024;

/// A JOSE header: an embedded key is the deepest and largest thing in it.
pub const HEADER_JSON: json::Limits = json::Limits { bytes: HEADER, depth: 4, members: 64 };

/// Claims: rich authorisation details nest object, array, object, array, object, with room for one regime's own shape.
pub const CLAIMS_JSON: json::Limits = json::Limits { bytes: TOKEN, depth: 16, members: 1024 };

/// One JWK: an RSA-4096 key with a short certificate chain in `x5c` (which is ignored).
pub const KEY_JSON: json::Limits = json::Limits { bytes: 16 * 1024, depth: 4, members: 64 };

/// A JWK set: [`KEYS`] keys of ordinary size.
pub const KEY_SET_JSON: json::Limits = json::Limits { bytes: 256 * 1024, depth: 6, members: 4096 };

/// Keys of one set: an issuer in rotation shows a handful; a platform with a key per service some dozens.
pub const KEYS: usize = 100;

/// Candidates tried for one message without `kid`: an unauthenticated sender must not buy a hundred verifications.
pub const TRIES: usize = 8;

/// Characters of a `kid`: a thumbprint has 43, a UUID 36, a URN below 128.
pub const KEY_ID: usize = 128;

/// Bits of an RSA modulus, at least: 112 bits of strength (SP 800-57 part 1, table 2; FAPI 2.0 section 5.4.1).
pub const RSA_MIN_BITS: usize = 2048;

/// Bits of an RSA modulus, at most: beyond it a verification costs an attacker nothing and us milliseconds.
pub const RSA_MAX_BITS: usize = 4096;

/// Bytes of a signature, at most: RSA-4096.
pub const SIGNATURE: usize = RSA_MAX_BITS / 8;

/// Characters of a signature segment, at most.
pub const SIGNATURE_TEXT: usize = (SIGNATURE * 4).div_ceil(3);

/// The last second of a `NumericDate`: 9999-12-31T23:59:59Z (RFC 3339 can print no later one).
pub const LAST_SECOND: i64 = 253_402_300_799;

/// Bytes of a key file: an RSA-4096 key in PEM has about 3,300.
pub const PEM: usize = 16 * 1024;
