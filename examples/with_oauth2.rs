//! A service that is built on the crate `oauth2` keeps its code and gets a FAPI 2.0 operator: the push, a fresh assertion
//! and proof for each try, nonces and `iss` are added beneath it. Everything runs in this process, so there is nothing to
//! set up:  `cargo run -p ingam-fintech --example with_oauth2 --features oauth2`
use std::error::Error;

use ingam_access_key::DpopNonce;
use ingam_fintech::Convert as _;
use ingam_operator::Profile;
use oauth2::{CsrfToken, PkceCodeChallenge, RedirectUrl, Scope, TokenResponse as _, basic::BasicClient};
use world::{REDIRECT, Setup, World};

#[path = "open_banking/user_agent.rs"]
#[allow(unreachable_pub, dead_code, reason = "used as it is")]
mod user_agent;
#[path = "../crates/ingam-fintech/tests/with_operator/world.rs"]
#[allow(
    clippy::unwrap_used,
    clippy::panic,
    dead_code,
    reason = "the stage of the tests: an operator, two banks, a user"
)]
mod world;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let profile = Profile::fapi2_security().with(|settings| settings.dpop_nonce = DpopNonce::Required)?;
    let world = World::new(Setup { profile, ..Setup::default() }).await;

    // What is new: one value that knows the operator, our keys and the way there.
    let fapi = world.fintech.oauth2(&world.membership.issuer).await?;

    // What the service has already.
    let client = BasicClient::new(world.membership.client_id.to_oauth2()?)
        .set_auth_uri(fapi.auth_url()?)
        .set_token_uri(fapi.token_url()?)
        .set_redirect_uri(RedirectUrl::new(REDIRECT.to_owned())?);
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let scopes = ["accounts", "balances"].map(|scope| Scope::new(scope.to_owned()));
    let authorize = client.authorize_url(CsrfToken::new_random).add_scopes(scopes).set_pkce_challenge(challenge);
    let (url, state) = authorize.url();
    println!("oauth2 would send the user agent to\n  {url}");

    // Pushed instead: nothing of it passes through the user agent.
    let pushed = fapi.push(&url).await?;
    println!("it goes to\n  {pushed}");
    let query = world.browse(&pushed).await;
    let code = fapi.callback(&query, &state)?;

    // `&fapi` where `&reqwest::Client` stood.
    let token = client.exchange_code(code).set_pkce_verifier(verifier).request_async(&fapi).await?;
    println!("access key of type {:?}, good for {:?}", token.token_type(), token.expires_in());

    // And its access key works with our services: proofs, signatures, verified answers.
    let id = world.fintech.keep(&fapi.access(&token, "kim".parse()?)?).await?;
    for account in world.fintech.accounts(&id).await?.accounts {
        let balance = world.fintech.balance(&id, &account.id).await?;
        println!("{} · {}: {}", account.name.ko, account.masked_number, balance.amount.to_korean());
    }
    Ok(())
}
