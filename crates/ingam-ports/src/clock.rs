use ingam_wire::UnixTime;

/// What time it is; asked only by the layers that drive the others (6 and above).
///
/// Any `Fn() -> UnixTime` is one: `|| SystemTime::now().into()` in production, a value the test moves in tests.
pub trait Clock: Send + Sync {
    /// Now.
    fn now(&self) -> UnixTime;
}

impl<F: Fn() -> UnixTime + Send + Sync> Clock for F {
    fn now(&self) -> UnixTime {
        self()
    }
}
