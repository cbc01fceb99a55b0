//! What a vault file may be at most.

use ingam_wire::json;

/// A vault holds tens of keys of at most a few KiB each.
pub(super) const FILE: usize = 1 << 20;

/// Three levels, and six members an entry.
pub(super) const JSON: json::Limits = json::Limits { bytes: FILE, depth: 6, members: 16 * ENTRIES };

/// Master secrets, imported keys and their predecessors.
pub(super) const ENTRIES: usize = 1_024;

/// Bytes of an entry's name: purposes and key ids.
pub(super) const NAME: usize = 200;

/// Bytes of a secret: an RSA key of 8,192 bits in PKCS#8 has 4.7 KiB.
pub(super) const SECRET: usize = 16 * 1024;

/// KiB of memory for Argon2id: from OWASP's least to what an operator's machine always has (RUSTSEC-2026-0199:
/// cost parameters come from a file, so they are bounded before they are obeyed).
pub(super) const MEMORY: core::ops::RangeInclusive<u32> = 19_456..=262_144;

/// Passes over that memory.
pub(super) const PASSES: core::ops::RangeInclusive<u32> = 2..=10;

/// Lanes.
pub(super) const LANES: core::ops::RangeInclusive<u32> = 1..=4;

/// Bytes of a key-encryption secret from a file or the environment: 256 bits.
pub(super) const KEK: usize = 32;
