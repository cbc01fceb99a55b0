use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, Request, header};
use ingam_access_key::{
    AssertionError, AssertionKind, AuthenticatedFintech, AuthenticationError, ClaimedClient, Proof, ProofCheck,
    ProofError, ProofTarget, RegisteredFintech,
};
use ingam_jose::jwt::{JwtError, Presented};
use ingam_ports::Unclaimed;
use ingam_protocol::ClientParameters;
use ingam_wire::form::Form;

use crate::{Entrance, Operator, attempts::Attempt, entrance::Incoming, limits, record::About, refusal::Refusal};

/// A fintech whose assertion or certificate was checked; it counts once the assertion's id is claimed.
pub(super) struct Authenticating {
    /// Its record and keys, to check what else it signed.
    pub(super) fintech: Arc<RegisteredFintech>,
    /// The evidence.
    pub(super) evidence: Unclaimed<AuthenticatedFintech>,
}

/// Reads the form of a direct endpoint: media type, size, duplicates.
///
/// fapi: OA-1, X-AS-5
pub(super) fn form(request: &Request<Bytes>, repeating: &[&str]) -> Result<Form, Refusal> {
    if !is_form(request.headers()) {
        return Err(Refusal::media_type());
    }
    Ok(Form::parse_repeating(request.body(), &limits::FORM, repeating)?)
}

/// Whether the body is said to be a form, in the one character set that forms have.
pub(super) fn is_form(headers: &HeaderMap) -> bool {
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (kind, parameters) = media.split_once(';').unwrap_or((media, ""));
    let utf8 = ["", "charset=utf-8", "charset=\"utf-8\""].iter().any(|it| parameters.trim().eq_ignore_ascii_case(it));
    kind.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded") && utf8
}

/// Authenticates the fintech that sent `incoming`: assertion or certificate, as it is registered.
///
/// fapi: SP-AS-3, SP-AS-6, SP-AZ-4
/// x1149: 3.1.16.2, 3.1.16.8
pub(super) async fn authenticate(
    operator: &Operator,
    incoming: &Incoming,
    form: &Form,
    about: &mut About,
) -> Result<Authenticating, Refusal> {
    if let Some(authorization) = incoming.request.headers().get(header::AUTHORIZATION) {
        return Err(Refusal::credentials_in_header(authorization));
    }
    let parameters = ClientParameters::from_form(form)
        .map_err(|error| Refusal::new(error.oauth(), "client authentication failed", error.name()))?;
    let limiter = &*operator.parts.limiter;
    let claimed = operator.authenticator.claimed(&parameters);
    let name = claimed.as_ref().ok().map(|claimed| claimed.for_lookup().as_str());
    about.fintech = name.map(str::to_owned);
    let attempt = Attempt::client(name, incoming.address);
    attempt.ask(limiter, incoming.now).await?;
    let (found, outcome) = match claimed {
        Ok(claimed) => {
            let found = operator.parts.directory.find(claimed.for_lookup(), incoming.now).await;
            let found = found.map_err(|_| Refusal::unavailable("Directory"))?;
            let peer = incoming.peer.as_ref();
            let outcome = operator.authenticator.authenticate(&parameters, found.as_ref(), peer, incoming.now);
            match newer(operator, &parameters, &claimed, &outcome, incoming).await? {
                Some(newer) => {
                    let outcome = operator.authenticator.authenticate(&parameters, Some(&newer), peer, incoming.now);
                    (Some(newer), outcome)
                }
                None => (found, outcome),
            }
        }
        Err(error) => (None, Err(error)),
    };
    match (found, outcome) {
        (Some(fintech), Ok(evidence)) => Ok(Authenticating { fintech, evidence }),
        (_, outcome) => {
            attempt.failed(limiter, incoming.now).await?;
            Err(outcome.err().unwrap_or(AuthenticationError::UnknownClient).into())
        }
    }
}

/// The fintech with newer keys, if its assertion failed only because its key is not among those held.
///
/// Where its key is not among the newer ones either there is nothing to check again: an unknown key costs no more than an
/// unknown client.
///
/// x1149: 3.1.16.8
async fn newer(
    operator: &Operator,
    parameters: &ClientParameters,
    claimed: &ClaimedClient,
    outcome: &Result<Unclaimed<AuthenticatedFintech>, AuthenticationError>,
    incoming: &Incoming,
) -> Result<Option<Arc<RegisteredFintech>>, Refusal> {
    let Err(AuthenticationError::Assertion(AssertionError::Token(JwtError::UnknownKey))) = outcome else {
        return Ok(None);
    };
    let Some(assertion) = &parameters.assertion else { return Ok(None) };
    let Ok(presented) = Presented::<AssertionKind>::parse(assertion.expose()) else { return Ok(None) };
    let directory = &operator.parts.directory;
    let (key_id, algorithm) = (presented.key_id(), presented.algorithm());
    let found = directory.find_signer(claimed.for_lookup(), key_id, algorithm, incoming.now).await;
    let found = found.map_err(|_| Refusal::unavailable("Directory"))?;
    Ok(found.filter(|newer| newer.keys().select(key_id, algorithm).next().is_some()))
}

/// The proof of possession that came with `incoming`, if any came.
///
/// fapi: DP-8, X-AS-9
pub(super) fn proof(entrance: &Entrance, incoming: &Incoming, path: &str) -> Result<Option<Unclaimed<Proof>>, Refusal> {
    let operator = entrance.operator();
    let url = entrance.url(path).map_err(|_| Refusal::unavailable("BaseUrl"))?;
    let check = ProofCheck {
        policy: &operator.parts.profile.access_key,
        provider: &*operator.parts.provider,
        nonces: operator.server_nonces.as_ref(),
    };
    let target = ProofTarget { method: incoming.request.method(), url: &url, access_key: None };
    match check.check(incoming.request.headers(), target, incoming.now) {
        Ok(proof) => Ok(Some(proof)),
        Err(ProofError::Missing) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
