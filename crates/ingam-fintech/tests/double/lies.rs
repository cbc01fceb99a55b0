//! What the operator can be made to say.

use ingam_jose::jwt::{self, Kind, Typ};
use ingam_protocol::Issuer;
use ingam_wire::base64url;
use serde_json::{Map, Value, json};

use super::Double;

/// One lie.
pub(crate) type Lie = fn(&mut Lies);

/// One change of a token's claims.
pub(crate) type Edit = fn(&mut Map<String, Value>);

/// How a token is signed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) enum Signature {
    #[default]
    Good,
    OtherKey,
    None,
    Hs256,
    Rs256,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Lies {
    // metadata
    pub(crate) issuer: Option<Issuer>,
    pub(crate) oauth_place_missing: bool,
    pub(crate) metadata_as_html: bool,
    pub(crate) challenge_methods: Option<&'static [&'static str]>,
    pub(crate) dpop_algorithms: Option<&'static [&'static str]>,
    pub(crate) push_path: Option<&'static str>,
    pub(crate) other_keys: bool,
    // push
    pub(crate) push_answer: Option<(u16, &'static str)>,
    // nonces
    pub(crate) nonces: bool,
    pub(crate) nonce_field_missing: bool,
    pub(crate) nonce_never_good: bool,
    pub(crate) nonces_announced: bool,
    // channel
    pub(crate) certificate: bool,
    // callback
    pub(crate) refuse: bool,
    pub(crate) callback: Option<Edit>,
    pub(crate) callback_signature: Signature,
    pub(crate) wrong_form: bool,
    // token
    pub(crate) token: Option<Edit>,
    pub(crate) token_error: Option<ingam_protocol::OAuthError>,
    pub(crate) id_token: Option<Edit>,
    pub(crate) id_token_signature: Signature,
    pub(crate) new_refresh_token: bool,
    // resource
    pub(crate) unsigned: bool,
    pub(crate) changed_body: bool,
    pub(crate) answer_of_another: bool,
    pub(crate) resource_error: Option<(u16, &'static str)>,
    pub(crate) resource_body: Option<&'static str>,
}

/// Claims of any shape, signed like any JWT.
struct Loose;

impl Kind for Loose {
    const TYP: Typ = Typ::OneOfOrAbsent(&["JWT"]);
    type Claims = Map<String, Value>;
}

pub(crate) async fn signed(claims: &Map<String, Value>, signature: Signature, by: &Double) -> String {
    let by_hand = |alg: &str, signature: &[u8]| {
        let kid = by.key.public().key_id().unwrap().as_str();
        let header = json!({ "alg": alg, "kid": kid }).to_string();
        let signed = format!("{}.{}", base64url::encode(header), base64url::encode(json!(claims).to_string()));
        format!("{signed}.{}", base64url::encode(signature))
    };
    match signature {
        Signature::Good => jwt::sign::<Loose>(claims, &by.key).await.unwrap(),
        Signature::OtherKey => {
            let token = jwt::sign::<Loose>(claims, &by.other_key).await.unwrap();
            let (_, rest) = token.split_once('.').unwrap();
            let kid = by.key.public().key_id().unwrap().as_str();
            let header = json!({ "alg": "ES256", "kid": kid, "typ": "JWT" }).to_string();
            format!("{}.{rest}", base64url::encode(header))
        }
        Signature::None => by_hand("none", b""),
        Signature::Hs256 => by_hand("HS256", &[7; 32]),
        Signature::Rs256 => by_hand("RS256", &[7; 256]),
    }
}
