//! The registration phase as a chain of states (A② to A④): `PushedRequest` → `PresentedToUser` → `Authenticated` →
//! `Consented` → `CodeIssued` → `Redeemed`. Each step consumes the last, so none can be left out (3.1.16.6).
//!
//! `PushedRequest` and `CodeIssued` rest in the store under one-time secrets; `PresentedToUser` and `Authenticated` may
//! rest there between two pages. They are `Deserialize` for that reason only: what is read back was sealed by the
//! operator's own record sealer, which opens nothing else.

mod authenticated;
mod code;
mod consented;
mod presented;
mod pushed;
mod redeemed;
mod user;

pub use self::{
    authenticated::Authenticated,
    code::{CodeIssued, IssuedCode},
    consented::{Consent, ConsentError, Consented},
    presented::{OpenError, PresentedToUser},
    pushed::{PushError, PushedForm, PushedRequest},
    redeemed::{Redeem, RedeemError, Redeemed},
    user::{
        AuthenticationLevel, AuthenticationRequirement, AuthenticationTooWeak, Channel, Factor, FactorKind, NoFactor,
        Possession, UserAuthentication,
    },
};
