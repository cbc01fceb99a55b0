/// Where unpredictable bytes come from; handed in, so that tests hold it.
///
/// Any `Fn(&mut [u8])` is one that never fails; production uses the crypto provider's.
pub trait Randomness: Send + Sync {
    /// Fills `out` with unpredictable bytes.
    ///
    /// # Errors
    /// [`RandomnessUnavailable`] when the source failed; `out` is then not to be used.
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable>;
}

impl<F: Fn(&mut [u8]) + Send + Sync> Randomness for F {
    fn fill(&self, out: &mut [u8]) -> Result<(), RandomnessUnavailable> {
        self(out);
        Ok(())
    }
}

/// The source of randomness failed; whoever asked must refuse.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("no randomness available")]
pub struct RandomnessUnavailable;
