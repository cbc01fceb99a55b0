use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use ingam_access_key::{Access, AccessRefused, DPOP_NONCE, HttpSignatures, PresentedAccessKey, RegisteredFintech};
use ingam_jose::CryptoProvider;
use ingam_keys::Purpose;
use ingam_ports::BODY_LIMIT;
use ingam_protocol::InteractionId;
use ingam_transaction::{
    policy::{CoveragePolicy, Unsigned},
    request::{self, PresentedRequest, Received, Sender, VerifiedRequest},
    response,
};
use std::sync::Arc;

use super::{
    access,
    call::Call,
    refused::{Caller, Refused},
};
use crate::{Entrance, answer, entrance::Incoming, limits};

/// Answers a call of the usage phase.
///
/// The order of the checks, from the cheapest: limits → access key → proof and binding → digest and signature → one-time
/// ids → decision → bank → record → signed answer.
///
/// fapi: SP-RS-1, SP-RS-2, SP-RS-3, SP-RS-4, SP-RS-5, X-AS-26
/// x1149: 3.1.16.4, 3.1.17.2
pub(crate) async fn resource(entrance: &Entrance, path: &str, incoming: Incoming) -> Response<Bytes> {
    let (operator, now) = (entrance.operator(), incoming.now);
    let interaction = interaction_id(&*operator.parts.provider, incoming.request.headers());
    let mut exchange = Exchange { entrance, address: incoming.address, received: None, trusted: false, now };
    let mut answer = match exchange.answer(path, incoming).await {
        Ok(answer) => answer,
        Err(refused) => exchange.refuse(refused).await,
    };
    if let Some(interaction) = interaction {
        answer.headers_mut().insert(InteractionId::HEADER, interaction);
    }
    if let Some(nonce) =
        operator.resource_nonces.as_ref().and_then(|nonces| HeaderValue::try_from(nonces.mint(now)).ok())
    {
        answer.headers_mut().insert(DPOP_NONCE, nonce);
    }
    exchange.sign(answer).await
}

/// One request and its answer, while it goes through the checks.
struct Exchange<'a> {
    entrance: &'a Entrance,
    address: Option<core::net::IpAddr>,
    /// What the answer is bound to.
    received: Option<Received>,
    /// Whether the request is signed, or its access key is good: only then is a signature spent on the answer.
    trusted: bool,
    now: ingam_wire::UnixTime,
}

impl Exchange<'_> {
    async fn answer(&mut self, path: &str, incoming: Incoming) -> Result<Response<Bytes>, Refused> {
        let operator = self.entrance.operator();
        let Incoming { request, peer, now, .. } = incoming;
        within_limits(&request)?;
        media_type(&request)?;
        let target = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        let below = target.strip_prefix(self.entrance.base_path()).unwrap_or(target);
        let target = self.entrance.url(below).map_err(|_| bad("the target is not a URL", "TargetMalformed"))?;
        let (headers, method) = (request.headers().clone(), request.method().clone());
        let presented_request = PresentedRequest::new(request, self.entrance.origin())?;
        self.received = Some(presented_request.received());
        self.trusted = headers.contains_key("signature") || headers.contains_key("signature-input");

        let presented = PresentedAccessKey::read(&headers, &method, &target, peer.as_ref());
        let presented = presented.map_err(|error| Refused::access(error, None))?;
        let verified = access::verify(operator, &presented, now).await?;
        self.trusted = true;
        let (client, user) = (verified.client_id().as_str().to_owned(), verified.user().as_str().to_owned());
        let caller = Caller { fintech: client, user };
        let named = |refused: Refused| refused.of(&caller);

        let fintech = operator.parts.directory.find(verified.client_id(), now).await;
        let fintech = fintech.map_err(|_| named(Refused::unavailable("Directory")))?;
        let fintech = fintech.ok_or_else(|| named(Refused::access(AccessRefused::Inactive, None)))?;
        let access = access::bind(operator, &presented, verified, now).map_err(named)?;
        let policy = coverage(&operator.parts.profile.requests, &fintech);
        let sender = Sender { fintech: fintech.client_id(), keys: fintech.keys() };
        let request = request::check(presented_request, sender, &policy, &*operator.parts.provider, now);
        let request = request.map_err(|error| named(error.into()))?;

        let (access, request) = access::settle(operator, access.and(request), now).await.map_err(named)?;
        self.serve(path, &access, request, &fintech).await.map_err(named)
    }

    /// Everything is verified; now it is decided and done.
    async fn serve(
        &self,
        path: &str,
        access: &Access,
        request: VerifiedRequest,
        fintech: &Arc<RegisteredFintech>,
    ) -> Result<Response<Bytes>, Refused> {
        let call = Call { operator: self.entrance.operator(), access, address: self.address, now: self.now };
        let mut segments = path.split('/').skip(1);
        let segments = [segments.next(), segments.next(), segments.next(), segments.next()];
        match segments {
            [Some("accounts"), None, None, None] => call.list_accounts(fintech, request).await,
            [Some("accounts"), Some(_), Some("balance"), None] => call.balance(fintech, request).await,
            [Some("accounts"), Some(_), Some("transactions"), None] => call.transactions(fintech, request).await,
            [Some("payments"), None, None, None] => call.pay(fintech, request).await,
            [Some("payments"), Some(_), None, None] => call.payment(fintech, request).await,
            [Some("payments"), Some("by-key"), Some(_), None] => call.payment_by_key(fintech, request).await,
            _ => Err(Refused::bad_request(StatusCode::NOT_FOUND, "there is no such resource", "NoSuchResource")),
        }
    }

    /// Records the refusal and makes its answer; when not even the record can be kept, the answer is 503.
    async fn refuse(&self, refused: Refused) -> Response<Bytes> {
        let operator = self.entrance.operator();
        let event = refused.event(operator.parts.profile.version(), self.address, self.now);
        let refused = match operator.parts.audit.record(event).await {
            Ok(()) => refused,
            Err(_) => Refused::unavailable("Record"),
        };
        refused.answer(operator.parts.profile.access_key.settings(), self.now)
    }

    /// Signs the answer, bound to the request.
    ///
    /// Where that cannot be done (the request holds fields that no signature can name, a ring that is stale) a refusal
    /// leaves unsigned, and whatever says more than that is not given.
    ///
    /// x1149: 3.1.16.5
    /// fapi: FH-3
    async fn sign(&self, answer: Response<Bytes>) -> Response<Bytes> {
        let Some(received) = self.received.as_ref().filter(|_| self.trusted) else { return answer };
        let parts = &self.entrance.operator().parts;
        let unsigned = answer.clone();
        let policy = &parts.profile.responses;
        let signed = match parts.keys.signer(Purpose::SignResponses, self.now) {
            Ok(signer) => response::answer(received, answer, &*signer, policy, &*parts.provider, self.now).await.ok(),
            Err(_) => None,
        };
        match signed {
            Some(signed) => signed,
            None if unsigned.status().is_client_error() || unsigned.status().is_server_error() => unsigned,
            None => answer::empty(StatusCode::SERVICE_UNAVAILABLE, self.now),
        }
    }
}

