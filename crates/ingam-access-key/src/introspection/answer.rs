use ingam_jose::jwt::AudienceClaim;
use ingam_protocol::{ActiveToken, ClientId, IntrospectionResponse, Resource};
use ingam_wire::UnixTime;

use crate::{
    grant::Grant,
    key::{AccessKeyClaims, VerifiedAccess},
};

/// Who asks about an access key, after it was authenticated.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum IntrospectionCaller {
    /// A resource server: about access keys that are for it.
    ResourceServer(Resource),
    /// A resource server that the operator's configuration lets ask about every access key.
    AnyResourceServer,
    /// A fintech: about its own access keys only (MS 6).
    Fintech(ClientId),
}

/// What `caller` is told about an access key: everything, or nothing but that it is inactive.
///
/// `verified` is `None` when the access key is unknown, malformed or expired, `grant` when its grant is gone; every
/// such case, and an access key that is none of the caller's business, gives the same answer.
///
/// fapi: IN-2, IN-3, IJ-5, MS-18, SP-RS-3, RAR-6, SU-3, DP-19
#[must_use]
pub fn introspect(
    verified: Option<&VerifiedAccess>,
    grant: Option<&Grant>,
    caller: &IntrospectionCaller,
    now: UnixTime,
) -> IntrospectionResponse {
    let (Some(verified), Some(grant)) = (verified, grant) else { return IntrospectionResponse::Inactive };
    let claims = verified.claims();
    let concerned = match caller {
        IntrospectionCaller::ResourceServer(resource) => claims.aud.names(resource.as_str()),
        IntrospectionCaller::AnyResourceServer => true,
        IntrospectionCaller::Fintech(client) => claims.client_id == *client,
    };
    let alive = claims.exp > now && claims.grant_id.as_ref() == Some(grant.id()) && grant.is_active(now);
    if concerned && alive {
        IntrospectionResponse::Active(Box::new(describe(claims)))
    } else {
        IntrospectionResponse::Inactive
    }
}

fn describe(claims: &AccessKeyClaims) -> ActiveToken {
    ActiveToken {
        iss: claims.iss.clone(),
        sub: Some(claims.sub.clone()),
        aud: match &claims.aud {
            AudienceClaim::One(one) => vec![one.clone()],
            AudienceClaim::Many(many) => many.clone(),
        },
        client_id: claims.client_id.clone(),
        token_type: claims.cnf.token_type(),
        exp: claims.exp,
        iat: claims.iat,
        jti: Some(claims.jti.clone()),
        cnf: claims.cnf.into(),
        scope: claims.scope.clone(),
        authorization_details: claims.authorization_details.clone(),
        accounts: claims.accounts.clone(),
        acr: claims.acr.clone(),
        auth_time: claims.auth_time,
        grant_id: claims.grant_id.clone(),
    }
}
