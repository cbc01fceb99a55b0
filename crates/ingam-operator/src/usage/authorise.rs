use ingam_access_key::{Access, Environment, FintechRecord, Grant};
use ingam_ports::{Risk, Threat};
use ingam_protocol::{
    AccountId, ClientId, UserId,
    usage::{Account, PaymentOrder},
};
use ingam_transaction::request::VerifiedRequest;
use ingam_wire::{HttpUrl, UnixTime};

use super::{
    approved::Approved,
    asked::Asked,
    entitlement::{Entitled, entitled},
    service::{Operation, Service},
};

/// What [`authorise`] decides.
#[derive(Debug)]
#[must_use]
pub enum Decision<S> {
    /// Go on, with exactly this.
    Allow(Authorised<S>),
    /// The user must authenticate anew and approve (RFC 9470).
    StepUp,
    /// Not before this time.
    Delay(UnixTime),
    /// A person must look at it.
    Hold,
    /// No.
    Deny(Denied),
}

/// Why a call was denied, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum Denied {
    /// The access key and the request were verified for different access keys.
    #[error("the request carries another access key")]
    AccessKeyDiffers,
    /// They were verified for different methods.
    #[error("the request has another method")]
    MethodDiffers,
    /// They were verified for different targets.
    #[error("the request has another target")]
    TargetDiffers,
    /// The request is another fintech's than the access key.
    #[error("the request is signed by another fintech than the access key's")]
    FintechDiffers,
    /// The fintech is not active.
    #[error("the fintech is not active")]
    FintechNotActive,
    /// Test meets live.
    #[error("the fintech belongs to another environment")]
    EnvironmentDiffers,
    /// The access key names no grant that is kept.
    #[error("there is no consent behind the access key")]
    NoConsent,
    /// The grant is of another user or fintech than the access key says.
    #[error("the consent is another's")]
    ConsentDiffers,
    /// The consent was withdrawn or is over.
    #[error("the consent is over")]
    ConsentOver,
    /// The access key does not cover the operation.
    #[error("the access key does not cover this operation")]
    OperationNotCovered,
    /// The account is not the user's.
    #[error("the account is not the user's")]
    AccountNotTheUsers,
    /// The account was not opened to the fintech.
    #[error("the user did not consent to this account")]
    AccountNotConsented,
    /// Amount, payee, text or account is not what the user approved.
    #[error("this is not the payment that the user approved")]
    NotWhatWasApproved,
    /// The payment is not one of this fintech and user.
    #[error("the payment is not this fintech's")]
    PaymentNotTheirs,
    /// The user or the bank blocks it.
    #[error("blocked")]
    Blocked,
    /// The bank's fraud detection says no.
    #[error("refused by the bank")]
    RefusedByRisk,
}

impl Denied {
    /// The variant's name, for records.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AccessKeyDiffers => "AccessKeyDiffers",
            Self::MethodDiffers => "MethodDiffers",
            Self::TargetDiffers => "TargetDiffers",
            Self::FintechDiffers => "FintechDiffers",
            Self::FintechNotActive => "FintechNotActive",
            Self::EnvironmentDiffers => "EnvironmentDiffers",
            Self::NoConsent => "NoConsent",
            Self::ConsentDiffers => "ConsentDiffers",
            Self::ConsentOver => "ConsentOver",
            Self::OperationNotCovered => "OperationNotCovered",
            Self::AccountNotTheUsers => "AccountNotTheUsers",
            Self::AccountNotConsented => "AccountNotConsented",
            Self::NotWhatWasApproved => "NotWhatWasApproved",
            Self::PaymentNotTheirs => "PaymentNotTheirs",
            Self::Blocked => "Blocked",
            Self::RefusedByRisk => "RefusedByRisk",
        }
    }

    /// The threat of X.1149 that it points at.
    #[must_use]
    pub const fn threat(&self) -> Threat {
        match self {
            Self::AccessKeyDiffers | Self::MethodDiffers | Self::TargetDiffers | Self::FintechDiffers => {
                Threat::TokenCracking
            }
            Self::AccountNotTheUsers | Self::PaymentNotTheirs => Threat::AccountAggregation,
            Self::NotWhatWasApproved | Self::RefusedByRisk => Threat::CashingOut,
            _ => Threat::UnauthorizedAccess,
        }
    }
}

