//! An operator in memory, built of the library's own checks, that tells on request one lie at a time.
//!
//! It watches what the fintech sends: whatever a strict operator would refuse is written down as a fault.
#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::result_large_err, reason = "an answer is what comes out either way")]

pub(crate) mod lies;
pub(crate) mod parties;
mod resources;
mod tokens;

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use ingam_access_key::{AssertionKind, DPOP, DPOP_NONCE, ProofKind, RequestObjectKind};
use ingam_contract::TestClock;
use ingam_jose::{
    CryptoProvider, RingProvider, SigningKey, VerifyingKey,
    jwt::{AudienceClaim, Presented},
};
use ingam_ports::Endpoint;
use ingam_protocol::{
    AuthorizationRequest, AuthorizationServerMetadata, Challenge, ErrorBody, Issuer, OAuthError, Parameters,
    PushedAuthorizationResponse, PushedBody, RequestUri, limits,
};
use ingam_wire::{BoxFuture, Seconds, base64url, form::Form};
use serde_json::{Map, Value, json};

use lies::{Lies, signed};

pub(crate) const HOST: &str = "https://op.example";
pub(crate) const MTLS_HOST: &str = "https://mtls.op.example";

pub(crate) struct Double {
    pub(crate) issuer: Issuer,
    pub(crate) clock: TestClock,
    pub(crate) provider: Arc<RingProvider>,
    /// Signs tokens, callbacks and answers.
    pub(crate) key: SigningKey,
    pub(crate) other_key: SigningKey,
    /// The fintech's public keys, as registered.
    pub(crate) fintech: Vec<VerifyingKey>,
    pub(crate) lies: Mutex<Lies>,
    pub(crate) state: Mutex<State>,
}

#[derive(Default)]
pub(crate) struct State {
    pub(crate) paths: Vec<String>,
    /// Of the requests with a form.
    pub(crate) hosts: Vec<String>,
    pub(crate) faults: Vec<String>,
    pub(crate) used: HashSet<String>,
    pub(crate) pushed: HashMap<String, AuthorizationRequest>,
    pub(crate) codes: HashMap<String, AuthorizationRequest>,
    pub(crate) tokens: HashMap<String, ()>,
    /// Access keys that are no longer good.
    pub(crate) ended: HashSet<String>,
    /// What token answers say was granted in detail.
    pub(crate) granted: Option<Value>,
    pub(crate) nonces: [u32; 2],
    pub(crate) counter: u32,
    pub(crate) forms: Vec<Form>,
    pub(crate) challenges: HashSet<String>,
}

impl Double {
    pub(crate) fn lie(&self, change: impl FnOnce(&mut Lies)) {
        change(&mut self.lies.lock().unwrap());
    }

    pub(crate) fn lies(&self) -> Lies {
        self.lies.lock().unwrap().clone()
    }

    pub(crate) fn calls(&self, path: &str) -> usize {
        self.state.lock().unwrap().paths.iter().filter(|p| p.as_str() == path).count()
    }

    /// Every access key that was issued so far is no longer good.
    pub(crate) fn end_access_keys(&self) {
        let mut state = self.state.lock().unwrap();
        state.ended = state.tokens.keys().cloned().collect();
    }

    /// Nothing was sent that a strict operator refuses.
    pub(crate) fn assert_clean(&self) {
        assert_eq!(self.state.lock().unwrap().faults, Vec::<String>::new());
    }

    pub(crate) fn fault(&self, fault: impl Into<String>) {
        self.state.lock().unwrap().faults.push(fault.into());
    }

    fn next(&self) -> u32 {
        let mut state = self.state.lock().unwrap();
        state.counter += 1;
        state.counter
    }

    async fn serve(&self, request: Request<Bytes>) -> Response<Bytes> {
        let path = request.uri().path().to_owned();
        self.state.lock().unwrap().paths.push(path.clone());
        if request.uri().query().is_some_and(|query| query.contains("access_token")) {
            self.fault("an access key in the query");
        }
        match path.as_str() {
            "/.well-known/oauth-authorization-server/t/x/" if !self.lies().oauth_place_missing => self.metadata(),
            "/t/x/.well-known/openid-configuration" => self.metadata(),
            "/jwks" => json_answer(200, &self.jwks()),
            "/par" => self.push(&request),
            "/token" => self.token(&request).await,
            "/revoke" => self.revoke(&request),
            _ if path.starts_with("/accounts") || path.starts_with("/payments") => self.resource(request).await,
            _ => json_answer(404, &json!({})),
        }
    }

