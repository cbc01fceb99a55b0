//! Transaction messages: digest, sign, verify, seal, open, approval bound to amount and payee. No I/O.
