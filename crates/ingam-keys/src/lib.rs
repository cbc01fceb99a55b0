//! Key management: what a key is for, when it is published, active, retired, destroyed; custody; other parties' key sets.
