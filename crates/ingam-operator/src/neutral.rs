use ingam_ports::{BlockList, PortError, Risk, RiskDecision, Subject};
use ingam_wire::{BoxFuture, UnixTime};

/// A block list with nobody on it, for banks that keep blocks elsewhere.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoBlocks;

impl BlockList for NoBlocks {
    fn blocked<'a>(&'a self, _: Subject<'a>, _: UnixTime) -> BoxFuture<'a, Result<bool, PortError>> {
        Box::pin(core::future::ready(Ok(false)))
    }
}

/// No fraud detection: every call that is otherwise authorised goes on.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoRisk;

impl RiskDecision for NoRisk {
    fn decide<'a>(&'a self, _: Subject<'a>, _: UnixTime) -> BoxFuture<'a, Result<Risk, PortError>> {
        Box::pin(core::future::ready(Ok(Risk::Allow)))
    }
}
