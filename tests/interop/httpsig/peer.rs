//! Our half of the interoperability test: reads a JSON command a line from standard input, prints its outcome as a line of JSON.
//! Run by `.ci/parts/75-httpsig-interop.sh`; the other half is Python (`peer.py`) and Node (`peer.mjs`).

use core::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};
use std::{
    error::Error,
    io::{self, BufRead as _, Write as _},
};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use ingam_jose::{CryptoProvider as _, Jwk, KeySet, RingProvider, SigningKey, VerifyingKey};
use ingam_ports::Unclaimed;
use ingam_protocol::ClientId;
use ingam_transaction::{
    Origin,
    message::{self, Context as Stated},
    policy::{CoveragePolicy, MessagePolicy},
    profile::{self, Protection},
    request::{self, PresentedRequest, Sender, SentRequest},
    response, signature,
};
use ingam_wire::UnixTime;
use serde_json::{Value, json};

type Outcome = Result<Value, Box<dyn Error>>;

const PROVIDER: RingProvider = RingProvider;

fn main() -> Result<(), Box<dyn Error>> {
    for line in io::stdin().lock().lines() {
        let command: Value = serde_json::from_str(&line?)?;
        let outcome = obey(&command).unwrap_or_else(|error| json!({ "ok": false, "error": error.to_string() }));
        writeln!(io::stdout(), "{outcome}")?;
    }
    Ok(())
}

fn obey(command: &Value) -> Outcome {
    match text(command, "do")? {
        "sign" => sign(command),
        "check" => check(command),
        "answer" => answer(command),
        "verify" => verify(command),
        "bases" => bases(command),
        "sign-message" => sign_message(command),
        "check-message" => check_message(command),
        other => Err(other.into()),
    }
}

fn sign(command: &Value) -> Outcome {
    let (request_policy, _) = fields(command)?;
    let request = request(&command["request"])?;
    let key = key(command)?;
    let signing = request::sign(request, &key, request_policy, &PROVIDER, PROVIDER.randomness(), now(command)?);
    let (signed, _) = ready(signing)??;
    Ok(json!({ "ok": true, "headers": list(signed.headers())? }))
}

fn check(command: &Value) -> Outcome {
    let (request_policy, _) = fields(command)?;
    let (fintech, keys) = (fintech()?, keys(command)?);
    let presented = match presented(&command["request"]) {
        Ok(presented) => presented,
        Err(error) => return Ok(json!({ "ok": false, "error": error.to_string() })),
    };
    let sender = Sender { fintech: &fintech, keys: &keys };
    Ok(outcome(request::check(presented, sender, request_policy, &PROVIDER, now(command)?), |error| error.name()))
}

fn answer(command: &Value) -> Outcome {
    let (_, response_policy) = fields(command)?;
    let received = presented(&command["request"])?.received();
    let response = response(&command["response"])?;
    let key = key(command)?;
    let signing = response::answer(&received, response, &key, response_policy, &PROVIDER, now(command)?);
    Ok(json!({ "ok": true, "headers": list(ready(signing)??.headers())? }))
}

fn verify(command: &Value) -> Outcome {
    let (_, response_policy) = fields(command)?;
    let sent = SentRequest::of(&request(&command["request"])?)?;
    let response = response(&command["response"])?;
    let verified = response::verify(&sent, response, &keys(command)?, response_policy, &PROVIDER, now(command)?);
    Ok(match verified {
        Ok(verified) => json!({ "ok": true, "status": verified.status().as_u16() }),
        Err(error) => json!({ "ok": false, "error": error.name() }),
    })
}

/// The bases of whatever is signed, and whether the first key's signature holds.
fn bases(command: &Value) -> Outcome {
    let presented = presented(&command["request"])?;
    let bases = match &command["response"] {
        Value::Null => signature::of_request(&presented)?,
        message => signature::of_response(&response(message)?, None, Some(&presented.received()))?,
    };
    let keys = keys(command)?;
    let holds = |base: &signature::SignatureBase| keys.keys().iter().any(|key| base.verify(key).is_ok());
    let read: Vec<_> =
        bases.iter().map(|base| json!({ "label": base.label(), "base": base.text(), "holds": holds(base) })).collect();
    Ok(json!({ "ok": true, "bases": read }))
}

fn sign_message(command: &Value) -> Outcome {
    let policy = message_policy(command)?;
    let body = Bytes::from(text(command, "body")?.to_owned());
    let stated = stated(command)?;
    let key = key(command)?;
    let signing = message::sign(body, &stated, &key, policy, PROVIDER.randomness(), now(command)?);
    let signed = ready(signing)??;
    let field = signed.field().map(|(name, value)| Ok::<_, Box<dyn Error>>(json!([name.as_str(), value.to_str()?])));
    Ok(json!({
        "ok": true,
        "body": core::str::from_utf8(signed.body())?,
        "field": field.transpose()?,
        "media_type": signed.media_type(),
        "id": signed.id(),
    }))
}

