use ingam_access_key::{challenge_of, make_verifier};
use ingam_jose::CryptoProvider;
use ingam_protocol::{AuthorizationRequest, CodeVerifier, Nonce, Sha256Text, State};
use ingam_wire::{Randomness, RandomnessUnavailable, UnixTime, base64url};

use super::{BrowserCookie, LocalUser, Push, Wanted};
use crate::membership::Membership;

/// Why nothing was begun.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BeginError {
    /// Neither scope nor details.
    #[error("nothing is asked for")]
    NothingWanted,
    /// No randomness.
    #[error(transparent)]
    Randomness(#[from] RandomnessUnavailable),
}

impl BeginError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NothingWanted => "NothingWanted",
            Self::Randomness(_) => "Randomness",
        }
    }
}

/// A flow whose request is to be pushed; [`Begun::pushed`] leaves this state with the operator's answer.
#[derive(Debug)]
#[must_use = "push it"]
pub struct Begun {
    pub(super) user: LocalUser,
    pub(super) wanted: Wanted,
    pub(super) state: State,
    pub(super) nonce: Option<Nonce>,
    pub(super) verifier: CodeVerifier,
    pub(super) cookie: BrowserCookie,
    pub(super) cookie_hash: [u8; 32],
    pub(super) began: UnixTime,
}

/// Begins the registration of what `user` asked for: state, nonce, verifier and cookie are fresh and used once.
///
/// Call it only from an action that the user meant and that is protected against forgery (FAPI 2.0 section 5.3.3.1-12).
///
/// fapi: SP-C-12, SP-C-14, SP-C-16, SP-C-17, SP-C-20, PK-1, PK-2, MS-14, X-C-8, X-C-9, X-C-10
///
/// # Errors
/// [`BeginError`].
pub fn begin(
    membership: &Membership,
    user: LocalUser,
    wanted: Wanted,
    provider: &dyn CryptoProvider,
    randomness: &dyn Randomness,
    now: UnixTime,
) -> Result<(Push, Begun), BeginError> {
    if wanted.scope.as_ref().is_none_or(|scope| scope.is_empty()) && wanted.authorization_details.is_none() {
        return Err(BeginError::NothingWanted);
    }
    let state: State = fresh_text(randomness)?.parse().map_err(|_| RandomnessUnavailable)?;
    let nonce = match wanted.openid() {
        true => Some(fresh_text(randomness)?.parse::<Nonce>().map_err(|_| RandomnessUnavailable)?),
        false => None,
    };
    let verifier = make_verifier(randomness)?;
    let cookie = BrowserCookie::fresh(&state, provider, randomness)?;
    let request = AuthorizationRequest {
        client_id: Some(membership.client_id.clone()),
        redirect_uri: membership.redirect_uri.clone(),
        code_challenge: challenge_of(&verifier, provider),
        scope: wanted.scope.clone(),
        authorization_details: wanted.authorization_details.clone(),
        state: Some(state.clone()),
        nonce: nonce.clone(),
        response_mode: (membership.response != ingam_protocol::ResponseMode::Query).then_some(membership.response),
        resources: wanted.resources.clone(),
        dpop_jkt: membership
            .proof_key()
            .map(|signer| Sha256Text::from_bytes(*signer.verifying_key().thumbprint().as_bytes())),
        prompt: wanted.prompt.clone(),
        max_age: wanted.max_age,
        acr_values: wanted.acr_values.clone(),
    };
    let cookie_hash = provider.sha256(&[cookie.value().as_bytes()]);
    Ok((Push::of(request), Begun { user, wanted, state, nonce, verifier, cookie, cookie_hash, began: now }))
}

/// 256 random bits as 43 characters.
fn fresh_text(randomness: &dyn Randomness) -> Result<String, RandomnessUnavailable> {
    let mut bytes = [0_u8; 32];
    randomness.fill(&mut bytes)?;
    Ok(base64url::encode(bytes))
}
