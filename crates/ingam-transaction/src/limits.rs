//! What a message may be at most, each number with its reason.

use ingam_wire::json::Limits;

/// Bytes of a body: as the carrier's own bound, so that nothing larger is ever hashed.
pub const BODY: usize = ingam_ports::BODY_LIMIT;

/// Bytes of `Signature-Input` or `Signature`, all lines joined: sixteen components take 0.5 KiB, an ML-DSA-65
/// signature in base64 takes 4.5 KiB, so two labels of either kind fit.
pub(crate) const SIGNATURE_FIELD: usize = 16 * 1024;

/// Labels of one message: a client's, a gateway's, a few to spare.
pub(crate) const LABELS: usize = 8;

/// Components of one signature; the largest profile names eleven.
pub(crate) const COMPONENTS: usize = 64;

/// Parameters of one signature or component; the registry knows six.
pub(crate) const PARAMETERS: usize = 16;

/// Bytes of a nonce, key id or tag; ours have at most 43.
pub(crate) const PARAMETER: usize = 256;

/// Bytes of a digest field: every registered algorithm at once stays under 0.5 KiB.
pub(crate) const DIGEST_FIELD: usize = 2 * 1024;

/// Keys tried when the message names none, so that a large key set buys no work.
pub(crate) const CANDIDATES: usize = 4;

/// Bytes of a detached JWS in a header field: an RSA-4096 signature takes 683, a header with every claim 600.
pub(crate) const DETACHED: usize = 8 * 1024;

/// The protected header of a message JWS: claims and `crit`, no embedded key.
pub(crate) const HEADER_JSON: Limits = Limits { bytes: 4 * 1024, depth: 3, members: 64 };

/// The payload of a JWT body: claims, and a body that nests and counts like the largest statement.
pub(crate) const PAYLOAD_JSON: Limits = Limits { bytes: BODY, depth: 32, members: 65_536 };
