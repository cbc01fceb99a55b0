use std::sync::Arc;

use ingam_access_key::{Environment, Grant, RegisteredFintech};
use ingam_ports::{PortError, Risk, Subject};
use ingam_protocol::{AccountId, usage::Account};

use super::{
    authorise::{Circumstances, PaymentParties},
    call::Call,
    refused::Refused,
    service::{Operation, Service},
};

/// What was looked up for one decision.
#[derive(Debug)]
pub(super) struct LookedUp {
    fintech: Arc<RegisteredFintech>,
    pub(super) grant: Option<Grant>,
    environment: Environment,
    accounts: Vec<Account>,
    payment: Option<PaymentParties>,
    blocked: bool,
    risk: Risk,
}

impl Call<'_> {
    /// Looks up what the decision about `service` needs: everything anew, so that what was revoked a moment ago counts.
    pub(super) async fn look_up<S: Service>(
        &self,
        fintech: &Arc<RegisteredFintech>,
        service: &S,
        payment: Option<PaymentParties>,
    ) -> Result<LookedUp, Refused> {
        let parts = &self.operator.parts;
        let verified = self.access.verified();
        let grant = match verified.grant().and_then(Grant::row_key) {
            Some(key) => self.operator.records.read::<Grant>(&key, self.now).await?.map(|stored| stored.record),
            None => None,
        };
        // How a payment stands is told even while its bank does not answer, and to whoever is blocked since.
        let status_only = S::OPERATION == Operation::PaymentStatus;
        let unavailable = |reason| move |PortError| Refused::unavailable(reason);
        let accounts = if status_only {
            Vec::new()
        } else {
            parts.bank.accounts(verified.user()).await.map_err(unavailable("BankUnavailable"))?
        };
        let subject = self.subject(service.account(), S::OPERATION);
        let blocked =
            !status_only && parts.blocks.blocked(subject, self.now).await.map_err(unavailable("BlockList"))?;
        let risk = if status_only {
            Risk::Allow
        } else {
            parts.risk.decide(subject, self.now).await.map_err(unavailable("RiskDecision"))?
        };
        let environment = if parts.production { Environment::Live } else { Environment::Test };
        Ok(LookedUp { fintech: Arc::clone(fintech), grant, environment, accounts, payment, blocked, risk })
    }

    fn subject<'a>(&'a self, account: Option<&'a AccountId>, operation: Operation) -> Subject<'a> {
        let verified = self.access.verified();
        Subject { fintech: verified.client_id(), user: verified.user(), account, operation: operation.name() }
    }
}

impl LookedUp {
    pub(super) fn circumstances(&self, call: &Call<'_>) -> Circumstances<'_> {
        Circumstances {
            fintech: self.fintech.record(),
            grant: self.grant.as_ref(),
            environment: self.environment,
            accounts: &self.accounts,
            payment: self.payment.as_ref(),
            blocked: self.blocked,
            risk: self.risk,
            now: call.now,
        }
    }
}

impl LookedUp {
    /// The bank that keeps an account of the user.
    pub(super) fn bank_of(&self, account: &AccountId) -> Option<ingam_protocol::BankId> {
        self.accounts.iter().find(|kept| kept.id == *account).map(|kept| kept.bank.clone())
    }
}
