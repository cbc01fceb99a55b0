use std::sync::Arc;

use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::RegisteredFintech;
use ingam_ports::EventKind;
use ingam_protocol::usage::{AccountList, ResourceBody};
use ingam_transaction::request::VerifiedRequest;

use super::{
    asked::Asked,
    authorise::{Authorised, Decision, authorise},
    call::{Call, signer_of},
    refused::{Refused, scope_of},
    service::{ListAccounts, ReadBalance, ReadTransactions, Service},
};
use crate::answer;

impl Call<'_> {
    /// `GET /accounts`
    pub(super) async fn list_accounts(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let call = self.permit(fintech, Asked::<ListAccounts>::list_accounts(request)?).await?;
        Ok(self.ok(&AccountList { accounts: call.accounts().to_vec() }))
    }

    /// `GET /accounts/{id}/balance`
    pub(super) async fn balance(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let call = self.permit(fintech, Asked::<ReadBalance>::read_balance(request)?).await?;
        Ok(self.ok(&self.operator.parts.bank.balance(&call, self.now).await?))
    }

    /// `GET /accounts/{id}/transactions`
    pub(super) async fn transactions(
        &self,
        fintech: &Arc<RegisteredFintech>,
        request: VerifiedRequest,
    ) -> Result<Response<Bytes>, Refused> {
        let call = self.permit(fintech, Asked::<ReadTransactions>::read_transactions(request)?).await?;
        Ok(self.ok(&self.operator.parts.bank.transactions(&call).await?))
    }

    /// Decides about a read and records the decision.
    async fn permit<S: Service + Eq>(
        &self,
        fintech: &Arc<RegisteredFintech>,
        asked: Asked<S>,
    ) -> Result<Authorised<S>, Refused> {
        let looked_up = self.look_up(fintech, asked.service(), None).await?;
        let key_id = signer_of(asked.request());
        let about = asked.service().account().map_or_else(String::new, |account| format!(" {account}"));
        match authorise(self.access, asked, None, &looked_up.circumstances(self)) {
            Decision::Allow(call) => {
                let reference = format!("{}{about}", S::OPERATION.name());
                self.record(self.done(EventKind::Transaction, reference, key_id)).await?;
                Ok(call)
            }
            Decision::StepUp => Err(Refused::step_up()),
            Decision::Delay(until) => Err(Refused::delayed(until, self.now)),
            Decision::Hold => Err(Refused::held()),
            Decision::Deny(denied) => Err(Refused::denied(denied, scope_of(S::OPERATION))),
        }
    }

    pub(super) fn ok(&self, body: &impl ResourceBody) -> Response<Bytes> {
        answer::json(StatusCode::OK, body.to_json(), self.now)
    }
}
