use ingam_protocol::{
    AccountId, IdempotencyKey, PaymentId,
    usage::{AccountList, Balance, Payment, PaymentOrder, ResourceBody, TransactionPage, TransactionQuery},
};
use ingam_transaction::{response::ResponseRefused, signature::SignatureError};
use ingam_wire::segment;

use super::fintech::{Fintech, FintechError};
use crate::{
    access::{Access, AccessId},
    exchange::Server,
    usage::{Answer, Call, CallError},
};

impl Fintech {
    /// The accounts that the user consented to.
    ///
    /// fapi: X-C-21
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn accounts(&self, id: &AccessId) -> Result<AccountList, FintechError> {
        let call = Call::get("/accounts", None, &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// The balance of an account.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn balance(&self, id: &AccessId, account: &AccountId) -> Result<Balance, FintechError> {
        let call = Call::get(&format!("/accounts/{account}/balance"), None, &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// A page of an account's transactions.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn transactions(
        &self,
        id: &AccessId,
        account: &AccountId,
        query: &TransactionQuery,
    ) -> Result<TransactionPage, FintechError> {
        let path = format!("/accounts/{account}/transactions");
        let call = Call::get(&path, Some(query.to_query()), &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// Pays. The same `key` with the same order is the same payment, however often it is sent.
    ///
    /// After an error of the transport nobody knows whether the bank acted: ask [`Fintech::payment_by_key`], or pay again
    /// under the same key.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn pay(
        &self,
        id: &AccessId,
        order: &PaymentOrder,
        key: &IdempotencyKey,
    ) -> Result<Payment, FintechError> {
        let call = Call::post("/payments", order.to_json(), key.clone(), &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// How a payment stands.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn payment(&self, id: &AccessId, payment: &PaymentId) -> Result<Payment, FintechError> {
        let call = Call::get(&format!("/payments/{payment}"), None, &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// How the payment stands that was made under a key, for whoever never saw its answer; it makes none.
    ///
    /// # Errors
    /// [`FintechError`]; `Refused` with 404 where no such payment arrived.
    pub async fn payment_by_key(&self, id: &AccessId, key: &IdempotencyKey) -> Result<Payment, FintechError> {
        let call = Call::get(&format!("/payments/by-key/{}", segment::encode(key.as_str())), None, &*self.provider)?;
        Ok(self.call(id, &call).await?.read()?)
    }

    /// Makes a call of any resource below the operator's base: proof and signature fresh for each try, the answer verified
    /// before it is read.
    ///
    /// The access key is refreshed if it is over, or if the operator says so: it need not have told when a key ends, and may
    /// end one before.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn call(&self, id: &AccessId, call: &Call) -> Result<Answer, FintechError> {
        let (access, _) = self.stored(id).await?;
        if !access.can_be_refreshed() {
            return self.call_with(&access, call).await;
        }
        if !access.is_over(self.now()) {
            match self.call_with(&access, call).await {
                Err(FintechError::Call(CallError::Refused(refusal))) if refusal.is_of_the_access_key() => {}
                outcome => return outcome,
            }
        }
        self.call_with(&self.refresh(id).await?, call).await
    }

    async fn call_with(&self, access: &Access, call: &Call) -> Result<Answer, FintechError> {
        let connection = self.connection(access.issuer())?;
        let provider = &*self.provider;
        let operator = connection.operator(provider, self.now()).await?;
        let membership = &connection.membership;
        let mut tries = connection.tries(Server::Resource);
        let (response, sent) = loop {
            let (request, sent) = call.request(access, membership, provider, tries.nonce(), self.now()).await?;
            if let Some(response) = tries.send(request).await? {
                break (response, sent);
            }
        };
        let first = sent.answered(response.clone(), membership, &operator, provider, self.now());
        if let Err(CallError::Answer(ResponseRefused::Signature(SignatureError::UnknownKey))) = first
            && let Some(newer) = connection.newer(&operator, provider, self.now()).await
        {
            return Ok(sent.answered(response, membership, &newer, provider, self.now())?);
        }
        Ok(first?)
    }
}
