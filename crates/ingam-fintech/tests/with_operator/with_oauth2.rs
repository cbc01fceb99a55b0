//! A service built on the crate `oauth2` walks against a FAPI 2.0 operator.

use ingam_access_key::DpopNonce;
use ingam_fintech::{Convert as _, FintechError};
use ingam_operator::Profile;
use ingam_protocol::{CodeVerifier, RedirectUri, ResponseMode, Scope, State};
use oauth2::{CsrfToken, PkceCodeChallenge, RedirectUrl, basic::BasicClient};

use crate::world::{REDIRECT, Setup, World};

/// fapi: SP-C-1, SP-C-8, SP-C-15, SP-C-19
#[tokio::test]
async fn an_oauth2_client_pushes_redeems_and_refreshes_over_our_transport() {
    for jarm in [false, true] {
        let profile = Profile::fapi2_security().with(|settings| settings.dpop_nonce = DpopNonce::Required).unwrap();
        let response = if jarm { ResponseMode::Jwt } else { ResponseMode::Query };
        let world = World::new(Setup { profile, response, ..Setup::default() }).await;
        let fapi = world.fintech.oauth2(&world.membership.issuer).await.unwrap();
        let client = BasicClient::new(world.membership.client_id.to_oauth2().unwrap())
            .set_auth_uri(fapi.auth_url().unwrap())
            .set_token_uri(fapi.token_url().unwrap())
            .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned()).unwrap());
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .add_scope(oauth2::Scope::new("accounts".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let query = world.browse(&fapi.push(&url).await.unwrap()).await;
        let other = fapi.callback(&query, &CsrfToken::new("other".to_owned())).unwrap_err();
        assert_eq!(other.name(), "WrongState");
        let code = fapi.callback(&query, &state).unwrap();
        let token = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&fapi).await.unwrap();

        let id = world.fintech.keep(&fapi.access(&token, "kim".parse().unwrap()).unwrap()).await.unwrap();
        assert_eq!(world.fintech.accounts(&id).await.unwrap().accounts.len(), 3);
        let refresh = oauth2::TokenResponse::refresh_token(&token).unwrap();
        client.exchange_refresh_token(refresh).request_async(&fapi).await.unwrap();
    }
}

/// fapi: SP-K-11
#[tokio::test]
async fn it_sends_nothing_anywhere_but_to_the_operators_endpoints_and_no_secret() {
    let world = World::new(Setup::default()).await;
    let fapi = world.fintech.oauth2(&world.membership.issuer).await.unwrap();
    for (method, url) in [
        ("POST", "https://evil.example/token"),
        ("GET", "https://bank.example/token"),
        ("POST", "https://bank.example/par"),
    ] {
        let request = http::Request::builder().method(method).uri(url).body(b"grant_type=x".to_vec()).unwrap();
        let refused = oauth2::AsyncHttpClient::call(&fapi, request).await.unwrap_err();
        assert!(matches!(refused, FintechError::Send(_)), "{method} {url}");
    }
    let secret = BasicClient::new(oauth2::ClientId::new("client-1".to_owned()))
        .set_client_secret(oauth2::ClientSecret::new("s3cret".to_owned()))
        .set_token_uri(fapi.token_url().unwrap());
    let code = oauth2::AuthorizationCode::new("unknown".to_owned());
    let refused = secret.exchange_code(code).request_async(&fapi).await.unwrap_err();
    // The operator authenticated us (it would answer invalid_client to a secret) and refused the request itself.
    let oauth2::RequestTokenError::ServerResponse(refusal) = refused else { panic!("{refused}") };
    assert_eq!(refusal.error().as_ref(), "invalid_request");
}

#[test]
fn types_go_both_ways_through_the_one_parser() {
    let state: State = "a b".parse().unwrap();
    assert_eq!(State::from_oauth2(&state.to_oauth2().unwrap()), Ok(state));
    let scope: Scope = "accounts".parse().unwrap();
    assert_eq!(Scope::from_oauth2(&scope.to_oauth2().unwrap()), Ok(scope));
    assert!(Scope::from_oauth2(&oauth2::Scope::new("a b".to_owned())).is_err());
    assert!(CodeVerifier::from_oauth2(&oauth2::PkceCodeVerifier::new("short".to_owned())).is_err());
    let redirect: RedirectUri = REDIRECT.parse().unwrap();
    assert_eq!(redirect.to_oauth2().unwrap().as_str(), REDIRECT);
    assert!(RedirectUri::from_oauth2(&RedirectUrl::new("http://evil.example/".to_owned()).unwrap()).is_err());
}