/// What a decision is made on besides the access key and the request.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The fintech as it stands now.
    pub fintech: &'a FintechRecord,
    /// The grant the access key was issued from, as it stands now.
    pub grant: Option<&'a Grant>,
    /// Where this operator works.
    pub environment: Environment,
    /// The accounts of the user.
    pub accounts: &'a [Account],
    /// For a question about a payment: whose it is.
    pub payment: Option<&'a PaymentParties>,
    /// Whether the user or the bank blocks it.
    pub blocked: bool,
    /// What the bank's fraud detection says.
    pub risk: Risk,
    /// Now.
    pub now: UnixTime,
}

/// Whose payment it is.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PaymentParties {
    /// Who ordered it.
    pub fintech: ClientId,
    /// Whose money it is.
    pub user: UserId,
}

/// A call that passed [`authorise`], the only thing a bank answers.
///
/// ```compile_fail,E0451
/// # use ingam_operator::usage::*;
/// # fn forge(service: ReadBalance, user: ingam_protocol::UserId, fintech: ingam_protocol::ClientId) -> Authorised<ReadBalance> {
/// Authorised { service, user, fintech, accounts: Vec::new(), approved: false }
/// # }
/// ```
/// ```
/// # use ingam_operator::usage::*;
/// # fn read(call: &Authorised<ReadBalance>) -> &ReadBalance {
/// call.service()
/// # }
/// ```
#[derive(Debug)]
pub struct Authorised<S> {
    service: S,
    user: UserId,
    fintech: ClientId,
    accounts: Vec<Account>,
    approved: bool,
}

impl<S: Service> Authorised<S> {
    /// What may be done.
    #[must_use]
    pub const fn service(&self) -> &S {
        &self.service
    }

    /// For whom.
    #[must_use]
    pub const fn user(&self) -> &UserId {
        &self.user
    }

    /// At whose request.
    #[must_use]
    pub const fn fintech(&self) -> &ClientId {
        &self.fintech
    }

    /// The accounts it reaches: the one it names, or all that the fintech may see.
    #[must_use]
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account it names.
    #[must_use]
    pub fn account(&self) -> Option<&Account> {
        self.service.account().and_then(|id| self.accounts.iter().find(|account| account.id == *id))
    }

    /// Whether the user approved exactly this.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        self.approved
    }
}

/// Decides whether the holder of `access` may have what it asks: fintech × consent × account × operation × time ×
/// environment × blocks × risk; whatever no rule permits is denied.
///
/// Access key and request must have been verified for the same access key, method and target, and the request must be
/// of the access key's fintech: two good halves of different calls do not make one.
///
/// x1149: 3.1.16.4
/// fapi: SP-RS-4
pub fn authorise<S: Service + Eq>(
    access: &Access,
    asked: Asked<S>,
    approved: Option<&Approved<S>>,
    circumstances: &Circumstances<'_>,
) -> Decision<S> {
    let accounts = match permitted(access, &asked, approved, circumstances) {
        Ok(accounts) => accounts,
        Err(denied) => return Decision::Deny(denied),
    };
    if circumstances.blocked {
        return Decision::Deny(Denied::Blocked);
    }
    let is_approved = approved.is_some();
    match circumstances.risk {
        Risk::Deny => return Decision::Deny(Denied::RefusedByRisk),
        Risk::Hold => return Decision::Hold,
        Risk::Delay(until) if until > circumstances.now => return Decision::Delay(until),
        // What the user has just approved is what a step-up would ask for.
        Risk::StepUp if !is_approved => return Decision::StepUp,
        Risk::StepUp | Risk::Delay(_) | Risk::Allow => {}
    }
    Decision::Allow(Authorised {
        service: asked.service,
        user: access.verified().user().clone(),
        fintech: access.verified().client_id().clone(),
        accounts,
        approved: is_approved,
    })
}

