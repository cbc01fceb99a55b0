use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use ingam_access_key::{Access, AccessRefused, DPOP_NONCE, PresentedAccessKey, VerifiedAccess, Verifier};
use ingam_jose::KeySet;
use ingam_ports::{BODY_LIMIT, ControlItem, EventKind, Outcome, PeerIdentity, RemoteAddress, SecurityEvent};
use ingam_protocol::InteractionId;
use ingam_transaction::{
    Origin,
    request::{self, PresentedRequest, Sender, VerifiedRequest},
};
use ingam_wire::{HttpUrl, UnixTime};

use super::super::{
    authorise::Denied,
    refused::{Caller, Refused},
    resource::{bad, coverage, interaction_id, within_limits},
};
use super::{ProtectionError, ProtectionParts, follow::Followed, verify::verify};
use crate::{limits, proxy::Fronted, revoked::KnownRevocations};

/// Checks each request as the operator's own resources do: limits, access key, proof and binding, digest and signature,
/// one-time ids.
///
/// A grant or an access key that was revoked stops counting with the next request that is checked, where
/// [`ProtectionParts::replay`] reads the operator's change log; elsewhere with the access key's end. An operator's signing
/// key stops counting when it is published no more ([`ProtectionParts::published`]), or with [`Protection::renew`]. An
/// access key that is no JWT is asked about at each call, where [`ProtectionParts::introspections`] says whom to ask.
pub struct Protection {
    parts: ProtectionParts,
    origin: Origin,
    base: String,
    path: String,
    followed: Followed,
    revocations: KnownRevocations,
}

impl core::fmt::Debug for Protection {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Protection").field("base", &self.base).finish_non_exhaustive()
    }
}

/// Fields that every answer gets, whoever makes it.
pub(super) struct AnswerFields {
    interaction: Option<HeaderValue>,
    nonce: Option<HeaderValue>,
}

impl AnswerFields {
    /// fapi: SP-RS-4, DP-12
    pub(super) fn put(self, headers: &mut HeaderMap) {
        if let Some(interaction) = self.interaction {
            headers.insert(InteractionId::HEADER, interaction);
        }
        if let Some(nonce) = self.nonce {
            headers.insert(DPOP_NONCE, nonce);
        }
    }
}

impl Protection {
    /// Protects what lies at `parts.base`.
    ///
    /// # Errors
    /// [`ProtectionError`].
    pub fn new(parts: ProtectionParts) -> Result<Self, ProtectionError> {
        parts.check()?;
        let base = &parts.base;
        let origin = Origin::of(base).map_err(|_| ProtectionError::BaseUrl)?;
        let (text, path) =
            (base.as_str().trim_end_matches('/').to_owned(), base.path().trim_end_matches('/').to_owned());
        let followed = Followed::new(Arc::clone(&parts.verifier), parts.published.clone());
        Ok(Self { origin, base: text, path, followed, revocations: KnownRevocations::default(), parts })
    }

    /// Trusts from now on what `verifier` trusts: after the keys of an operator have changed that publishes none.
    pub fn renew(&self, verifier: Arc<Verifier>) {
        self.followed.renew(verifier);
    }

    pub(super) fn now(&self) -> UnixTime {
        self.parts.clock.now()
    }

    pub(super) fn fields(&self, headers: &HeaderMap, now: UnixTime) -> AnswerFields {
        let nonce = self.parts.nonces.as_ref().and_then(|nonces| HeaderValue::try_from(nonces.mint(now)).ok());
        AnswerFields { interaction: interaction_id(&*self.parts.provider, headers), nonce }
    }

    /// Checks `request` and gives it back with the evidence in its extensions: [`Access`] and `Arc<VerifiedRequest>`.
    ///
    /// What stood there before under these types is replaced, and a refused request goes no further: whoever finds
    /// evidence behind this check finds this check's.
    ///
    /// fapi: SP-RS-1, SP-RS-2, SP-RS-3, SP-RS-5
    /// x1149: 3.1.16.4, 3.1.16.7
    ///
    /// # Errors
    /// The answer of the refusal, which is on record.
    pub(super) async fn check(
        &self,
        request: Request<Bytes>,
        now: UnixTime,
    ) -> Result<Request<Bytes>, Response<Bytes>> {
        let carried = request.extensions().get::<RemoteAddress>().map(|address| address.0.ip());
        let Fronted { peer, address } = match self.fronted(&request) {
            Ok(fronted) => fronted,
            Err(refused) => return Err(self.refuse(refused, carried, now).await),
        };
        let refused = match self.evidence(request, peer, address, now).await {
            Ok((request, access)) => match self.parts.audit.record(self.passed(&access, address, now)).await {
                Ok(()) => return Ok(request),
                Err(_) => Refused::unavailable("Record"),
            },
            Err(refused) => refused,
        };
        Err(self.refuse(refused, address, now).await)
    }

