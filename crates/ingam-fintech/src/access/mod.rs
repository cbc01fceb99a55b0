//! Access keys as a fintech holds them: sealed in the store, shown to nobody, used at their operator only.

mod hold;
mod record;
mod refresh;

pub(crate) use self::record::AccessRecord;
pub use self::{
    hold::{Access, AccessId, InvalidAccessId},
    refresh::{RefreshError, refresh_request, refreshed},
};
