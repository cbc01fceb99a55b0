//! The face of Ingam: what a bank or a fintech imports.