    /// The body could not be taken in.
    pub(super) async fn refuse_body(
        &self,
        too_large: bool,
        address: Option<core::net::IpAddr>,
        now: UnixTime,
    ) -> Response<Bytes> {
        let refused = if too_large {
            Refused::bad_request(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large", "BodyTooLarge")
        } else {
            bad("the body did not arrive", "BodyIncomplete")
        };
        self.refuse(refused, address, now).await
    }

    async fn refuse(&self, refused: Refused, address: Option<core::net::IpAddr>, now: UnixTime) -> Response<Bytes> {
        let verifier = self.followed.as_it_is();
        let settings = verifier.policy().settings();
        let event = refused.event(settings.version, address, now);
        let refused = match self.parts.audit.record(event).await {
            Ok(()) => refused,
            Err(_) => Refused::unavailable("Record"),
        };
        refused.answer(settings, now)
    }

    /// x1149: 3.1.16.9
    fn passed(&self, access: &VerifiedAccess, address: Option<core::net::IpAddr>, now: UnixTime) -> SecurityEvent {
        SecurityEvent {
            at: now,
            kind: EventKind::AccessKeyPresented,
            outcome: Outcome::Done,
            control: ControlItem::LEAK,
            threat: None,
            policy: self.followed.as_it_is().policy().settings().version,
            key_id: None,
            fintech: Some(access.client_id().as_str().to_owned()),
            user: Some(access.user().as_str().to_owned()),
            reference: access.grant().map(ToString::to_string),
            address,
        }
    }

    /// Who stands behind `request`, in the word of the carrier or of a configured proxy.
    fn fronted(&self, request: &Request<Bytes>) -> Result<Fronted, Refused> {
        within_limits(request)?;
        let peer = request.extensions().get::<PeerIdentity>().cloned();
        let carrier = request.extensions().get::<RemoteAddress>().copied();
        match &self.parts.proxies {
            Some(proxies) => proxies
                .fronted(request.headers(), carrier, peer)
                .map_err(|error| bad("the certificate a proxy hands on is malformed", error.name())),
            None => Ok(Fronted { peer, address: carrier.map(|address| address.0.ip()) }),
        }
    }

    async fn evidence(
        &self,
        mut arrived: Request<Bytes>,
        peer: Option<PeerIdentity>,
        address: Option<core::net::IpAddr>,
        now: UnixTime,
    ) -> Result<(Request<Bytes>, VerifiedAccess), Refused> {
        let (headers, method) = (arrived.headers().clone(), arrived.method().clone());
        let asked = arrived.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
        if asked.len() > limits::TARGET {
            return Err(Refused::bad_request(StatusCode::URI_TOO_LONG, "the target is too long", "TargetTooLong"));
        }
        // A router may have taken the path of `base` away; which host the request names is not asked at all.
        let below = asked.strip_prefix(&self.path).unwrap_or(asked);
        let malformed = || bad("the target is not a URL", "TargetMalformed");
        let target: HttpUrl = format!("{}{below}", self.base).parse().map_err(|_| malformed())?;
        let mut request = Request::new(arrived.body().clone());
        *request.method_mut() = method.clone();
        *request.uri_mut() = format!("{}{below}", self.path).parse().map_err(|_| malformed())?;
        *request.headers_mut() = headers.clone();
        let request = PresentedRequest::new(request, &self.origin)?;

        let presented = PresentedAccessKey::read(&headers, &method, &target, peer.as_ref());
        let presented = presented.map_err(|error| Refused::access(error, None))?;
        let refused = |error| Refused::access(error, Some(presented.scheme()));
        let verified = verify(&self.parts, &self.followed, &presented, address, now).await?;
        let verifier = self.followed.as_it_is();
        let caller =
            Caller { fintech: verified.client_id().as_str().to_owned(), user: verified.user().as_str().to_owned() };
        let named = |refused: Refused| refused.of(&caller);

        let register = self.parts.registers.iter().find(|(issuer, _)| *issuer == verified.claims().iss);
        let fintech = match register {
            Some((_, register)) => {
                let found = register.find(verified.client_id(), now).await;
                let found = found.map_err(|_| named(Refused::unavailable("Directory")))?;
                let found = found.ok_or_else(|| named(refused(AccessRefused::Inactive)))?;
                if !found.entry().status.may_act() {
                    return Err(named(Refused::denied(Denied::FintechNotActive, "")));
                }
                Some(found)
            }
            None => None,
        };
        let access = verifier.bind(&presented, verified, self.parts.nonces.as_deref(), now);
        let access = access.map_err(|error| named(refused(error)))?;
        let policy = match &fintech {
            Some(fintech) => coverage(&self.parts.requests, fintech),
            None => self.parts.requests.clone(),
        };
        let nobody = KeySet::default();
        let client = caller.fintech.parse().map_err(|_| named(refused(AccessRefused::Inactive)))?;
        let keys = fintech.as_ref().map_or(&nobody, |fintech| fintech.keys());
        let sender = Sender { fintech: &client, keys };
        let request = request::check(request, sender, &policy, &*self.parts.provider, now);
        let request = request.map_err(|error| named(error.into()))?;
        let (access, request) = self.settle(&verifier, access.and(request), now).await.map_err(named)?;

        let verified = access.verified().clone();
        *arrived.body_mut() = request.body().clone();
        arrived.extensions_mut().insert(access);
        arrived.extensions_mut().insert(Arc::new(request));
        Ok((arrived, verified))
    }

    /// Claims the one-time ids, last of all; hears in the same round trip what was revoked.
    async fn settle(
        &self,
        verifier: &Verifier,
        unclaimed: ingam_ports::Unclaimed<(Access, VerifiedRequest)>,
        now: UnixTime,
    ) -> Result<(Access, VerifiedRequest), Refused> {
        let replay = &*self.parts.replay;
        let (settled, changes) = ingam_ports::settle(unclaimed, replay, self.revocations.seen(), now).await?;
        verifier.apply(&self.revocations.heed(changes, replay, now).await?);
        let grant = settled.0.verified().grant();
        let grant = grant.map(|grant| self.parts.provider.sha256(&[grant.as_str().as_bytes()]));
        let over = grant.is_some_and(|grant| self.revocations.names_grant(&grant));
        if over || self.revocations.names(settled.0.sha256()) {
            return Err(Refused::access(AccessRefused::Inactive, None));
        }
        Ok(settled)
    }
}

/// The most a body may be; more is refused before it is read whole.
pub(super) const BODY: usize = BODY_LIMIT;
