//! What the operator says of itself, and whether it is true.

use ingam_operator::Profile;
use ingam_protocol::AuthorizationServerMetadata;
use serde_json::{Value, json};

use crate::support::{BASE, World};

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect()
}

/// fapi: SP-AS-1, MD-1, MD-2, MD-3
#[tokio::test]
async fn both_well_known_paths_serve_the_same_document_for_the_issuer_they_were_built_from() {
    let world = World::new().await;
    let oauth = world.get("/.well-known/oauth-authorization-server").await;
    let openid = world.get("/.well-known/openid-configuration").await;
    assert_eq!((oauth.status.as_u16(), oauth.header("content-type")), (200, Some("application/json")));
    assert_eq!(oauth.json(), openid.json());
    assert_eq!(oauth.json()["issuer"], BASE);
    let issuer = BASE.parse().unwrap();
    let parsed = AuthorizationServerMetadata::parse(&oauth.body, &issuer).unwrap();
    assert_eq!(parsed.issuer, issuer);
    assert!(AuthorizationServerMetadata::parse(&oauth.body, &"https://other.example".parse().unwrap()).is_err());
}

/// fapi: MD-4, MD-5, OI-7, PA-12, PK-7, CA-10, DP-18, MT-7, IS-2, JM-7, MS-26, RAR-7, IJ-4, SU-4, X-AS-30, SP-AZ-17
#[tokio::test]
async fn the_metadata_names_everything_that_fapi_asks_for_and_no_more_than_is_done() {
    let world = World::new().await;
    let document = world.get("/.well-known/oauth-authorization-server").await.json();
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("pushed_authorization_request_endpoint", "/par"),
        ("introspection_endpoint", "/introspect"),
        ("revocation_endpoint", "/revoke"),
        ("jwks_uri", "/jwks"),
    ] {
        assert_eq!(document[name], format!("{BASE}{path}"), "{name}");
    }
    assert_eq!(document["response_types_supported"], json!(["code"]));
    assert_eq!(document["grant_types_supported"], json!(["authorization_code", "refresh_token"]));
    assert_eq!(document["code_challenge_methods_supported"], json!(["S256"]));
    for endpoint in ["token", "introspection", "revocation"] {
        let methods = &document[format!("{endpoint}_endpoint_auth_methods_supported")];
        assert_eq!(*methods, json!(["private_key_jwt", "tls_client_auth", "self_signed_tls_client_auth"]));
    }
    for list in [
        "token_endpoint_auth_signing_alg_values_supported",
        "dpop_signing_alg_values_supported",
        "request_object_signing_alg_values_supported",
    ] {
        assert_eq!(document[list], json!(["ES256", "EdDSA", "PS256"]), "what is verified: {list}");
    }
    for list in [
        "authorization_signing_alg_values_supported",
        "introspection_signing_alg_values_supported",
        "id_token_signing_alg_values_supported",
    ] {
        assert_eq!(document[list], json!(["ES256"]), "what the active key signs with: {list}");
    }
    for flag in [
        "authorization_response_iss_parameter_supported",
        "require_pushed_authorization_requests",
        "tls_client_certificate_bound_access_tokens",
        "request_parameter_supported",
    ] {
        assert_eq!(document[flag], true, "{flag}");
    }
    assert_eq!(document["request_uri_parameter_supported"], false);
    assert!(document.get("claims_parameter_supported").is_none_or(|offered| offered == false));
    assert!(strings(&document["response_modes_supported"]).contains(&"jwt"));
    let types = strings(&document["authorization_details_types_supported"]);
    assert_eq!(types, ["account_information", "payment_initiation", "ingam_service"]);
    assert!(!strings(&document["acr_values_supported"]).is_empty());
    assert_eq!(document["subject_types_supported"], json!(["public"]));
    for (name, value) in document.as_object().unwrap() {
        assert!(value.as_array().is_none_or(|list| !list.is_empty()), "{name} is an empty array");
    }
}

/// fapi: MT-8, SP-N-7
#[tokio::test]
async fn the_endpoints_that_take_certificates_are_named_as_aliases() {
    let world = World::new().await;
    let aliases = &world.get("/.well-known/openid-configuration").await.json()["mtls_endpoint_aliases"];
    let expected = json!({
        "token_endpoint": "https://mtls.bank.example/token",
        "pushed_authorization_request_endpoint": "https://mtls.bank.example/par",
        "introspection_endpoint": "https://mtls.bank.example/introspect",
        "revocation_endpoint": "https://mtls.bank.example/revoke",
    });
    assert_eq!(*aliases, expected);
}

/// fapi: MS-26, MS-12
#[tokio::test]
async fn where_signing_is_required_the_metadata_says_so() {
    let world = World::under(Profile::fapi2_message_signing()).await;
    let document = world.get("/.well-known/openid-configuration").await.json();
    assert_eq!(document["require_signed_request_object"], true);
    assert_eq!(document["response_modes_supported"], json!(["jwt", "query.jwt"]));
}

/// fapi: X-AS-32, SP-K-7, OI-3, SP-K-14
#[tokio::test]
async fn each_published_key_has_its_own_kid_its_one_use_and_nothing_private() {
    let world = World::new().await;
    let answer = world.get("/jwks").await;
    assert_eq!(answer.status, 200);
    let set = answer.json();
    let keys = set["keys"].as_array().unwrap();
    assert_eq!(keys.len(), 5, "one key for each purpose");
    let mut kids: Vec<&str> = keys.iter().map(|key| key["kid"].as_str().unwrap()).collect();
    kids.sort_unstable();
    kids.dedup();
    assert_eq!(kids.len(), keys.len());
    for key in keys {
        assert_eq!((&key["use"], &key["alg"], &key["crv"]), (&json!("sig"), &json!("ES256"), &json!("P-256")));
        for private in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert!(key.get(private).is_none(), "{private}");
        }
    }
}
