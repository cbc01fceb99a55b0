//! Metadata: the RFC's example, the issuer byte by byte, types checked.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use ingam_protocol::{AuthorizationServerMetadata, Issuer, MetadataError, MtlsEndpointAliases};

fn issuer(text: &str) -> Issuer {
    text.parse().unwrap()
}

fn rich() -> AuthorizationServerMetadata {
    let url = |path: &str| Some(format!("https://op.example{path}").parse().unwrap());
    let mut metadata = AuthorizationServerMetadata::of(issuer("https://op.example/"));
    metadata.token_endpoint = url("/token");
    metadata.pushed_authorization_request_endpoint = url("/par");
    metadata.code_challenge_methods_supported = vec!["S256".to_owned()];
    metadata.authorization_response_iss_parameter_supported = true;
    metadata.require_pushed_authorization_requests = true;
    metadata.request_uri_parameter_supported = Some(false);
    metadata.mtls_endpoint_aliases =
        Some(MtlsEndpointAliases { token_endpoint: url(":9444/token"), ..MtlsEndpointAliases::default() });
    metadata
}

/// fapi: MD-4
#[test]
fn the_example_of_rfc_8414_is_read() {
    let vectors = ingam_testkit::vectors("oauth", "rfc8414");
    let text = vectors["json"][0]["json"].to_string();
    let metadata = AuthorizationServerMetadata::parse(text.as_bytes(), &issuer("https://server.example.com")).unwrap();
    assert_eq!(metadata.token_endpoint.unwrap().as_str(), "https://server.example.com/token");
    assert_eq!(metadata.token_endpoint_auth_signing_alg_values_supported, ["RS256", "ES256"]);
}

/// fapi: SP-C-11, MD-3, X-C-2, X-C-17
#[test]
fn another_issuers_metadata_is_refused_be_it_by_a_slash() {
    let text = rich().to_json();
    assert_eq!(AuthorizationServerMetadata::parse(text.as_bytes(), &issuer("https://op.example/")), Ok(rich()));
    for other in ["https://op.example", "https://op.example/a", "https://OP.example/", "https://op.example:443/"] {
        let refused = AuthorizationServerMetadata::parse(text.as_bytes(), &issuer(other));
        assert_eq!(refused, Err(MetadataError::IssuerMismatch), "{other}");
    }
}

/// fapi: MD-4, SP-N-1
#[test]
fn metadata_of_wrong_types_or_without_tls_is_refused() {
    let text = rich().to_json();
    let parse = |text: String| AuthorizationServerMetadata::parse(text.as_bytes(), &issuer("https://op.example/"));
    for (from, to) in [
        (r#""https://op.example/token""#, "1"),
        (r#"["S256"]"#, r#""S256""#),
        (r#"["S256"]"#, "[1]"),
        (r#""require_pushed_authorization_requests":true"#, r#""require_pushed_authorization_requests":"true""#),
        (r#""https://op.example/par""#, r#""/par""#),
    ] {
        assert!(text.contains(from), "{from}");
        assert!(matches!(parse(text.replace(from, to)), Err(MetadataError::Json(_))), "{to}");
    }
    assert_eq!(parse(text.replace("https://op.example/par", "http://op.example/par")), Err(MetadataError::NotHttps));
    assert_eq!(parse(text.replace("https://op.example:9444", "http://op.example:9444")), Err(MetadataError::NotHttps));
    assert!(!text.contains("[]") && !text.contains("null"), "{text}");
    assert!(parse(text.replacen('{', r#"{"unknown_member":{"x":[1]},"#, 1)).is_ok());
}
