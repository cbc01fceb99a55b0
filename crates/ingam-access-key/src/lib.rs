//! Access keys: authenticate the fintech, prove possession, issue, verify, revoke. No I/O.
