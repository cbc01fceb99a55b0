//! The attacker. Each attack is in order but for one thing, and must be refused with the error that names this thing.

use bytes::Bytes;
use http::{HeaderValue, Request, header};
use ingam::{
    fintech::FintechError,
    keys::Purpose,
    protocol::usage::{PaymentOrder, ResourceBody as _},
    wire::{base64url, form},
};

use crate::{
    forge,
    report::Report,
    stage::{Failure, Party, Stage},
    user,
    walk::{OPENED, Walked},
};

/// Every attack.
pub(crate) async fn all(stage: &Stage, walked: &Walked, report: &mut Report) -> Result<(), Failure> {
    let token = stolen_access_key(&stage.budget)?;
    on_access_keys(stage, report, &token).await?;
    on_messages(stage, walked, report).await?;
    on_answers(stage, walked, report).await?;
    on_codes(stage, report).await?;
    on_time(stage, report).await
}

/// Sends `request`; says what the operator refused it for.
async fn try_it(
    stage: &Stage,
    report: &mut Report,
    what: &str,
    expected: &str,
    request: Request<Bytes>,
) -> Result<(), Failure> {
    stage.witness.refused();
    let answer = stage.budget.tap.send(request).await?;
    let mut refused = stage.witness.refused();
    // A refusal that is answered with success is none.
    if answer.status().is_success() {
        refused.clear();
    }
    report.attack(what, expected, &refused);
    Ok(())
}

fn stolen_access_key(party: &Party) -> Result<String, Failure> {
    let (call, _) = party.tap.last("/accounts").ok_or("no call was heard")?;
    let authorization = call.headers().get(header::AUTHORIZATION).ok_or("no access key was heard")?.to_str()?;
    Ok(authorization.split_once(' ').ok_or("no access key was heard")?.1.to_owned())
}

async fn on_access_keys(stage: &Stage, report: &mut Report, token: &str) -> Result<(), Failure> {
    let (budget, rival) = (&stage.budget, &stage.rival);
    let (heard, _) = budget.tap.last("/accounts").ok_or("no call was heard")?;
    try_it(stage, report, "replayed: the whole call again, byte for byte", "ProofReplayed", heard.clone()).await?;

    let call = forge::call(stage, "/accounts", "DPoP", token, &*rival.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "stolen access key, another holder's proof", "KeyMismatch", call).await?;

    let call = forge::call(stage, "/accounts", "Bearer", token, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "stolen access key as Bearer", "SchemeMismatch", call).await?;

    let call = forge::call(stage, "/accounts", "DPoP", token, &*budget.proof_key, &*rival.message_key).await?;
    try_it(stage, report, "stolen access key and proof key, another fintech's signature", "UnknownKey", call).await?;

    let hs256 = signed_with_the_public_key(stage, token)?;
    let call = forge::call(stage, "/accounts", "DPoP", &hs256, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "alg HS256, signed with the operator's public key", "AlgorithmNotAllowed", call).await?;

    let none = unsigned(token)?;
    let call = forge::call(stage, "/accounts", "DPoP", &none, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "alg none, no signature", "AlgorithmNotAllowed", call).await?;

    let other = format!("/accounts/{}/balance", not_opened());
    let call = forge::call(stage, &other, "DPoP", token, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "an account of the user that was not consented to", "AccountNotConsented", call).await
}

/// An account of the same user that was not opened.
fn not_opened() -> &'static str {
    "hg-1002"
}

async fn on_messages(stage: &Stage, walked: &Walked, report: &mut Report) -> Result<(), Failure> {
    let fresh = fresh_payment(stage, walked).await?;
    let more =
        PaymentOrder { amount: ingam::protocol::Amount::parse("9900000", "KRW".parse()?)?, ..walked.order.clone() };
    let mut changed = fresh.clone();
    *changed.body_mut() = Bytes::from(more.to_json());
    try_it(stage, report, "changed amount under a good signature", "DigestMismatch", changed.clone()).await?;

    let digest = stage.provider.sha256(&[changed.body()]);
    let digest = base64url::encode(digest).replace('-', "+").replace('_', "/");
    changed.headers_mut().insert("content-digest", HeaderValue::try_from(format!("sha-256=:{digest}=:"))?);
    try_it(stage, report, "changed amount, digest computed anew", "BadSignature", changed).await?;

    let mut bare = fresh;
    bare.headers_mut().remove("signature");
    bare.headers_mut().remove("signature-input");
    try_it(stage, report, "the signature taken off", "SignatureMissing", bare).await
}

/// A payment as the fintech would send it now, held back by whoever sits on the line.
async fn fresh_payment(stage: &Stage, walked: &Walked) -> Result<Request<Bytes>, Failure> {
    stage.budget.tap.hold();
    let key = "held-back".parse()?;
    let lost = stage.budget.fintech.pay(&walked.access, &walked.order, &key).await;
    if lost.is_ok() {
        return Err("the payment was not held back".into());
    }
    stage.budget.tap.held().ok_or_else(|| "no payment was heard".into())
}

