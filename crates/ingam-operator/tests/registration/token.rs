//! A④: codes and refresh tokens become access keys for their holder only.

use http::Method;
use ingam_access_key::{Authentication, Binding, ExpectedIdToken, check_id_token};
use ingam_jose::SignatureAlgorithm;
use ingam_keys::Purpose;
use ingam_ports::Table;
use ingam_wire::base64url;
use serde_json::{Value, json};

use crate::support::{BASE, CALLBACK_WITH_QUERY, Fintech, World, certificate, key};

fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).unwrap();
    serde_json::from_slice(&base64url::decode(payload).unwrap()).unwrap()
}

/// fapi: OA-2, SP-AS-4, SP-AS-5, DP-9, AT-1, AT-2, AT-3, X-AS-23, X-AS-24, SP-K-9, OA-13, OA-16, BCP-7, SU-3
#[tokio::test]
async fn a_code_becomes_an_access_key_bound_to_the_fintechs_key() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let tokens = world.tokens(&fintech).await;
    assert_eq!(tokens.header("content-type"), Some("application/json"));
    assert_eq!(
        (tokens.header("cache-control"), tokens.header("pragma")),
        (Some("no-cache, no-store"), Some("no-cache"))
    );
    let body = tokens.json();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("DPoP"), &json!(300)));
    assert_eq!(body["scope"], "accounts balances");
    assert!(body.get("id_token").is_none(), "no ID token without openid");
    let token = tokens.member("access_token");
    let header: Value = serde_json::from_slice(&base64url::decode(token.split('.').next().unwrap()).unwrap()).unwrap();
    assert_eq!((&header["typ"], &header["alg"]), (&json!("at+jwt"), &json!("ES256")));
    let claims = claims(&token);
    let now = world.now().secs();
    assert_eq!((&claims["iss"], &claims["aud"]), (&json!(BASE), &json!(BASE)));
    assert_eq!((&claims["client_id"], &claims["sub"]), (&json!("client-1"), &json!("alice")));
    assert_eq!((&claims["iat"], &claims["exp"]), (&json!(now), &json!(now + 300)));
    use ingam_jose::Signer as _;
    assert_eq!(claims["cnf"]["jkt"], fintech.dpop.verifying_key().thumbprint().to_base64url());
    assert!(claims["jti"].as_str().unwrap().len() >= 22 && claims["auth_time"].is_i64() && claims["acr"].is_string());
    let refresh = tokens.member("refresh_token");
    assert!(refresh.len() >= 43 && refresh.bytes().all(|b| (0x20..0x7f).contains(&b)));
    assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200);
}

/// fapi: MT-5, MT-6, MT-9, SP-AS-5, SP-RS-5
#[tokio::test]
async fn an_access_key_bound_to_a_certificate_works_with_that_certificate_only() {
    let world = World::new().await;
    let fintech = world
        .fintech_with("client-1", |fintech| {
            fintech.certificate = Some(certificate(1));
            fintech.entry.binding = Binding::Mtls;
        })
        .await;
    let tokens = world.tokens(&fintech).await;
    assert_eq!(tokens.json()["token_type"], "Bearer");
    let token = tokens.member("access_token");
    assert_eq!(claims(&token)["cnf"]["x5t#S256"], base64url::encode([1; 32]));
    assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200);
    let mut thief = Fintech::new("client-1", SignatureAlgorithm::Es256);
    thief.entry.binding = Binding::Mtls;
    for shown in [None, Some(certificate(2))] {
        thief.certificate = shown;
        let refused = world.call(&thief, &token, "/accounts").await;
        assert_eq!(refused.status, 401);
        assert!(refused.header("www-authenticate").unwrap().contains("invalid_token"));
    }
    let code = world.code(&fintech).await;
    let without = world.redeem(&fintech, &code).await.request().await;
    let refused = world.send(without).await;
    assert_eq!(refused.refused(), (400, "invalid_request".to_owned()));
}

