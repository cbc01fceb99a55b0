//! Every bound of this crate on one screen, each with its reason.

use ingam_wire::{form, json};

/// A form at the push, token, introspection and revocation endpoints: an authorization with 16 details of 4 KiB
/// each and a signed request object fit into 64 KiB; more is no authorization.
pub const FORM: form::Limits = form::Limits { bytes: 64 * 1024, parameters: 64 };

/// The parameters that may be repeated in a form (RFC 8707 section 2); read forms with `Form::parse_repeating`.
pub const REPEATING: [&str; 1] = ["resource"];

/// The query of a callback: `state` (2,048), `code` (512), `iss` (2,048), percent-encoded; or a JARM token.
pub const CALLBACK: form::Limits = form::Limits { bytes: 16 * 1024, parameters: 32 };

/// Answers of an operator to a fintech: tokens, pushes, errors.
pub const ANSWER: json::Limits = json::Limits { bytes: 64 * 1024, depth: 16, members: 2_048 };

/// Metadata of an operator (RFC 8414): real documents of large banks stay under 32 KiB.
pub const METADATA: json::Limits = json::Limits { bytes: 128 * 1024, depth: 16, members: 4_096 };

/// `authorization_details` (RFC 9396 section 12: bound what is shown to the user).
pub const DETAILS: json::Limits = json::Limits { bytes: 32 * 1024, depth: 8, members: 1_024 };

/// Authorization details in one request: each is a block of the consent page, and nobody reads more than 16.
pub const DETAILS_COUNT: usize = 16;

/// Accounts, locations and actions named in one detail: a user with more than 64 accounts picks on the page.
pub const LIST: usize = 64;

/// Scope tokens in one request.
pub const SCOPES: usize = 32;

/// Resources (RFC 8707) in one request.
pub const RESOURCES: usize = 8;

/// Authentication context classes in one request.
pub const ACR_VALUES: usize = 16;

/// A page of transactions: 500 is what MyData allows at most, at about 600 bytes each under 1 MiB.
pub const PAGE: u32 = 500;

/// A resource body of the usage phase, both ways.
pub const RESOURCE: json::Limits = json::Limits { bytes: 1024 * 1024, depth: 16, members: 65_536 };

/// A payment order: a handful of short members.
pub const ORDER: json::Limits = json::Limits { bytes: 16 * 1024, depth: 8, members: 64 };

/// Free text that people read (purpose, remittance information): bytes; 140 characters of 3 bytes (ISO 20022 Max140Text).
pub const TEXT: usize = 420;

/// Names of people and accounts: bytes; 70 characters of 3 bytes (ISO 20022 Max70Text, rounded up).
pub const NAME: usize = 256;

/// The query of a resource: two dates, a number, a cursor.
pub const QUERY: form::Limits = form::Limits { bytes: 2 * 1024, parameters: 16 };
