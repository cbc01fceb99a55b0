use std::sync::Arc;

use ingam_access_key::RegisteredFintech;
use ingam_keys::{Records, RecordsError};
use ingam_ports::PortError;
use ingam_protocol::ClientId;
use ingam_wire::{BoxFuture, UnixTime};

/// Which fintechs the operator knows: the bank's own register, or [`StoredDirectory`].
pub trait FintechDirectory: core::fmt::Debug + Send + Sync {
    /// The fintech of this `client_id` as it stands at `now`, suspended ones too.
    fn find<'a>(
        &'a self,
        client: &'a ClientId,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<Option<Arc<RegisteredFintech>>, PortError>>;
}
