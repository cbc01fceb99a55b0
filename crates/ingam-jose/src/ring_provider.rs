/// The default provider: ring 0.17.
#[derive(Clone, Copy, Debug, Default)]
pub struct RingProvider;