/// fapi: DP-8, X-AS-9, X-AS-29, DP-1, DP-3, DP-21
#[tokio::test]
async fn without_a_good_proof_there_is_no_access_key_and_the_code_stays_good() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let now = world.now();
    let elsewhere = Fintech::proof(&fintech.dpop, &Method::POST, "/par", None, None, now).await;
    let get = Fintech::proof(&fintech.dpop, &Method::GET, "/token", None, None, now).await;
    for proof in [None, Some(elsewhere), Some(get), Some("e30.e30.".to_owned())] {
        let refused = world.redeem(&fintech, &code).await.proof(proof.clone()).send().await;
        let code = if proof.is_none() { "invalid_request" } else { "invalid_dpop_proof" };
        assert_eq!(refused.refused(), (400, code.to_owned()), "{proof:?}");
    }
    let twice = world.redeem(&fintech, &code).await;
    let second = Fintech::proof(&fintech.dpop, &Method::POST, "/token", None, None, now).await;
    assert_eq!(twice.header("dpop", &second).send().await.refused(), (400, "invalid_dpop_proof".to_owned()));
    assert_eq!(world.redeem(&fintech, &code).await.send().await.status, 200);
}

/// fapi: PK-1, PK-2, PK-5, PK-6, X-AS-14, BCP-5
#[tokio::test]
async fn sr_49_a_wrong_or_missing_verifier_is_invalid_grant() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    for verifier in [None, Some("a".repeat(43)), Some("short".to_owned()), Some(crate::support::CHALLENGE.to_owned())] {
        let post = world.redeem(&fintech, &code).await;
        let post = match &verifier {
            Some(verifier) => post.set("code_verifier", verifier),
            None => post.without("code_verifier"),
        };
        assert_eq!(post.send().await.refused(), (400, "invalid_grant".to_owned()), "{verifier:?}");
    }
    assert_eq!(world.redeem(&fintech, &code).await.send().await.status, 200);
}

/// fapi: SP-AS-11, X-AS-15
#[tokio::test]
async fn a_code_is_good_for_sixty_seconds() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    world.later(59).await;
    assert_eq!(world.redeem(&fintech, &code).await.send().await.status, 200);
    let code = world.code(&fintech).await;
    world.later(60).await;
    assert_eq!(world.redeem(&fintech, &code).await.send().await.refused(), (400, "invalid_grant".to_owned()));
}

/// fapi: SP-AZ-9, OA-5, SP-RS-3, X-AS-15, BCP-8
#[tokio::test]
async fn sr_55_a_code_used_twice_ends_everything_that_came_of_it() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let tokens = world.redeem(&fintech, &code).await.send().await;
    let access_key = tokens.member("access_token");
    assert_eq!(world.call(&fintech, &access_key, "/accounts").await.status, 200);
    world.later(1).await;
    assert_eq!(world.redeem(&fintech, &code).await.send().await.refused(), (400, "invalid_grant".to_owned()));
    assert_eq!(world.call(&fintech, &access_key, "/accounts").await.status, 401);
    let refreshed = world.refresh(&fintech, &tokens.member("refresh_token")).await.send().await;
    assert_eq!(refreshed.refused(), (400, "invalid_grant".to_owned()));
}

/// fapi: OA-5, OA-6, X-AS-15
#[tokio::test]
async fn sr_54_a_code_in_other_hands_or_at_another_redirect_uri_is_burnt() {
    let world = World::new().await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    for by_other in [true, false] {
        let code = world.code(&fintech).await;
        let refused = match by_other {
            true => world.redeem(&other, &code).await.send().await,
            false => world.redeem(&fintech, &code).await.set("redirect_uri", CALLBACK_WITH_QUERY).send().await,
        };
        assert_eq!(refused.refused(), (400, "invalid_grant".to_owned()));
        let after = world.redeem(&fintech, &code).await.send().await;
        assert_eq!(after.refused(), (400, "invalid_grant".to_owned()), "the grant is revoked");
    }
}