    fn metadata(&self) -> Response<Bytes> {
        let lies = self.lies();
        let url = |host: &str, path: &str| Some(format!("{host}{path}").parse().unwrap());
        let mut metadata = AuthorizationServerMetadata::of(lies.issuer.clone().unwrap_or_else(|| self.issuer.clone()));
        metadata.authorization_endpoint = url(HOST, "/authorize");
        metadata.token_endpoint = url(HOST, "/token");
        metadata.pushed_authorization_request_endpoint = url(HOST, lies.push_path.unwrap_or("/par"));
        metadata.revocation_endpoint = url(HOST, "/revoke");
        metadata.jwks_uri = url(HOST, "/jwks");
        metadata.mtls_endpoint_aliases = Some(ingam_protocol::MtlsEndpointAliases {
            token_endpoint: url(MTLS_HOST, "/token"),
            pushed_authorization_request_endpoint: url(MTLS_HOST, "/par"),
            ..Default::default()
        });
        let texts = |values: &[&str]| values.iter().map(|v| (*v).to_owned()).collect::<Vec<_>>();
        metadata.code_challenge_methods_supported = texts(lies.challenge_methods.unwrap_or(&["S256"]));
        metadata.response_modes_supported = texts(&["query", "jwt"]);
        metadata.dpop_signing_alg_values_supported = texts(lies.dpop_algorithms.unwrap_or(&["ES256", "EdDSA"]));
        metadata.request_object_signing_alg_values_supported = texts(&["ES256"]);
        metadata.authorization_response_iss_parameter_supported = true;
        metadata.tls_client_certificate_bound_access_tokens = true;
        let mut answer = json_answer(200, &serde_json::from_str(&metadata.to_json()).unwrap());
        if lies.metadata_as_html {
            answer.headers_mut().insert("content-type", "text/html".parse().unwrap());
        }
        answer
    }

    /// The real key among decoys of the same `kid`, as the test suite publishes them.
    fn jwks(&self) -> Value {
        if self.lies().other_keys {
            return json!({ "keys": [self.other_key.public().to_jwk().to_json()] });
        }
        let real = self.key.public().to_jwk().to_json();
        let mut encryption = self.other_key.public().to_jwk().to_json();
        encryption["kid"] = real["kid"].clone();
        encryption["use"] = json!("enc");
        encryption.as_object_mut().unwrap().remove("alg");
        let ed25519 = SigningKey::generate(ingam_jose::SignatureAlgorithm::EdDsa, &*self.provider).unwrap();
        let mut decoy = ed25519.public().to_jwk().to_json();
        decoy["kid"] = real["kid"].clone();
        let unknown = json!({ "kty": "EC", "crv": "P-521", "x": "AA", "y": "AA", "kid": real["kid"] });
        json!({ "keys": [unknown, encryption, decoy, real] })
    }

    fn push(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let lies = self.lies();
        let form = self.form(request);
        if let Err(refused) = self.authenticate(&form).and_then(|()| self.proof(request, 0, None)) {
            return refused;
        }
        if let Some((status, body)) = lies.push_answer {
            return json_answer(status, &serde_json::from_str(body).unwrap());
        }
        let asked = match PushedBody::from_form(&form) {
            Ok(PushedBody::Plain(request)) => *request,
            Ok(PushedBody::Signed { object }) => self.request_object(&object, &form),
            Err(refused) => {
                return json_answer(
                    400,
                    &serde_json::from_str(&ErrorBody::new(refused.oauth(), refused.name()).to_json()).unwrap(),
                );
            }
        };
        let mut state = self.state.lock().unwrap();
        if !state.challenges.insert(asked.code_challenge.to_string()) {
            state.faults.push("a code challenge twice".to_owned());
        }
        let reference = format!("reference-0123456789-{}", state.pushed.len());
        state.pushed.insert(reference.clone(), asked);
        drop(state);
        let request_uri = RequestUri::from_reference(&reference).unwrap();
        let answer = PushedAuthorizationResponse { request_uri, expires_in: Seconds::new(60) };
        json_answer(201, &serde_json::from_str(&answer.to_json()).unwrap())
    }

