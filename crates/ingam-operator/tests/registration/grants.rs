//! What became of a consent: introspection, revocation, and what another fintech may learn.

use ingam_access_key::{AccessKeyFormat, Authentication, ClientRole, INTROSPECTION_JWT, check_introspection};
use ingam_keys::Purpose;
use ingam_operator::Profile;
use serde_json::json;

use crate::support::{BASE, Fintech, World};

async fn resource_server(world: &World) -> Fintech {
    world
        .fintech_with("rs", |rs| {
            rs.entry.role = ClientRole::ResourceServer;
            rs.entry.redirect_uris.clear();
            rs.entry.scopes = ingam_protocol::Scopes::default();
            rs.entry.authorization_details_types.clear();
            rs.entry.authentication = Authentication::PrivateKeyJwt;
        })
        .await
}

/// fapi: IN-1, IN-2, IN-3, DP-19, RAR-6, MS-18
#[tokio::test]
async fn a_resource_server_learns_what_an_access_key_is_good_for_others_learn_nothing() {
    let world = World::new().await;
    let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
    let rs = resource_server(&world).await;
    let tokens = world.tokens(&fintech).await;
    let token = tokens.member("access_token");
    let known = world.introspect(&rs, &token).await.send().await;
    assert_eq!(known.status, 200);
    let body = known.json();
    assert_eq!(
        (&body["active"], &body["client_id"], &body["sub"]),
        (&json!(true), &json!("client-1"), &json!("alice"))
    );
    assert_eq!((&body["token_type"], &body["scope"]), (&json!("DPoP"), &json!("accounts balances")));
    assert!(body["cnf"]["jkt"].is_string() && body["exp"].is_i64());
    let own = world.introspect(&fintech, &token).await.send().await;
    assert_eq!(own.json()["active"], true);
    for (caller, token) in [(&other, token.as_str()), (&rs, "unknown"), (&rs, &tokens.member("refresh_token"))] {
        let answer = world.introspect(caller, token).await.send().await;
        assert_eq!((answer.status.as_u16(), answer.json()), (200, json!({ "active": false })));
    }
    let nobody = world.introspect(&rs, &token).await.assertion(None).send().await;
    assert_eq!(nobody.refused(), (401, "invalid_client".to_owned()));
    let nothing = world.introspect(&rs, &token).await.without("token").send().await;
    assert_eq!(nothing.refused(), (400, "invalid_request".to_owned()));
    world.later(301).await;
    let over = world.introspect(&rs, &token).await.send().await;
    assert_eq!(over.json(), json!({ "active": false }));
}

/// fapi: IJ-1, IJ-2, IJ-3, IJ-5, MS-15, MS-16
#[tokio::test]
async fn a_signed_answer_is_one_that_the_resource_server_verifies() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let rs = resource_server(&world).await;
    let token = world.tokens(&fintech).await.member("access_token");
    let keys = world.verifying(Purpose::SignIntrospections);
    for (asked, active) in [(token.as_str(), true), ("unknown", false)] {
        let answer = world.introspect(&rs, asked).await.header("accept", INTROSPECTION_JWT).send().await;
        assert_eq!(answer.header("content-type"), Some(INTROSPECTION_JWT));
        let (issuer, policy) = (BASE.parse().unwrap(), &world.parts.profile.access_key);
        let provider = &crate::support::PROVIDER;
        let checked = check_introspection(answer.text(), asked, &issuer, "rs", &keys, policy, provider, world.now());
        assert_eq!(format!("{:?}", checked.unwrap()).contains("Inactive"), !active);
        let payload = answer.text().split('.').nth(1).unwrap().to_owned();
        let claims: serde_json::Value =
            serde_json::from_slice(&ingam_wire::base64url::decode(&payload).unwrap()).unwrap();
        assert!(claims.get("sub").is_none() && claims.get("exp").is_none());
        if !active {
            assert_eq!(claims["token_introspection"], json!({ "active": false }));
        }
    }
}

/// fapi: RV-1, RV-2, RV-3, BCP-8
#[tokio::test]
async fn a_revoked_token_ends_with_everything_of_its_grant_and_only_its_owner_can_do_that() {
    for (format, what) in [
        (AccessKeyFormat::Jwt, "refresh_token"),
        (AccessKeyFormat::Jwt, "access_token"),
        (AccessKeyFormat::Opaque, "access_token"),
    ] {
        let world = World::under(Profile::fapi2_security().with(|s| s.format = format).unwrap()).await;
        let (fintech, other) = (world.fintech("client-1").await, world.fintech("client-2").await);
        let tokens = world.tokens(&fintech).await;
        let (access_key, refresh) = (tokens.member("access_token"), tokens.member("refresh_token"));
        let stolen = world.revoke(&other, &tokens.member(what)).await.send().await;
        assert_eq!(stolen.status, 200, "no word about whether it exists");
        assert_eq!(world.call(&fintech, &access_key, "/accounts").await.status, 200);
        let hint = if what == "access_token" { "refresh_token" } else { "access_token" };
        let revoked = world.revoke(&fintech, &tokens.member(what)).await.set("token_type_hint", hint).send().await;
        assert_eq!(revoked.status, 200, "a wrong hint does not matter");
        assert_eq!(world.call(&fintech, &access_key, "/accounts").await.status, 401);
        let refused = world.refresh(&fintech, &refresh).await.send().await;
        assert_eq!(refused.refused(), (400, "invalid_grant".to_owned()));
        assert_eq!(world.introspect(&fintech, &access_key).await.send().await.json(), json!({ "active": false }));
        for unknown in ["unknown", &refresh, &access_key] {
            assert_eq!(world.revoke(&fintech, unknown).await.send().await.status, 200);
        }
        assert_eq!(world.revoke(&fintech, &refresh).await.assertion(None).send().await.refused().0, 401);
    }
}

/// fapi: MS-18
#[tokio::test]
async fn a_resource_server_is_granted_nothing() {
    let world = World::new().await;
    let rs = resource_server(&world).await;
    let refused = world.push(&rs).await.send().await;
    assert_eq!(refused.refused(), (400, "unauthorized_client".to_owned()));
}

/// fapi: BCP-8, SP-K-9
#[tokio::test]
async fn a_refresh_token_ends_unused_after_its_idle_time_and_with_the_consent() {
    let world = World::new().await;
    let fintech = world.fintech("client-1").await;
    let settings = world.parts.profile.access_key.settings().clone();
    let refresh = world.tokens(&fintech).await.member("refresh_token");
    world.later(settings.refresh_idle.get() - 1).await;
    assert_eq!(world.refresh(&fintech, &refresh).await.send().await.status, 200);
    world.later(settings.refresh_idle.get() + 1).await;
    assert_eq!(world.refresh(&fintech, &refresh).await.send().await.refused(), (400, "invalid_grant".to_owned()));
}