/// fapi: SP-AS-12, DP-17
#[tokio::test]
async fn sr_57_a_code_bound_to_one_key_is_not_redeemed_with_another() {
    use ingam_jose::Signer as _;
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let thief = key(SignatureAlgorithm::Es256);
    // Bound by the proof at the push, by the parameter, and by both.
    for (proof, named) in [(true, false), (false, true), (true, true)] {
        let mut post = world.push(&fintech).await;
        if !proof {
            post = post.proof(None);
        }
        if named {
            post = post.set("dpop_jkt", &fintech.dpop.verifying_key().thumbprint().to_base64url());
        }
        let code = world.agreed(&fintech, post).await.parameter("code").unwrap();
        let refused = world.redeem(&fintech, &code).await.proof_by(&thief).await.send().await;
        assert_eq!(refused.refused().0, 400, "{proof} {named}");
        assert_eq!(world.audit.last_refusal(), "JktMismatch");
        assert_eq!(world.redeem(&fintech, &code).await.send().await.status, 200);
    }
}

/// fapi: SP-AS-2, BCP-6, OA-3, OA-4
#[tokio::test]
async fn no_other_grant_is_known() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    for (grant, error) in [
        ("password", "unsupported_grant_type"),
        ("client_credentials", "unsupported_grant_type"),
        ("implicit", "unsupported_grant_type"),
        ("urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type"),
        ("", "invalid_request"),
    ] {
        let refused = world.redeem(&fintech, "x").await.set("grant_type", grant).send().await;
        assert_eq!(refused.refused(), (400, error.to_owned()), "{grant}");
        let description = refused.member("error_description");
        assert!(description.bytes().all(|b| matches!(b, 0x20 | 0x21 | 0x23..=0x5b | 0x5d..=0x7e)), "{description}");
    }
}

/// fapi: OA-12, SP-AS-9, DP-10, X-AS-15, X-AS-25
#[tokio::test]
async fn a_refresh_token_stays_good_moves_to_a_new_key_and_is_the_fintechs_own() {
    let world = World::new().await;
    let (mut fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let refresh = world.tokens(&fintech).await.member("refresh_token");
    let stolen = world.refresh(&other, &refresh).await.send().await;
    assert_eq!(stolen.refused(), (400, "invalid_grant".to_owned()));
    fintech.dpop = key(SignatureAlgorithm::Es256);
    for scope in [None, Some("accounts")] {
        world.later(30).await;
        let post = world.refresh(&fintech, &refresh).await;
        let post = match scope {
            Some(scope) => post.set("scope", scope),
            None => post,
        };
        let answer = post.send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["token_type"], "DPoP");
        assert!(answer.json().get("refresh_token").is_none(), "it is not rotated");
        assert!(answer.header("cache-control").unwrap().contains("no-store"));
        assert_eq!(world.call(&fintech, &answer.member("access_token"), "/accounts").await.status, 200);
    }
    let wider = world.refresh(&fintech, &refresh).await.set("scope", "accounts payments").send().await;
    assert_eq!(wider.refused(), (400, "invalid_scope".to_owned()));
}

/// fapi: RAR-4, RAR-5, RAR-6, RI-1, RI-2, RI-3, AT-6
#[tokio::test]
async fn an_access_key_may_be_narrowed_never_widened() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let asked =
        r#"[{"type":"account_information","actions":["list_accounts","read_balances"],"accounts":[{"id":"hg-1001"}]}]"#;
    let post = world.push(&fintech).await.without("scope").set("authorization_details", asked).set("resource", BASE);
    let code = world.agreed(&fintech, post).await.parameter("code").unwrap();
    let tokens = world.redeem(&fintech, &code).await.set("resource", BASE).send().await;
    assert_eq!(tokens.status, 200, "{}", tokens.text());
    assert_eq!(tokens.json()["authorization_details"][0]["accounts"][0]["id"], "hg-1001");
    assert_eq!(claims(&tokens.member("access_token"))["authorization_details"][0]["type"], "account_information");
    let refresh = tokens.member("refresh_token");
    let less = r#"[{"type":"account_information","actions":["list_accounts"],"accounts":[{"id":"hg-1001"}]}]"#;
    let narrowed = world.refresh(&fintech, &refresh).await.set("authorization_details", less).send().await;
    assert_eq!(narrowed.status, 200, "{}", narrowed.text());
    assert_eq!(narrowed.json()["authorization_details"][0]["actions"], json!(["list_accounts"]));
    let refused = world.call(&fintech, &narrowed.member("access_token"), "/accounts/hg-1001/balance").await;
    assert_eq!(refused.status, 403);
    for more in [
        asked.replace("read_balances", "read_transactions"),
        asked.replace("hg-1001", "hg-1002"),
        asked.replace(r#","accounts":[{"id":"hg-1001"}]"#, ""),
    ] {
        let refused = world.refresh(&fintech, &refresh).await.set("authorization_details", &more).send().await;
        assert_eq!(refused.refused().0, 400, "{more}");
    }
    let elsewhere = world.refresh(&fintech, &refresh).await.set("resource", "https://elsewhere.example").send().await;
    assert_eq!(elsewhere.refused(), (400, "invalid_target".to_owned()));
}