    fn request_object(&self, object: &str, form: &Form) -> AuthorizationRequest {
        if form
            .iter()
            .any(|(name, _)| !["request", "client_id", "client_assertion", "client_assertion_type"].contains(&name))
        {
            self.fault("parameters beside the request object");
        }
        let presented = Presented::<RequestObjectKind>::parse(object).unwrap();
        let key = self.registered(presented.key_id());
        let (claims, _) = presented.verify(key).unwrap().into_parts();
        let seconds = |name: &str| claims[name].as_i64().unwrap();
        let now = self.clock.now().secs();
        if claims["iss"] != "c1"
            || claims["client_id"] != "c1"
            || claims["aud"] != self.issuer.as_str()
            || claims.contains_key("sub")
        {
            self.fault("a request object with foreign claims");
        }
        if seconds("exp") - seconds("nbf") > 3600 || seconds("nbf") > now || seconds("exp") <= now {
            self.fault("a request object that lives too long");
        }
        AuthorizationRequest::from_parameters(&Parameters::from_claims(claims)).unwrap()
    }

    /// The user agent arrives at the authorization endpoint; the answer is the query of the callback.
    pub(crate) async fn authorize(&self, url: &str) -> String {
        let lies = self.lies();
        let query = url.strip_prefix(&format!("{HOST}/authorize?")).unwrap_or_else(|| panic!("{url}"));
        let form = Form::parse(query.as_bytes(), &limits::FORM).unwrap();
        let mut names: Vec<&str> = form.iter().map(|(name, _)| name).collect();
        names.sort_unstable();
        assert_eq!(names, ["client_id", "request_uri"], "X-C-1");
        let reference: RequestUri = form.get("request_uri").unwrap().parse().unwrap();
        let asked = self.state.lock().unwrap().pushed[reference.reference()].clone();
        let code = format!("code-{}", self.next());
        let mut claims = Map::new();
        if lies.refuse {
            claims.insert("error".into(), "access_denied".into());
        } else {
            self.state.lock().unwrap().codes.insert(code.clone(), asked.clone());
            claims.insert("code".into(), code.into());
        }
        claims.extend(asked.state.as_ref().map(|state| ("state".to_owned(), Value::from(state.as_str()))));
        claims.insert("iss".into(), self.issuer.as_str().into());
        let jarm = asked.response_mode == Some(ingam_protocol::ResponseMode::Jwt);
        if jarm {
            claims.insert("aud".into(), "c1".into());
            claims.insert("exp".into(), self.clock.now().plus(Seconds::new(300)).secs().into());
        }
        if let Some(edit) = lies.callback {
            edit(&mut claims);
        }
        if jarm != lies.wrong_form {
            let token = signed(&claims, lies.callback_signature, self).await;
            return Form::default().with("response", &token).encode();
        }
        claims
            .iter()
            .fold(Form::default(), |form, (name, value)| form.with(name, value.as_str().unwrap_or_default()))
            .encode()
    }

    fn registered(&self, key_id: Option<&str>) -> &VerifyingKey {
        let named = |key: &&VerifyingKey| key.key_id().map(ingam_jose::KeyId::as_str) == key_id;
        self.fintech.iter().find(named).expect("a registered key")
    }

    pub(crate) fn form(&self, request: &Request<Bytes>) -> Form {
        assert_eq!(request.headers()["content-type"], "application/x-www-form-urlencoded");
        let form = Form::parse_repeating(request.body(), &limits::FORM, &limits::REPEATING).unwrap();
        let mut state = self.state.lock().unwrap();
        state.forms.push(form.clone());
        state.hosts.push(request.headers()["host"].to_str().unwrap().to_owned());
        drop(state);
        form
    }

    /// The assertion is the fintech's, for this issuer as one text, and was never seen before.
    pub(crate) fn authenticate(&self, form: &Form) -> Result<(), Response<Bytes>> {
        let Some(assertion) = form.get("client_assertion") else {
            return Ok(()); // the certificate of the connection stands for it
        };
        let presented = Presented::<AssertionKind>::parse(assertion).unwrap();
        let key = self.registered(presented.key_id());
        let (claims, _) = presented.verify(key).unwrap().into_parts();
        let now = self.clock.now();
        if claims.aud != Some(AudienceClaim::One(self.issuer.as_str().to_owned())) {
            self.fault("an assertion for another audience");
        }
        if claims.iss.as_deref() != Some("c1") || claims.sub.as_deref() != Some("c1") {
            self.fault("an assertion of another client");
        }
        if claims.exp.is_none_or(|exp| exp <= now) || claims.iat.is_none() {
            self.fault("an assertion outside its time");
        }
        if !self.state.lock().unwrap().used.insert(format!("assertion {}", claims.jti.unwrap())) {
            self.fault("an assertion twice");
            return Err(error(OAuthError::InvalidClient, None));
        }
        Ok(())
    }

