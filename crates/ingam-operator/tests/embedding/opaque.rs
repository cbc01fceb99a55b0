//! An operator that issues access keys of either form, and the way on which a resource server asks it about them.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{Request, Response, header};
use ingam_access_key::{AccessKeyFormat, ClientRole, IntrospectionKind, KeySource, TrustedIssuer, Verifier};
use ingam_jose::{KeySet, SignatureAlgorithm, Signer as _, SigningKey, jwt};
use ingam_keys::Purpose;
use ingam_operator::{
    Profile,
    usage::{Introspection, IntrospectionAnswers, IntrospectionAuthentication},
};
use ingam_ports::{Transport, TransportError};
use ingam_wire::{BoxFuture, Seconds};
use serde_json::{Map, Value, json};

use crate::{
    protect::{Api, call},
    support::{BASE, Fintech, PROVIDER, World, key},
};

pub(crate) const OTHER: &str = "https://other.example";

/// A way to an operator that keeps what was asked, and may have other answers than the operator's.
#[derive(Debug)]
pub(crate) struct Asked {
    network: Arc<dyn Transport>,
    pub(crate) asked: AtomicUsize,
    pub(crate) last: Mutex<Option<Request<Bytes>>>,
    instead: Mutex<Option<Response<Bytes>>>,
}

impl Asked {
    pub(crate) fn over(network: impl Transport + 'static) -> Arc<Self> {
        let network: Arc<dyn Transport> = Arc::new(network);
        Arc::new(Self { network, asked: AtomicUsize::new(0), last: Mutex::default(), instead: Mutex::default() })
    }

    /// From now on this is the answer.
    pub(crate) fn says(&self, status: u16, media: &str, body: impl Into<Bytes>) {
        let answer = Response::builder().status(status).header(header::CONTENT_TYPE, media);
        *self.instead.lock().unwrap() = Some(answer.body(body.into()).unwrap());
    }
}

impl Transport for Asked {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        *self.last.lock().unwrap() = Some(request.clone());
        match self.instead.lock().unwrap().clone() {
            Some(answer) => Box::pin(async { Ok(answer) }),
            None => self.network.exchange(request),
        }
    }
}

/// An operator that issues opaque access keys, the resource server known to it, and one fintech's access key.
pub(crate) struct Opaque {
    pub(crate) world: World,
    pub(crate) rs: Fintech,
    /// Another key of the resource server, which the layer holds.
    signer: Arc<SigningKey>,
    pub(crate) fintech: Fintech,
    pub(crate) token: String,
    pub(crate) asked: Arc<Asked>,
}

impl Opaque {
    pub(crate) async fn new(format: AccessKeyFormat) -> Self {
        let world = World::under(Profile::fapi2_security().with(|s| s.format = format).unwrap()).await;
        let (fintech, signer) = (world.fintech("client-1").await, Arc::new(key(SignatureAlgorithm::Es256)));
        let both = |rs: &mut Fintech| {
            let keys = [&rs.signing, &*signer].map(|key| key.verifying_key().clone());
            rs.entry.keys = KeySource::Inline(KeySet::new(keys.into()).to_json());
        };
        let rs = resource_server(&world, both).await;
        let token = world.tokens(&fintech).await.member("access_token");
        let asked = Asked::over(world.network.clone());
        Self { world, rs, signer, fintech, token, asked }
    }

    pub(crate) fn introspection(&self) -> Introspection {
        Introspection {
            issuer: BASE.parse().unwrap(),
            endpoint: format!("{BASE}/introspect").parse().unwrap(),
            client: self.rs.entry.client_id.clone(),
            authentication: IntrospectionAuthentication::PrivateKeyJwt(self.signer.clone()),
            answers: IntrospectionAnswers::Signed,
            transport: self.asked.clone(),
        }
    }

    pub(crate) fn api(&self, introspections: Vec<Introspection>) -> Api {
        Api::new(&self.world, |parts| {
            parts.verifier = verifier(&self.world);
            parts.introspections = introspections;
        })
    }

    pub(crate) async fn call(&self) -> Request<Bytes> {
        call(&self.world, &self.fintech, &self.token, None).await
    }

    /// What the operator really says of the access key, unsigned.
    pub(crate) async fn described(&self) -> Value {
        self.world.introspect(&self.rs, &self.token).await.send().await.json()
    }

    /// The claims of a signed answer as it should be.
    pub(crate) async fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "iss": BASE, "aud": "rs", "iat": self.world.now().secs(), "token_introspection": self.described().await,
        });
        claims.as_object().unwrap().clone()
    }

    /// `claims` under the operator's own signature.
    pub(crate) async fn signed(&self, claims: Map<String, Value>) -> String {
        let signer = self.world.keys.signer(Purpose::SignIntrospections, self.world.now()).unwrap();
        let claims = serde_json::from_value(claims.into()).unwrap();
        jwt::sign::<IntrospectionKind>(&claims, &*signer).await.unwrap()
    }
}

pub(crate) async fn resource_server(world: &World, change: impl FnOnce(&mut Fintech)) -> Fintech {
    let made = world.fintech_with("rs", |rs| {
        rs.entry.role = ClientRole::ResourceServer;
        rs.entry.redirect_uris.clear();
        rs.entry.scopes = ingam_protocol::Scopes::default();
        rs.entry.authorization_details_types.clear();
        change(rs);
    });
    made.await
}

/// Trusts two operators, each with all keys it publishes.
pub(crate) fn verifier(world: &World) -> Arc<Verifier> {
    let published = [Purpose::SignAccessKeys, Purpose::SignIntrospections].map(|purpose| world.verifying(purpose));
    let keys = KeySet::new(published.iter().flat_map(KeySet::keys).cloned().collect());
    let issuer = |issuer: &str, keys| TrustedIssuer { issuer: issuer.parse().unwrap(), keys, not_before: None };
    let issuers = vec![issuer(OTHER, KeySet::default()), issuer(BASE, keys)];
    let policy = Arc::new(Profile::fapi2_security().access_key);
    Arc::new(Verifier::new(issuers, BASE.parse().unwrap(), Seconds::new(10), policy, Arc::new(PROVIDER)))
}
