#[cfg(feature = "oauth2")]
use std::sync::Arc;

use http::StatusCode;
use ingam_keys::Stored;
use ingam_ports::Commit;
use ingam_protocol::{Callback, Issuer, PresentedToken, RevocationRequest, TokenHint};

use super::{
    connection::unknown_key,
    fintech::{Fintech, FintechError},
};
use crate::{
    access::{Access, AccessId, AccessRecord, RefreshError, refresh_request, refreshed},
    exchange::{Sender, Server},
    operator::Endpoint,
    registration::{
        CompleteError, LocalUser, Pending, PendingRecord, Redirect, Wanted, begin, claimed_state, cookie_of,
    },
};

impl Fintech {
    /// A①–A②: pushes what `user` asked for and says where the user agent goes, with which cookie.
    ///
    /// The flow is kept sealed before the user agent leaves; any node can finish it.
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn begin(&self, issuer: &Issuer, user: LocalUser, wanted: Wanted) -> Result<Redirect, FintechError> {
        let connection = self.connection(issuer)?;
        let provider = &*self.provider;
        let now = self.now();
        let operator = connection.operator(provider, now).await?;
        let membership = &connection.membership;
        let (push, begun) = begin(membership, user, wanted, provider, provider.randomness(), now)?;
        let mut tries = connection.tries(Server::Authorization);
        let response = loop {
            let request = push.request(membership, &operator, provider, tries.nonce(), self.now()).await?;
            if let Some(response) = tries.send(request).await? {
                break response;
            }
        };
        let (redirect, pending) = begun.pushed(&response, membership, &operator)?;
        let key = PendingRecord::key(self.records.sealer(), pending.state()).ok_or(FintechError::Record)?;
        let record = PendingRecord::from(&pending);
        let step = self.records.insert(key, Some(pending.expires()), Vec::new(), &record)?;
        match self.records.commit(vec![step], now).await? {
            Commit::Committed => Ok(redirect),
            Commit::Refused { .. } => Err(FintechError::Conflict),
        }
    }

    /// A④: takes the query that arrived at the redirect URI and the `Cookie` field that came with it, and redeems the code.
    ///
    /// A flow is finished once: the first callback from the right user agent takes it, whatever it says.
    ///
    /// fapi: SP-C-12, SP-K-12, BCP-3, X-C-15, X-C-16, X-C-18, X-C-19, X-C-20, X-C-25
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn complete(&self, query: &str, cookies: &str) -> Result<AccessId, FintechError> {
        let provider = &*self.provider;
        let now = self.now();
        let callback = Callback::parse(query.as_bytes())?;
        let state = claimed_state(&callback)?;
        let cookie = cookie_of(cookies, &state, provider);
        let pending = self.take_pending(&state, cookie).await?;
        let connection = self.connection(pending.issuer())?;
        let membership = &connection.membership;
        let mut operator = connection.operator(provider, now).await?;
        if let Callback::Signed { response, .. } = &callback
            && unknown_key(response, &operator)
            && let Some(newer) = connection.newer(&operator, provider, now).await
        {
            operator = newer;
        }
        let redeem = pending.complete(callback, cookie, membership, &operator, provider, now)?;
        let mut tries = connection.tries(Server::Authorization);
        let response = loop {
            let request = redeem.request(membership, &operator, provider, tries.nonce(), self.now()).await?;
            if let Some(response) = tries.send(request).await? {
                break response;
            }
        };
        if let Some(newer) = connection.newer_for_id_token(&response, &operator, provider, self.now()).await {
            operator = newer;
        }
        let access = redeem.answered(&response, membership, &operator, provider, self.now())?;
        self.keep(&access).await
    }

    /// Keeps an access key, sealed, under a new name.
    ///
    /// # Errors
    /// `Records`, `Randomness` or `Conflict`.
    pub async fn keep(&self, access: &Access) -> Result<AccessId, FintechError> {
        let id = AccessId::fresh(self.provider.randomness())?;
        let key = AccessRecord::key(self.records.sealer(), &id).ok_or(FintechError::Record)?;
        let index = vec![AccessRecord::of_user(self.records.sealer(), access.user())];
        let step = self.records.insert(key, None, index, &AccessRecord::from(access))?;
        match self.records.commit(vec![step], self.now()).await? {
            Commit::Committed => Ok(id),
            Commit::Refused { .. } => Err(FintechError::Conflict),
        }
    }

    /// The operator as the HTTP client of an `oauth2::Client`.
    ///
    /// # Errors
    /// `UnknownOperator` or `Discovery`.
    #[cfg(feature = "oauth2")]
    pub async fn oauth2(&self, issuer: &Issuer) -> Result<crate::OAuth2Client, FintechError> {
        let connection = self.connection(issuer)?;
        let operator = connection.operator(&*self.provider, self.now()).await?;
        let (provider, clock) = (Arc::clone(&self.provider), Arc::clone(&self.clock));
        Ok(crate::OAuth2Client { connection, operator, provider, clock })
    }