fn check_message(command: &Value) -> Outcome {
    let policy = message_policy(command)?;
    let (fintech, keys) = (fintech()?, keys(command)?);
    let sender = Sender { fintech: &fintech, keys: &keys };
    let body = Bytes::from(text(command, "body")?.to_owned());
    let headers = headers(&command["headers"])?;
    let checked = message::check(body, &headers, &stated(command)?, sender, policy, &PROVIDER, now(command)?);
    Ok(outcome(checked, |error| error.name()))
}

fn outcome<T, E>(checked: Result<Unclaimed<T>, E>, name: impl Fn(&E) -> &'static str) -> Value {
    match checked {
        Ok(_) => json!({ "ok": true }),
        Err(error) => json!({ "ok": false, "error": name(&error) }),
    }
}

fn fields(command: &Value) -> Result<(&'static CoveragePolicy, &'static CoveragePolicy), Box<dyn Error>> {
    let profile = profile::named(text(command, "profile")?)?;
    match (&profile.request, &profile.response) {
        (Protection::Fields(request), Protection::Fields(response)) => Ok((request, response)),
        _ => Err("not a profile of signature fields".into()),
    }
}

fn message_policy(command: &Value) -> Result<&'static MessagePolicy, Box<dyn Error>> {
    match &profile::named(text(command, "profile")?)?.request {
        Protection::Message(policy) => Ok(policy),
        Protection::Fields(_) => Err("not a profile of messages".into()),
    }
}

fn stated(command: &Value) -> Result<Stated<'_>, Box<dyn Error>> {
    Ok(Stated {
        issuer: text(command, "issuer")?,
        audience: text(command, "audience")?,
        method: command["method"].as_str(),
        in_reply_to: command["in_reply_to"].as_str(),
    })
}

fn key(command: &Value) -> Result<SigningKey, Box<dyn Error>> {
    Ok(SigningKey::from_private_jwk(command["key"].to_string().as_bytes(), &PROVIDER)?)
}

fn keys(command: &Value) -> Result<KeySet, Box<dyn Error>> {
    let mut keys = Vec::new();
    for jwk in command["keys"].as_array().ok_or("keys")? {
        keys.push(VerifyingKey::from_jwk(&Jwk::parse(jwk.to_string().as_bytes())?, None, &PROVIDER)?);
    }
    Ok(KeySet::new(keys))
}

fn request(message: &Value) -> Result<Request<Bytes>, Box<dyn Error>> {
    let body = Bytes::from(message["body"].as_str().unwrap_or_default().to_owned());
    let mut request = Request::builder().method(text(message, "method")?).uri(text(message, "url")?).body(body)?;
    *request.headers_mut() = headers(&message["headers"])?;
    Ok(request)
}

/// As it arrives: the target in origin form, under the origin of the configured URL.
fn presented(message: &Value) -> Result<PresentedRequest, Box<dyn Error>> {
    let mut request = request(message)?;
    let origin = Origin::of(&text(message, "url")?.parse()?)?;
    *request.uri_mut() = request.uri().path_and_query().ok_or("path")?.as_str().parse()?;
    PresentedRequest::new(request, &origin).map_err(|error| error.name().into())
}

fn response(message: &Value) -> Result<Response<Bytes>, Box<dyn Error>> {
    let body = Bytes::from(message["body"].as_str().unwrap_or_default().to_owned());
    let status = u16::try_from(message["status"].as_u64().ok_or("status")?)?;
    let mut response = Response::builder().status(status).body(body)?;
    *response.headers_mut() = headers(&message["headers"])?;
    Ok(response)
}

fn headers(list: &Value) -> Result<HeaderMap, Box<dyn Error>> {
    let mut headers = HeaderMap::new();
    for pair in list.as_array().ok_or("headers")? {
        let [name, value] = pair.as_array().map(Vec::as_slice).ok_or("header")? else { return Err("header".into()) };
        let name: HeaderName = name.as_str().ok_or("name")?.parse()?;
        headers.append(name, HeaderValue::from_str(value.as_str().ok_or("value")?)?);
    }
    Ok(headers)
}

fn list(headers: &HeaderMap) -> Result<Vec<Value>, Box<dyn Error>> {
    headers.iter().map(|(name, value)| Ok(json!([name.as_str(), value.to_str()?]))).collect()
}

fn text<'v>(value: &'v Value, member: &'static str) -> Result<&'v str, Box<dyn Error>> {
    value.get(member).and_then(Value::as_str).ok_or_else(|| member.into())
}

fn now(command: &Value) -> Result<UnixTime, Box<dyn Error>> {
    Ok(UnixTime::from_secs(command["now"].as_i64().ok_or("now")?))
}

fn fintech() -> Result<ClientId, Box<dyn Error>> {
    Ok("peer".parse()?)
}

/// A software key never waits, so one look is enough.
fn ready<F: Future>(future: F) -> Result<F::Output, Box<dyn Error>> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => Ok(output),
        Poll::Pending => Err("the key waits".into()),
    }
}
