//! Registration in pure steps: begin → push → redirect → callback → redeem → access key. Each step consumes the last.

mod begin;
mod complete;
mod cookie;
mod pending;
mod push;
mod redeem;
mod wanted;

#[cfg(feature = "oauth2")]
pub(crate) use self::push::redirect_url;
pub use self::{
    begin::{BeginError, Begun, begin},
    complete::{CompleteError, claimed_state},
    cookie::{BrowserCookie, cookie_of},
    pending::Pending,
    push::{Push, PushError, Redirect},
    redeem::{Redeem, RedeemError},
    wanted::{InvalidLocalUser, LocalUser, Wanted},
};
pub(crate) use self::{pending::PendingRecord, redeem::token_response};