/// The accounts that the call may reach, when every rule up to the bank's own permits it.
fn permitted<S: Service + Eq>(
    access: &Access,
    asked: &Asked<S>,
    approved: Option<&Approved<S>>,
    circumstances: &Circumstances<'_>,
) -> Result<Vec<Account>, Denied> {
    one_call(access, &asked.request)?;
    consented(access, circumstances)?;
    let reachable = reachable(access, asked, approved, circumstances)?;
    match asked.service.account() {
        None => Ok(reachable),
        Some(id) => {
            if !circumstances.accounts.iter().any(|account| account.id == *id) {
                return Err(Denied::AccountNotTheUsers);
            }
            let account = reachable.into_iter().find(|account| account.id == *id);
            account.map(|account| vec![account]).ok_or(Denied::AccountNotConsented)
        }
    }
}

/// Access key and request are halves of one call.
fn one_call(access: &Access, request: &VerifiedRequest) -> Result<(), Denied> {
    if request.access_key_hash() != Some(access.sha256()) {
        return Err(Denied::AccessKeyDiffers);
    }
    if request.method() != access.method() {
        return Err(Denied::MethodDiffers);
    }
    let target = request.target().parse::<HttpUrl>().ok();
    let same = |target: &HttpUrl| {
        target.normalized() == access.target().normalized() && target.query() == access.target().query()
    };
    if !target.as_ref().is_some_and(same) {
        return Err(Denied::TargetDiffers);
    }
    if request.fintech() != access.verified().client_id() {
        return Err(Denied::FintechDiffers);
    }
    Ok(())
}

/// The fintech may act and the user's consent stands.
///
/// x1149: 3.1.18.8
fn consented(access: &Access, circumstances: &Circumstances<'_>) -> Result<(), Denied> {
    let entry = circumstances.fintech.entry();
    if entry.client_id != *access.verified().client_id() {
        return Err(Denied::FintechDiffers);
    }
    if !entry.status.may_act() {
        return Err(Denied::FintechNotActive);
    }
    if entry.environment != circumstances.environment {
        return Err(Denied::EnvironmentDiffers);
    }
    let grant = circumstances.grant.ok_or(Denied::NoConsent)?;
    if access.verified().grant() != Some(grant.id())
        || grant.user() != access.verified().user()
        || grant.client_id() != access.verified().client_id()
    {
        return Err(Denied::ConsentDiffers);
    }
    if !grant.is_active(circumstances.now) {
        return Err(Denied::ConsentOver);
    }
    Ok(())
}

/// The accounts that the access key opens for the operation.
fn reachable<S: Service + Eq>(
    access: &Access,
    asked: &Asked<S>,
    approved: Option<&Approved<S>>,
    circumstances: &Circumstances<'_>,
) -> Result<Vec<Account>, Denied> {
    if approved.is_some_and(|approved| approved.service != asked.service) {
        return Err(Denied::NotWhatWasApproved);
    }
    let named = |ids: &[AccountId]| {
        let open = circumstances.accounts.iter().filter(|account| ids.contains(&account.id));
        open.cloned().collect::<Vec<_>>()
    };
    let accounts = match entitled(access.verified(), S::OPERATION, circumstances.now) {
        Entitled::Nothing => return Err(Denied::OperationNotCovered),
        Entitled::WithoutAccount => Vec::new(),
        Entitled::Accounts(ids) => named(&ids),
        Entitled::ApprovedPayment => {
            let order: Option<&PaymentOrder> = asked.service.order().filter(|_| approved.is_some());
            let order = order.ok_or(Denied::NotWhatWasApproved)?;
            named(core::slice::from_ref(&order.debtor_account))
        }
    };
    if S::OPERATION == Operation::PaymentStatus {
        let parties = circumstances.payment.ok_or(Denied::PaymentNotTheirs)?;
        if parties.fintech != *access.verified().client_id() || parties.user != *access.verified().user() {
            return Err(Denied::PaymentNotTheirs);
        }
    }
    Ok(accounts)
}