/// Signed requests are asked for by the profile, or by the fintech's own entry.
pub(super) fn coverage(profile: &CoveragePolicy, fintech: &RegisteredFintech) -> CoveragePolicy {
    match fintech.entry().http_signatures {
        HttpSignatures::Optional => profile.clone(),
        HttpSignatures::Required => CoveragePolicy { unsigned: Unsigned::Refused, ..profile.clone() },
    }
}

/// Sizes: whatever can be refused without looking at a signature.
///
/// x1149: 3.1.18.5
pub(super) fn within_limits(request: &Request<Bytes>) -> Result<(), Refused> {
    let headers = request.headers();
    let bytes = headers.iter().map(|(name, value)| name.as_str().len().saturating_add(value.len()));
    if bytes.fold(0, usize::saturating_add) > limits::HEADERS {
        let status = StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE;
        return Err(Refused::bad_request(status, "the header fields are too large", "HeadersTooLarge"));
    }
    if request.body().len() > BODY_LIMIT {
        return Err(Refused::bad_request(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large", "BodyTooLarge"));
    }
    Ok(())
}

/// The operator's own resources take JSON; a bank's own API may take what it likes.
fn media_type(request: &Request<Bytes>) -> Result<(), Refused> {
    if *request.method() == Method::POST && !is_json(request.headers()) {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refused::bad_request(status, "the body must be application/json", "UnsupportedMediaType"));
    }
    Ok(())
}

fn is_json(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::CONTENT_TYPE).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else { return false };
    let essence = line.to_str().ok().and_then(|line| line.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/json"))
}

/// The caller's identifier of the exchange, if it is one; else a fresh one.
pub(super) fn interaction_id(provider: &dyn CryptoProvider, headers: &HeaderMap) -> Option<HeaderValue> {
    let mut lines = headers.get_all(InteractionId::HEADER).iter();
    let echoed = lines.next().filter(|_| lines.next().is_none());
    let echoed = echoed.and_then(|line| line.to_str().ok()?.parse::<InteractionId>().ok());
    let id = match echoed {
        Some(id) => id,
        None => {
            let mut random = [0; 16];
            provider.randomness().fill(&mut random).ok()?;
            InteractionId::from_random(random)
        }
    };
    HeaderValue::try_from(id.as_str()).ok()
}

pub(super) fn bad(description: &str, reason: &'static str) -> Refused {
    Refused::bad_request(StatusCode::BAD_REQUEST, description, reason)
}
