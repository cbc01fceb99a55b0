//! Vectors, key bytes, a clock and randomness that tests hold. Depends on no other Ingam crate.
