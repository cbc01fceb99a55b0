//! What a store takes, each number with its reason.

use core::time::Duration;

/// Most bytes of sealed content in a row: the largest record is a signed answer of a payment, far below a request body.
pub(crate) const SEALED: usize = 1 << 20;

/// Most index values of a row: the richest record (a grant) is found by fintech, user, account and a few tokens.
pub(crate) const INDEX: usize = 255;

/// Most commits that may wait for the writer: at 64 waiting callers the disk is busy; beyond this the answer is 503.
pub(crate) const WAITING: usize = 8_192;

/// Most commits written with one flush: bounds how long the first of them waits for the last to be written.
pub(crate) const GROUP: usize = 512;

/// Longest wait for company before a flush, however slow the disk: callers come back within some hundred microseconds.
pub(crate) const COMPANY: Duration = Duration::from_millis(1);
