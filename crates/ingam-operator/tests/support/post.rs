use bytes::Bytes;
use http::{HeaderName, HeaderValue, Method, Request, header};
use ingam_access_key::RequestForm;
use ingam_jose::{SigningKey, jwt};
use ingam_wire::{UnixTime, form::Form};
use serde_json::{Map, Value, json};

use super::{Answer, BASE, Fintech, World};

/// One request to a direct endpoint: as it should be, until the test changes a part.
pub(crate) struct Post<'a> {
    world: &'a World,
    fintech: &'a Fintech,
    path: &'static str,
    pub(crate) form: Vec<(String, String)>,
    assertion: Option<String>,
    proof: Option<String>,
    headers: Vec<(HeaderName, HeaderValue)>,
    object: Option<Map<String, Value>>,
}

impl<'a> Post<'a> {
    /// A request by `fintech`, authenticated and with a proof where it is bound to a key.
    pub(crate) async fn new(world: &'a World, fintech: &'a Fintech, path: &'static str, form: &[(&str, &str)]) -> Self {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let by_assertion = fintech.entry.authentication == ingam_access_key::Authentication::PrivateKeyJwt;
        let assertion = if by_assertion { Some(fintech.assertion(world.now()).await) } else { None };
        let proof = match fintech.entry.binding {
            ingam_access_key::Binding::Dpop if path == "/token" || path == "/par" => {
                let nonce = world.nonce();
                Some(Fintech::proof(&fintech.dpop, &Method::POST, path, None, nonce.as_deref(), world.now()).await)
            }
            _ => None,
        };
        let form = form.iter().map(own).collect();
        let mut post = Self { world, fintech, path, form, assertion, proof, headers: Vec::new(), object: None };
        if !by_assertion {
            post = post.set("client_id", fintech.id());
        }
        post
    }

    /// Puts the parameters into a request object that the fintech signs.
    pub(crate) fn signed(mut self) -> Self {
        let mut claims = Map::new();
        for (name, value) in self.form.drain(..) {
            let value =
                if name == "authorization_details" { serde_json::from_str(&value).unwrap() } else { value.into() };
            claims.insert(name, value);
        }
        let now = self.world.now().secs();
        let id = self.fintech.id();
        for (name, value) in [
            ("iss", json!(id)),
            ("client_id", json!(id)),
            ("aud", json!(BASE)),
            ("nbf", json!(now)),
            ("exp", json!(now + 300)),
        ] {
            claims.insert(name.to_owned(), value);
        }
        self.object = Some(claims);
        self
    }

    /// Changes a claim of the request object; null removes it.
    pub(crate) fn claim(mut self, name: &str, value: Value) -> Self {
        let claims = self.object.as_mut().unwrap();
        match value {
            Value::Null => claims.remove(name),
            value => claims.insert(name.to_owned(), value),
        };
        self
    }

    /// Sets a parameter.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a parameter beside those there.
    pub(crate) fn add(mut self, name: &str, value: &str) -> Self {
        self.form.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Leaves a parameter out.
    pub(crate) fn without(mut self, name: &str) -> Self {
        self.form.retain(|(known, _)| known != name);
        self
    }

    /// Another assertion, or none.
    pub(crate) fn assertion(mut self, assertion: impl Into<Option<String>>) -> Self {
        self.assertion = assertion.into();
        self
    }

    /// An assertion whose claims were changed (null removes one).
    pub(crate) async fn asserting(self, changes: Value) -> Self {
        let assertion = assertion_with(self.fintech, &self.fintech.signing, &changes, self.world.now()).await;
        self.assertion(assertion)
    }

    /// Another proof, or none.
    pub(crate) fn proof(mut self, proof: impl Into<Option<String>>) -> Self {
        self.proof = proof.into();
        self
    }

    /// A proof of another key.
    pub(crate) async fn proof_by(self, key: &SigningKey) -> Self {
        let (path, now, nonce) = (self.path, self.world.now(), self.world.nonce());
        let proof = Fintech::proof(key, &Method::POST, path, None, nonce.as_deref(), now).await;
        self.proof(proof)
    }

    /// Adds a header line.
    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((HeaderName::from_static(name), value.parse().unwrap()));
        self
    }

    /// The request as it travels.
    pub(crate) async fn request(self) -> Request<Bytes> {
        let mut form = Form::default();
        if let Some(claims) = &self.object {
            let object = sign_object(claims, &self.fintech.signing).await;
            form = form.with("request", &object);
        }
        for (name, value) in &self.form {
            form = form.with(name, value);
        }
        if let Some(assertion) = &self.assertion {
            form = form
                .with("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
                .with("client_assertion", assertion);
        }
        let mut request = Request::post(format!("{BASE}{}", self.path))
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=UTF-8");
        if let Some(proof) = &self.proof {
            request = request.header("dpop", proof);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(form.encode().into()).unwrap()
    }

    pub(crate) async fn send(self) -> Answer {
        let (world, fintech) = (self.world, self.fintech);
        world.send_by(fintech, self.request().await).await
    }
}

/// A request object with these claims, without `typ`, as the conformance suite's first client sends it.
pub(crate) async fn sign_object(claims: &Map<String, Value>, key: &SigningKey) -> String {
    sign(&json!({}), claims, key).await
}

/// A compact JWS over any header and claims; `alg` and `kid` are the key's unless the header names others.
pub(crate) async fn sign(header: &Value, claims: &Map<String, Value>, key: &SigningKey) -> String {
    use ingam_jose::Signer as _;
    let mut all = Map::new();
    all.insert("alg".to_owned(), key.verifying_key().algorithm().name().into());
    all.insert("kid".to_owned(), key.key_id().as_str().into());
    for (name, value) in header.as_object().unwrap() {
        match value {
            Value::Null => all.remove(name),
            value => all.insert(name.clone(), value.clone()),
        };
    }
    let encode = |value: &Map<String, Value>| ingam_wire::base64url::encode(serde_json::to_vec(value).unwrap());
    let input = format!("{}.{}", encode(&all), encode(claims));
    let signature = key.sign(input.as_bytes()).await.unwrap();
    format!("{input}.{}", ingam_wire::base64url::encode(signature))
}

/// An assertion of `fintech` signed by `key`, its claims changed (null removes one).
pub(crate) async fn assertion_with(fintech: &Fintech, key: &SigningKey, changes: &Value, now: UnixTime) -> String {
    let mut random = [0; 16];
    ingam_wire::Randomness::fill(&super::PROVIDER, &mut random).unwrap();
    let mut claims = json!({
        "iss": fintech.id(), "sub": fintech.id(), "aud": BASE, "jti": ingam_wire::base64url::encode(random),
        "iat": now.secs(), "nbf": now.secs(), "exp": now.secs() + 60,
    });
    let all = claims.as_object_mut().unwrap();
    for (name, value) in changes.as_object().unwrap() {
        match value {
            Value::Null => all.remove(name),
            value => all.insert(name.clone(), value.clone()),
        };
    }
    sign(&json!({}), all, key).await
}
