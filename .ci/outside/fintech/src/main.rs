//! That the packages suffice: what the README imports for this side is there.
use ingam::{access_key as _, jose as _, keys as _, fintech as _, ports as _, protocol as _, store as _, tls as _, transaction as _, wire as _};

fn main() {}