/// fapi: OI-1, OI-2, OI-3, OI-6, X-AS-33, SP-AZ-18, SP-AZ-14
#[tokio::test]
async fn with_openid_an_id_token_says_who_when_and_for_whom_also_after_a_refresh() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let nonce = "n".repeat(64);
    let keys = world.verifying(Purpose::SignIdTokens);
    let policy = &world.parts.profile.access_key;
    let issuer = BASE.parse().unwrap();
    let check = |token: &str, nonce: Option<&ingam_protocol::Nonce>, access_key: &str| {
        let expected = ExpectedIdToken {
            operator: &issuer,
            client: &fintech.entry.client_id,
            nonce,
            access_key: Some(access_key),
            max_age: None,
            leeway: ingam_wire::Seconds::new(10),
        };
        check_id_token(token, expected, &keys, policy, &crate::support::PROVIDER, world.now()).unwrap();
        claims(token)
    };
    let post = world.push(&fintech).await.set("scope", "openid accounts").set("nonce", &nonce).set("max_age", "600");
    let code = world.agreed(&fintech, post).await.parameter("code").unwrap();
    let tokens = world.redeem(&fintech, &code).await.send().await;
    let first = check(&tokens.member("id_token"), Some(&nonce.parse().unwrap()), &tokens.member("access_token"));
    assert_eq!((&first["sub"], &first["aud"], &first["nonce"]), (&json!("alice"), &json!("client-1"), &json!(nonce)));
    assert!(first["auth_time"].is_i64() && !first["acr"].as_str().unwrap().is_empty());
    world.later(100).await;
    let refreshed = world.refresh(&fintech, &tokens.member("refresh_token")).await.send().await;
    let second = check(&refreshed.member("id_token"), None, &refreshed.member("access_token"));
    for same in ["iss", "sub", "aud", "auth_time"] {
        assert_eq!(second[same], first[same], "{same}");
    }
    assert!(second.get("nonce").is_none());
}

/// fapi: DP-13, DP-16, X-AS-10, DP-15
#[tokio::test]
async fn the_resource_side_asks_for_its_own_nonce() {
    let profile = ingam_operator::Profile::fapi2_security()
        .with(|s| s.dpop_nonce = ingam_access_key::DpopNonce::Required)
        .unwrap();
    let world = World::under(profile).await;
    let fintech = world.fintech("client-1").await;
    assert_eq!(world.push(&fintech).await.send().await.status, 400);
    let tokens = world.tokens(&fintech).await;
    // The nonce of the token endpoint is none here.
    let first = world.call(&fintech, &tokens.member("access_token"), "/accounts").await;
    assert_eq!(first.status, 401);
    let challenge = first.header("www-authenticate").unwrap();
    assert!(challenge.starts_with("DPoP ") && challenge.contains("error=\"use_dpop_nonce\""), "{challenge}");
    assert_eq!(first.headers.get_all("dpop-nonce").iter().count(), 1);
    assert_eq!(world.call(&fintech, &tokens.member("access_token"), "/accounts").await.status, 200);
}

/// fapi: X-AS-9
#[tokio::test]
async fn where_nonces_are_demanded_a_request_without_any_proof_is_not_asked_for_one() {
    let profile = ingam_operator::Profile::fapi2_security()
        .with(|s| s.dpop_nonce = ingam_access_key::DpopNonce::Required)
        .unwrap();
    let world = World::under(profile).await;
    let fintech = world.fintech("client-1").await;
    assert_eq!(world.push(&fintech).await.send().await.status, 400);
    let code = world.code(&fintech).await;
    let refused = world.redeem(&fintech, &code).await.proof(None).send().await;
    assert_eq!(refused.refused(), (400, "invalid_request".to_owned()));
    assert_eq!(world.redeem(&fintech, &code).await.send().await.status, 200);
    let refresh = world.redeem(&fintech, &world.code(&fintech).await).await.send().await.member("refresh_token");
    let refused = world.refresh(&fintech, &refresh).await.proof(None).send().await;
    assert_eq!(refused.refused(), (400, "invalid_request".to_owned()));
}