    /// Takes the flow of a state out of the store, if this user agent began it.
    async fn take_pending(&self, state: &ingam_protocol::State, cookie: Option<&str>) -> Result<Pending, FintechError> {
        let now = self.now();
        let key = PendingRecord::key(self.records.sealer(), state).ok_or(FintechError::Record)?;
        let stored: Stored<PendingRecord> = self.records.read(&key, now).await?.ok_or(CompleteError::UnknownState)?;
        let take = self.records.take(&stored);
        let pending = Pending::try_from(stored.record).map_err(|_| FintechError::Record)?;
        // Whoever merely knows the state cannot use it up.
        if !cookie.is_some_and(|cookie| pending.began_in(cookie, &*self.provider)) {
            return Err(CompleteError::WrongUserAgent.into());
        }
        match self.records.commit(vec![take], now).await? {
            Commit::Committed => Ok(pending),
            Commit::Refused { .. } => Err(CompleteError::UnknownState.into()),
        }
    }

    /// The access key under a name, with what was granted; `Debug` shows no secret.
    ///
    /// # Errors
    /// `UnknownAccess` or `Records`.
    pub async fn access(&self, id: &AccessId) -> Result<Access, FintechError> {
        let (access, _) = self.stored(id).await?;
        Ok(access)
    }

    pub(super) async fn stored(&self, id: &AccessId) -> Result<(Access, Stored<()>), FintechError> {
        let key = AccessRecord::key(self.records.sealer(), id).ok_or(FintechError::UnknownAccess)?;
        let stored: Stored<AccessRecord> =
            self.records.read(&key, self.now()).await?.ok_or(FintechError::UnknownAccess)?;
        let Stored { record, version, key, expires, index } = stored;
        let access = Access::try_from(record).map_err(|_| FintechError::Record)?;
        Ok((access, Stored { record: (), version, key, expires, index }))
    }

    /// Gets another access key with the refresh token, and keeps it in the place of the old one.
    ///
    /// When another node was faster, its access key is the one that counts.
    ///
    /// fapi: SP-C-6
    ///
    /// # Errors
    /// [`FintechError`].
    pub async fn refresh(&self, id: &AccessId) -> Result<Access, FintechError> {
        let (access, place) = self.stored(id).await?;
        if !access.can_be_refreshed() {
            return Err(RefreshError::NoRefreshToken.into());
        }
        let connection = self.connection(access.issuer())?;
        let provider = &*self.provider;
        let operator = connection.operator(provider, self.now()).await?;
        let membership = &connection.membership;
        let mut tries = connection.tries(Server::Authorization);
        let response = loop {
            let request = refresh_request(&access, membership, &operator, provider, tries.nonce(), self.now()).await?;
            if let Some(response) = tries.send(request).await? {
                break response;
            }
        };
        let renewed = match refreshed(access, &response, membership, self.now()) {
            Ok(renewed) => renewed,
            // A refresh token that is good once was used by another node: its access key is in the place of ours.
            Err(refused) => match self.stored(id).await? {
                (newer, found) if found.version != place.version => return Ok(newer),
                _ => return Err(refused.into()),
            },
        };
        let record = AccessRecord::from(&renewed);
        let Stored { version, key, expires, index, .. } = place;
        let read = Stored { record, version, key, expires, index };
        let step = self.records.replace(&read, &read.record)?;
        match self.records.commit(vec![step], self.now()).await? {
            Commit::Committed => Ok(renewed),
            Commit::Refused { .. } => self.access(id).await,
        }
    }

    /// Gives the tokens back to the operator and forgets them; forgotten even if the operator does not offer that.
    ///
    /// fapi: RV-1, RV-2
    ///
    /// # Errors
    /// [`FintechError`]; then they are still kept.
    pub async fn revoke(&self, id: &AccessId) -> Result<(), FintechError> {
        let mut found = self.stored(id).await?;
        for _ in 0..REVOCATIONS {
            let (access, Stored { key, version, .. }) = found;
            self.give_back(&access).await?;
            let step = ingam_ports::Step::Take { table: <AccessRecord as ingam_keys::Record>::TABLE, key, version };
            if matches!(self.records.commit(vec![step], self.now()).await?, Commit::Committed) {
                return Ok(());
            }
            // Another node refreshed meanwhile, or gave them back itself.
            found = match self.stored(id).await {
                Err(FintechError::UnknownAccess) => return Ok(()),
                found => found?,
            };
        }
        Err(FintechError::Conflict)
    }

    /// Gives the tokens of `access` back, where the operator takes any.
    async fn give_back(&self, access: &Access) -> Result<(), FintechError> {
        let connection = self.connection(access.issuer())?;
        let provider = &*self.provider;
        let operator = connection.operator(provider, self.now()).await?;
        let membership = &connection.membership;
        if operator.endpoint(Endpoint::Revocation, membership).is_some() {
            let (token, hint) = match &access.refresh {
                Some(token) => (token.expose(), TokenHint::RefreshToken),
                None => (access.token.expose(), TokenHint::AccessToken),
            };
            let token: PresentedToken = token.parse().map_err(|_| FintechError::Record)?;
            let form = RevocationRequest { token, hint: Some(hint) }.to_form();
            let mut tries = connection.tries(Server::Authorization);
            let response = loop {
                let sender = Sender { membership, operator: &operator, provider, now: self.now() };
                let request = sender.post(Endpoint::Revocation, form.clone(), tries.nonce(), false).await?;
                if let Some(response) = tries.send(request).await? {
                    break response;
                }
            };
            if response.status() != StatusCode::OK {
                return Err(FintechError::NotRevoked(response.status().as_u16()));
            }
        }
        Ok(())
    }
}

/// How often tokens are given back that another node replaces each time: it does so once in the life of an access key.
const REVOCATIONS: usize = 3;