    /// The proof is for this request, fresh, never seen before, and carries the newest nonce where one is wanted.
    pub(crate) fn proof(
        &self,
        request: &Request<Bytes>,
        server: usize,
        access_key: Option<&str>,
    ) -> Result<(), Response<Bytes>> {
        let lies = self.lies();
        let proofs: Vec<_> = request.headers().get_all(DPOP).iter().collect();
        if lies.certificate {
            assert!(proofs.is_empty());
            return Ok(());
        }
        let [proof] = proofs.as_slice() else {
            self.fault("not exactly one proof");
            return Err(error(OAuthError::InvalidDpopProof, None));
        };
        let presented = Presented::<ProofKind>::parse(proof.to_str().unwrap()).unwrap();
        let (claims, _) = presented.verify_embedded(&*self.provider).unwrap().into_parts();
        let url = format!("https://{}{}", request.headers()["host"].to_str().unwrap(), request.uri().path());
        if claims.htu != url || claims.htm != request.method().as_str() {
            self.fault(format!("a proof for {} {}", claims.htm, claims.htu));
        }
        if claims.ath != access_key.map(|key| base64url::encode(self.provider.sha256(&[key.as_bytes()]))) {
            self.fault("a proof with a wrong ath");
        }
        let mut state = self.state.lock().unwrap();
        if !state.used.insert(format!("proof {}", claims.jti)) {
            state.faults.push("a proof twice".to_owned());
        }
        if lies.nonces {
            // Wanted anew after each success, and not announced.
            let wanted = nonce_of(server, state.nonces[server]);
            if lies.nonce_never_good {
                state.nonces[server] += 1;
            }
            if claims.nonce.as_deref() != Some(&wanted) || lies.nonce_never_good {
                return Err(nonce_wanted(server, &wanted, lies.nonce_field_missing));
            }
            state.nonces[server] += 1;
        } else if claims.nonce.is_some() {
            state.faults.push("a nonce that nobody gave".to_owned());
        }
        Ok(())
    }
}

impl Endpoint for Double {
    fn answer(&self, request: Request<Bytes>) -> BoxFuture<'_, Response<Bytes>> {
        Box::pin(async move {
            let server = usize::from(request.uri().path().starts_with("/accounts"));
            let mut answer = self.serve(request).await;
            if self.lies().nonces_announced && answer.status().is_success() {
                let next = nonce_of(server, self.state.lock().unwrap().nonces[server]);
                answer.headers_mut().insert(DPOP_NONCE, next.parse().unwrap());
            }
            answer
        })
    }
}

fn nonce_of(server: usize, number: u32) -> String {
    format!("{}!#$%&-nonce-{number}", ["as", "rs"][server])
}

fn nonce_wanted(server: usize, nonce: &str, silent: bool) -> Response<Bytes> {
    let mut answer = match server {
        0 => error(OAuthError::UseDpopNonce, None),
        _ => {
            let mut answer = json_answer(401, &json!({}));
            let challenge = Challenge::new("dPoP").error(OAuthError::UseDpopNonce).to_string();
            answer.headers_mut().insert("www-authenticate", challenge.parse().unwrap());
            answer
        }
    };
    if !silent {
        answer.headers_mut().insert(DPOP_NONCE, nonce.parse().unwrap());
    }
    answer
}

pub(crate) fn error(error: OAuthError, challenge: Option<Challenge>) -> Response<Bytes> {
    let body: Value = serde_json::from_str(&ErrorBody::new(error, "no").to_json()).unwrap();
    let mut answer = json_answer(error.status(), &body);
    if let Some(challenge) = challenge {
        answer.headers_mut().insert("www-authenticate", challenge.to_string().parse().unwrap());
    }
    answer
}

pub(crate) fn json_answer(status: u16, body: &Value) -> Response<Bytes> {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", "application/json; charset=utf-8".parse().unwrap());
    let mut answer = Response::new(Bytes::from(body.to_string()));
    *answer.status_mut() = status.try_into().unwrap();
    *answer.headers_mut() = headers;
    answer
}
