use ingam_ports::PortError;
use ingam_protocol::{AccountId, ClientId, Scopes, UserId, details::AuthorizationDetails, usage::Account};
use ingam_wire::{BoxFuture, UnixTime};

/// What a user is about to consent to.
#[derive(Clone, Copy, Debug)]
pub struct ConsentQuestion<'a> {
    /// Who asks.
    pub fintech: &'a ClientId,
    /// Who is asked.
    pub user: &'a UserId,
    /// The scopes asked for.
    pub scopes: &'a Scopes,
    /// The details asked for.
    pub details: Option<&'a AuthorizationDetails>,
    /// The user's accounts.
    pub accounts: &'a [Account],
}

/// What the bank lets the user consent to.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ConsentAnswer {
    /// The user may choose among these accounts; `until` caps the consent.
    Offer {
        /// Accounts that may be opened to the fintech.
        accounts: Vec<AccountId>,
        /// When the consent ends at the latest.
        until: UnixTime,
    },
    /// The bank does not let this be consented to.
    Refuse,
}

/// The bank's own rules about consents: which accounts may be opened, for how long.
pub trait ConsentPolicy: core::fmt::Debug + Send + Sync {
    /// What may be consented to at `now`.
    fn offer<'a>(
        &'a self,
        question: ConsentQuestion<'a>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<ConsentAnswer, PortError>>;
}

/// Every account of the user may be opened, for a fixed time.
#[derive(Clone, Copy, Debug)]
pub struct SimpleConsent {
    /// How long a consent lasts, in seconds; the statute's year is 31,536,000.
    pub lasts: ingam_wire::Seconds,
}

impl ConsentPolicy for SimpleConsent {
    fn offer<'a>(
        &'a self,
        question: ConsentQuestion<'a>,
        now: UnixTime,
    ) -> BoxFuture<'a, Result<ConsentAnswer, PortError>> {
        let accounts = question.accounts.iter().map(|account| account.id.clone()).collect();
        let answer = ConsentAnswer::Offer { accounts, until: now.plus(self.lasts) };
        Box::pin(core::future::ready(Ok(answer)))
    }
}
