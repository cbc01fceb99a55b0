//! Payments: begun once, ended once, and known by whoever asks again.

mod begin;
mod record;
mod status;
