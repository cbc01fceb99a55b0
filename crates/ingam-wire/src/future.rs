use core::{future::Future, pin::Pin};

/// The future that object-safe async ports return.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;
