//! The numbers of this crate, each with its reason.

/// JSON nesting that no caller's limit can raise: `serde_json`, which reads the text after the scan, stops at 128.
pub(crate) const JSON_DEPTH: usize = 127;

/// Member names of all objects open at one time that are kept on the stack: twice an ordinary token's. More go to the heap.
pub(crate) const JSON_NAMES_ON_STACK: usize = 48;

/// Members of one object up to which each name is compared with the ones before; beyond, sorting once is cheaper, and no text can
/// cost the square of its size.
pub(crate) const JSON_NAMES_COMPARED: usize = 32;

/// Length from which a JSON number may exceed what an IEEE 754 double holds even without an exponent (309 digits).
pub(crate) const JSON_DIGITS: usize = 300;

/// Bytes of a URL: what browsers, proxies and directories agree to carry; a request URI of OAuth is far below.
pub(crate) const URL_BYTES: usize = 2_048;