async fn on_answers(stage: &Stage, walked: &Walked, report: &mut Report) -> Result<(), Failure> {
    let tap = &stage.budget.tap;
    let [first, second] = OPENED;
    let (_, answer) = tap.last(&format!("/accounts/{first}/balance")).ok_or("no answer was heard")?;
    tap.plant(answer);
    let outcome = stage.budget.fintech.balance(&walked.access, &second.parse()?).await;
    report.attack("the answer of one request served for another", "ResponseNotBound", &names(outcome.err()));

    tap.change("\"currency\":\"KRW\"", "\"currency\":\"USD\"");
    let outcome = stage.budget.fintech.balance(&walked.access, &first.parse()?).await;
    report.attack("won turned into dollars in a signed answer", "DigestMismatch", &names(outcome.err()));
    Ok(())
}

fn names(error: Option<FintechError>) -> Vec<&'static str> {
    error.iter().map(FintechError::name).collect()
}

async fn on_codes(stage: &Stage, report: &mut Report) -> Result<(), Failure> {
    let (budget, rival) = (&stage.budget, &stage.rival);
    let limits = form::Limits { bytes: 65_536, parameters: 32 };
    let (redeemed, _) = budget.tap.last("/token").ok_or("no token request was heard")?;
    let redeemed = form::Form::parse(redeemed.body(), &limits)?;

    let held = code_on_its_way(stage).await?;
    let verifier = "wrong-verifier-wrong-verifier-wrong-verifier-00";
    let request = forge::token_request(stage, budget, &held, &[("code_verifier", verifier)]).await?;
    try_it(stage, report, "a code with a wrong PKCE verifier", "VerifierMismatch", request).await?;

    let request = forge::token_request(stage, rival, &held, &[]).await?;
    try_it(stage, report, "a code redeemed by another fintech, verifier and all", "WrongFintech", request).await?;

    let request = forge::token_request(stage, budget, &redeemed, &[]).await?;
    try_it(stage, report, "a code used a second time", "Reused", request).await?;

    let token = stolen_access_key(budget)?;
    let call = forge::call(stage, "/accounts", "DPoP", &token, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "the access key that came of the reused code", "ConsentOver", call).await
}

/// A second registration whose token request is held back: the code is out and not used.
async fn code_on_its_way(stage: &Stage) -> Result<form::Form, Failure> {
    let fintech = &stage.budget.fintech;
    let wanted = ingam::fintech::Wanted::scopes("accounts balances".parse()?);
    let redirect = fintech.begin(&stage.issuer, "user-42".parse()?, wanted).await?;
    let (query, cookies) = user::approves(stage, &redirect).await?;
    stage.budget.tap.hold();
    if fintech.complete(&query, &cookies).await.is_ok() {
        return Err("the token request was not held back".into());
    }
    let held = stage.budget.tap.held().ok_or("no token request was heard")?;
    Ok(form::Form::parse(held.body(), &form::Limits { bytes: 65_536, parameters: 32 })?)
}

async fn on_time(stage: &Stage, report: &mut Report) -> Result<(), Failure> {
    let (budget, token) = (&stage.budget, stolen_access_key(&stage.budget)?);
    stage.clock.advance(400);
    let call = forge::call(stage, "/accounts", "DPoP", &token, &*budget.proof_key, &*budget.message_key).await?;
    try_it(stage, report, "an access key that is over (the clock was moved)", "Expired", call).await
}

/// The classic: the public key, which everybody has, as the secret of an HMAC (CVE-2015-9235).
fn signed_with_the_public_key(stage: &Stage, token: &str) -> Result<String, Failure> {
    let signer = stage.keys.signer(Purpose::SignAccessKeys, stage.clock.time())?;
    let secret = signer.verifying_key().to_jwk().to_json().to_string();
    let payload = token.split('.').nth(1).ok_or("not a JWT")?;
    let header =
        base64url::encode(format!("{{\"alg\":\"HS256\",\"typ\":\"at+jwt\",\"kid\":\"{}\"}}", signer.key_id().as_str()));
    let mac = stage.provider.hmac_sha256(secret.as_bytes(), &[header.as_bytes(), b".", payload.as_bytes()]);
    Ok(format!("{header}.{payload}.{}", base64url::encode(mac)))
}

fn unsigned(token: &str) -> Result<String, Failure> {
    let payload = token.split('.').nth(1).ok_or("not a JWT")?;
    Ok(format!("{}.{payload}.", base64url::encode("{\"alg\":\"none\",\"typ\":\"at+jwt\"}")))
}
