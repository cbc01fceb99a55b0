//! What a fintech embeds: begin, complete, call; many operators at once.
//!
//! Start with [`Fintech`]: a [`Membership`] per operator, a store, a transport and a clock make one.
//! [`Fintech::begin`] pushes what a user asked for and says where the user agent goes; [`Fintech::complete`] takes the
//! callback and keeps an access key; [`Fintech::accounts`], [`Fintech::pay`] and the others use it. Underneath are pure
//! steps that need neither network nor store: [`begin`] → [`Push`], [`Begun`] → [`Redirect`], [`Pending`] → [`Redeem`] →
//! [`Access`] → [`Call`] → [`Answer`]. Each consumes the last, so that none can be left out.
//!
//! Requests and answers are signed and checked by `ingam-access-key` and `ingam-transaction`; there is no cryptography of
//! its own in here.

mod access;
mod drive;
mod exchange;
mod membership;
mod operator;
mod registration;
mod sealed_text;
mod usage;
#[cfg(feature = "oauth2")]
mod with_oauth2;

#[cfg(feature = "oauth2")]
pub use self::with_oauth2::{Convert, NotConvertible, OAuth2Client};
pub use self::{
    access::{Access, AccessId, InvalidAccessId, RefreshError, refresh_request, refreshed},
    drive::{Fintech, FintechError, system_clock},
    exchange::{InvalidTarget, Refusal, SendError},
    membership::{Authentication, Binding, Membership, Messages, RequestForm, SignedMessages},
    operator::{DiscoveryError, Endpoint, Operator, discovery_requests, keys_request, read_keys, read_metadata},
    registration::{
        BeginError, Begun, BrowserCookie, CompleteError, InvalidLocalUser, LocalUser, Pending, Push, PushError, Redeem,
        RedeemError, Redirect, Wanted, begin, claimed_state, cookie_of,
    },
    usage::{Answer, Call, CallError, Sent, StepUp},
};
