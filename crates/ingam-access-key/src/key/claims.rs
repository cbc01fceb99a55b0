use ingam_jose::jwt::{self, AudienceClaim, Kind, Typ};
use ingam_protocol::{AccountId, Acr, ClientId, GrantId, Issuer, Scopes, UserId, details::AuthorizationDetails};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

use crate::{binding::Confirmation, claims};

/// An access key as JWT (RFC 9068), without that document's RS256, which FAPI forbids.
///
/// fapi: AT-1, AT-4
#[derive(Debug)]
pub struct AccessKeyKind;

impl Kind for AccessKeyKind {
    const TYP: Typ = Typ::Required("at+jwt");
    type Claims = AccessKeyClaims;
}

/// The claims of an access key (RFC 9068 section 2.2); one without `cnf` cannot be written down nor read.
///
/// fapi: AT-2, AT-3, RAR-6, SU-3
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct AccessKeyClaims {
    /// The operator.
    pub iss: Issuer,
    /// The resource servers it is for.
    pub aud: AudienceClaim,
    /// The user.
    pub sub: UserId,
    /// The fintech.
    pub client_id: ClientId,
    /// When it was issued.
    #[serde(deserialize_with = "claims::date")]
    pub iat: UnixTime,
    /// When it ends.
    #[serde(deserialize_with = "claims::date")]
    pub exp: UnixTime,
    /// Unique identifier.
    pub jti: String,
    /// The scopes.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub scope: Option<Scopes>,
    /// The details.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub authorization_details: Option<AuthorizationDetails>,
    /// The accounts it opens.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accounts: Vec<AccountId>,
    /// To what it is bound.
    pub cnf: Confirmation,
    /// How strongly the user was authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub acr: Option<Acr>,
    /// When the user was authenticated.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "claims::optional_date")]
    pub auth_time: Option<UnixTime>,
    /// The grant it was issued from, so that a revocation finds it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "jwt::present")]
    pub grant_id: Option<GrantId>,
}
