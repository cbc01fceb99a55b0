use bytes::Bytes;
use http::{Response, StatusCode};
use ingam_access_key::{AuthenticationLevel, Signing};
use ingam_keys::Purpose;
use ingam_protocol::{AuthorizationServerMetadata, KnownScope, MtlsEndpointAliases};
use ingam_wire::{HttpUrl, UnixTime};

use crate::{Operator, answer};

/// The metadata of RFC 8414, the same document under both well-known paths.
///
/// fapi: SP-AS-1, MD-1, MD-2, MD-3, MD-5, PA-12, DP-18, MT-7, MT-8, IS-2, PK-7, CA-10, JM-7, MS-26, RAR-7, IJ-4, SU-4, X-AS-30, SP-AZ-17, OI-7
pub(crate) fn metadata(operator: &Operator, now: UnixTime) -> Response<Bytes> {
    match document(operator, now) {
        Some(document) => answer::json(StatusCode::OK, document.to_json(), now),
        None => answer::empty(StatusCode::INTERNAL_SERVER_ERROR, now),
    }
}

/// The public keys that verifiers must see now.
///
/// fapi: OI-3, X-AS-32, SP-K-7, SP-K-14
pub(crate) fn jwks(operator: &Operator, now: UnixTime) -> Response<Bytes> {
    let keys = operator.parts.keys.ring().jwks(now).to_string();
    let mut answer = answer::json(StatusCode::OK, keys, now);
    // A key is published a propagation time before it signs: verifiers may keep the set for a while.
    answer.headers_mut().insert(http::header::CACHE_CONTROL, http::HeaderValue::from_static("public, max-age=60"));
    answer
}

fn document(operator: &Operator, now: UnixTime) -> Option<AuthorizationServerMetadata> {
    let identity = &operator.parts.identity;
    let settings = operator.parts.profile.access_key.settings();
    let issuer = identity.issuer.as_str().trim_end_matches('/');
    let at = |base: &str, path: &str| format!("{base}{path}").parse::<HttpUrl>().ok();
    let algorithms: Vec<String> = settings.algorithms.iter().map(|algorithm| algorithm.name().to_owned()).collect();
    let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    // What we sign with: the algorithm of the key that signs now, not all that we would verify.
    let signed_with = |purpose| {
        let signer = operator.parts.keys.signer(purpose, now).ok()?;
        Some(vec![signer.verifying_key().algorithm().name().to_owned()])
    };
    let methods = strings(&["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]);
    let aliases = identity.mtls_base.as_ref().map(|base| {
        let base = base.as_str().trim_end_matches('/');
        MtlsEndpointAliases {
            token_endpoint: at(base, "/token"),
            pushed_authorization_request_endpoint: at(base, "/par"),
            introspection_endpoint: at(base, "/introspect"),
            revocation_endpoint: at(base, "/revoke"),
            ..MtlsEndpointAliases::default()
        }
    });
    let signing_required = settings.signing == Signing::Required;
    let modes: &[&str] = if signing_required { &["jwt", "query.jwt"] } else { &["query", "jwt", "query.jwt"] };
    Some(AuthorizationServerMetadata {
        issuer: identity.issuer.clone(),
        authorization_endpoint: Some(at(issuer, "/authorize")?),
        token_endpoint: Some(at(issuer, "/token")?),
        pushed_authorization_request_endpoint: Some(at(issuer, "/par")?),
        jwks_uri: Some(at(issuer, "/jwks")?),
        introspection_endpoint: Some(at(issuer, "/introspect")?),
        revocation_endpoint: Some(at(issuer, "/revoke")?),
        userinfo_endpoint: None,
        mtls_endpoint_aliases: aliases,
        scopes_supported: KnownScope::ALL.iter().map(|scope| scope.as_str().to_owned()).collect(),
        response_types_supported: strings(&["code"]),
        response_modes_supported: strings(modes),
        grant_types_supported: strings(&["authorization_code", "refresh_token"]),
        code_challenge_methods_supported: strings(&["S256"]),
        token_endpoint_auth_methods_supported: methods.clone(),
        token_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        introspection_endpoint_auth_methods_supported: methods.clone(),
        introspection_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        revocation_endpoint_auth_methods_supported: methods,
        revocation_endpoint_auth_signing_alg_values_supported: algorithms.clone(),
        introspection_signing_alg_values_supported: signed_with(Purpose::SignIntrospections)?,
        dpop_signing_alg_values_supported: if settings.dpop { algorithms.clone() } else { Vec::new() },
        tls_client_certificate_bound_access_tokens: settings.mtls && identity.mtls_base.is_some(),
        require_pushed_authorization_requests: true,
        require_signed_request_object: signing_required,
        request_object_signing_alg_values_supported: algorithms,
        request_parameter_supported: true,
        request_uri_parameter_supported: Some(false),
        authorization_response_iss_parameter_supported: true,
        authorization_signing_alg_values_supported: signed_with(Purpose::SignAuthorizationResponses)?,
        authorization_details_types_supported: strings(&["account_information", "payment_initiation", "ingam_service"]),
        id_token_signing_alg_values_supported: signed_with(Purpose::SignIdTokens)?,
        subject_types_supported: strings(&["public"]),
        claims_supported: strings(&["iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "acr", "amr"]),
        claims_parameter_supported: false,
        acr_values_supported: AuthenticationLevel::ALL.iter().map(|level| level.acr().to_owned()).collect(),
        prompt_values_supported: strings(&["none", "login", "consent"]),
    })
}