/// fapi: X-AS-26, X-AS-27, X-AS-28, SP-RS-1, SP-RS-2, OA-17, OA-18, OA-19, DP-11, DP-20
#[tokio::test]
async fn the_resource_endpoint_answers_as_the_suite_expects() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let token = world.tokens(&fintech).await.member("access_token");
    let call = async |scheme: &str, headers: &[(&str, &str)]| {
        let proof = Fintech::proof(&fintech.dpop, &Method::GET, "/accounts", Some(&token), None, world.now()).await;
        let mut request = http::Request::get(format!("{BASE}/accounts"))
            .header("authorization", format!("{scheme} {token}"))
            .header("DPOP", proof);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        world.send(request.body(bytes::Bytes::new()).unwrap()).await
    };
    let interaction = "93bac548-d2de-4546-b106-880a5018460d";
    for scheme in ["DPoP", "dPOp", "DPOP"] {
        for extra in [
            vec![("x-fapi-interaction-id", interaction), ("accept", "*/*")],
            vec![("x-fapi-auth-date", "Tue, 11 Sep 2012 19:43:31 GMT"), ("accept", "application/json")],
            vec![("x-fapi-customer-ip-address", "2001:db8::1893:25c8:1946")],
            vec![("x-fapi-customer-ip-address", "198.51.100.119"), ("accept", "application/json;charset=utf-8")],
        ] {
            let answer = call(scheme, &extra).await;
            assert_eq!(answer.status, 200, "{scheme} {extra:?} {}", answer.text());
            assert!(httpdate::parse_http_date(answer.header("date").unwrap()).is_ok());
            if extra[0].0 == "x-fapi-interaction-id" {
                assert_eq!(answer.header("x-fapi-interaction-id"), Some(interaction));
            }
        }
    }
    assert!([400, 401].contains(&call("Bearer", &[]).await.status.as_u16()), "no downgrade");
    let in_query = world.get(&format!("/accounts?access_token={token}")).await;
    assert!([400, 401, 414].contains(&in_query.status.as_u16()));
    let nothing = world.get("/accounts").await;
    assert_eq!(nothing.status, 401);
    assert!(!nothing.header("www-authenticate").unwrap().contains("error="));
}

/// fapi: SP-AS-6
#[tokio::test]
async fn each_algorithm_of_the_profile_walks_the_whole_way() {
    let world = World::new().await;
    for (id, algorithm) in [
        ("client-es256", SignatureAlgorithm::Es256),
        ("client-eddsa", SignatureAlgorithm::EdDsa),
        ("client-ps256", SignatureAlgorithm::Ps256),
    ] {
        let fintech = world
            .fintech_of(id, algorithm, |fintech| fintech.entry.authentication = Authentication::PrivateKeyJwt)
            .await;
        let token = world.tokens(&fintech).await.member("access_token");
        assert_eq!(world.call(&fintech, &token, "/accounts").await.status, 200, "{id}");
    }
}

#[tokio::test]
async fn x1149_3_1_16_7_neither_code_nor_refresh_token_nor_access_key_stands_in_the_store() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let code = world.code(&fintech).await;
    let tokens = world.redeem(&fintech, &code).await.send().await;
    let secrets = [code, tokens.member("access_token"), tokens.member("refresh_token")];
    for table in [Table::Codes, Table::Grants, Table::RefreshTokens, Table::AccessKeys, Table::PushedRequests] {
        for row in world.rows_of(table).await {
            for secret in &secrets {
                let tail = &secret.as_bytes()[secret.len() - 20..];
                for place in [row.key.as_bytes(), &row.sealed] {
                    assert!(!place.windows(20).any(|window| window == tail), "{table:?}");
                }
            }
        }
    }
    for secret in &secrets {
        assert!(!world.audit.printed().contains(secret.as_str()));
    }
}
