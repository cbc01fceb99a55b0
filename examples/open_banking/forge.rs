//! What an attacker can make with the keys it holds, by the same library that honest fintechs use.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, header};
use ingam::{
    access_key::{DPOP, ProofTarget, make_assertion, make_proof},
    jose::Signer,
    transaction::{policy::FAPI_2_REQUEST, request},
    wire::{HttpUrl, form::Form},
};

use crate::stage::{Failure, Party, Stage};

/// A call with this access key, proof key and message key; everything about it is in order but what the attack changes.
pub(crate) async fn call(
    stage: &Stage,
    path: &str,
    scheme: &str,
    token: &str,
    proof_key: &dyn Signer,
    message_key: &dyn Signer,
) -> Result<Request<Bytes>, Failure> {
    let url: HttpUrl = format!("{}{path}", stage.base).parse()?;
    let target = ProofTarget { method: &Method::GET, url: &url, access_key: Some(token) };
    let now = stage.clock.time();
    let proof = make_proof(proof_key, &*stage.provider, target, None, now).await?;
    let request = Request::get(url.as_str())
        .header(header::AUTHORIZATION, format!("{scheme} {token}"))
        .header(DPOP, proof)
        .body(Bytes::new())?;
    let randomness = stage.provider.randomness();
    let (signed, _) = request::sign(request, message_key, &FAPI_2_REQUEST, &*stage.provider, randomness, now).await?;
    Ok(signed)
}

/// A token request of `party` with another's form: fresh assertion and proof of its own.
pub(crate) async fn token_request(
    stage: &Stage,
    party: &Party,
    form: &Form,
    changes: &[(&str, &str)],
) -> Result<Request<Bytes>, Failure> {
    let now = stage.clock.time();
    let url: HttpUrl = format!("{}/token", stage.base).parse()?;
    let client = party.client_id.parse()?;
    let randomness = stage.provider.randomness();
    let assertion = make_assertion(&client, &stage.issuer, &*party.assertion_key, randomness, now).await?;
    let target = ProofTarget { method: &Method::POST, url: &url, access_key: None };
    let proof = make_proof(&*party.proof_key, &*stage.provider, target, None, now).await?;
    let mut sent = Form::default();
    for (name, value) in form.iter() {
        let changed = changes.iter().find(|(changed, _)| *changed == name).map(|(_, value)| *value);
        sent = match name {
            "client_assertion" => sent.with(name, &assertion),
            "client_id" => sent.with(name, party.client_id),
            _ => sent.with(name, changed.unwrap_or(value)),
        };
    }
    Ok(Request::post(url.as_str())
        .header(header::CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .header(DPOP, proof)
        .body(Bytes::from(sent.encode()))?)
}
