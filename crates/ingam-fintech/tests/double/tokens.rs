use bytes::Bytes;
use http::{Request, Response};
use ingam_access_key::challenge_of;
use ingam_protocol::{KnownScope, RevocationRequest, TokenRequest};
use ingam_wire::Seconds;
use serde_json::{Map, Value, json};

use super::{Double, error, json_answer, lies::signed};

impl Double {
    pub(super) async fn token(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let lies = self.lies();
        let form = self.form(request);
        if let Err(refused) = self.authenticate(&form).and_then(|()| self.proof(request, 0, None)) {
            return refused;
        }
        if let Some(refused) = lies.token_error {
            return error(refused, None);
        }
        let number = self.next();
        let access_token = format!("access-key-{number}");
        let mut answer = json!({
            "access_token": access_token, "token_type": if lies.certificate { "Bearer" } else { "DPoP" }, "expires_in": 300
        });
        match TokenRequest::from_form(&form).unwrap() {
            TokenRequest::AuthorizationCode { code, redirect_uri, code_verifier, .. } => {
                let asked = self.state.lock().unwrap().codes.remove(code.expose());
                let Some(asked) = asked else {
                    self.fault("a code twice, or one that was never given");
                    return error(ingam_protocol::OAuthError::InvalidGrant, None);
                };
                if redirect_uri != asked.redirect_uri {
                    self.fault("another redirect URI");
                }
                if challenge_of(&code_verifier, &*self.provider) != asked.code_challenge {
                    self.fault("another code verifier");
                }
                answer["refresh_token"] = json!(format!("refresh-{number}"));
                if asked.scope.as_ref().is_some_and(|scope| scope.contains(KnownScope::Openid)) {
                    let now = self.clock.now();
                    let mut claims = Map::new();
                    for (name, value) in [
                        ("iss", json!(self.issuer.as_str())),
                        ("sub", json!("user-at-op")),
                        ("aud", json!("c1")),
                        ("exp", json!(now.plus(Seconds::new(300)).secs())),
                        ("iat", json!(now.secs())),
                        ("nonce", json!(asked.nonce.as_ref().unwrap().as_str())),
                    ] {
                        claims.insert(name.to_owned(), value);
                    }
                    if let Some(edit) = lies.id_token {
                        edit(&mut claims);
                    }
                    answer["id_token"] = json!(signed(&claims, lies.id_token_signature, self).await);
                }
            }
            TokenRequest::RefreshToken { refresh_token, .. } => {
                if !refresh_token.expose().starts_with("refresh-") {
                    self.fault("a foreign refresh token");
                }
                if lies.new_refresh_token {
                    answer["refresh_token"] = json!(format!("refresh-{number}"));
                }
            }
        }
        if let Some(granted) = &self.state.lock().unwrap().granted {
            answer["authorization_details"] = granted.clone();
        }
        if let (Some(edit), Value::Object(members)) = (lies.token, &mut answer) {
            edit(members);
        }
        self.state.lock().unwrap().tokens.insert(access_token, ());
        json_answer(200, &answer)
    }

    pub(super) fn revoke(&self, request: &Request<Bytes>) -> Response<Bytes> {
        let form = self.form(request);
        if let Err(refused) = self.authenticate(&form) {
            return refused;
        }
        let request = RevocationRequest::from_form(&form).unwrap();
        if !request.token.expose().starts_with("refresh-") {
            self.fault("not the refresh token");
        }
        Response::new(Bytes::new())
    }
}
