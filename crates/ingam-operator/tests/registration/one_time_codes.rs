//! The second factor of [`PasswordUsers`]: a code of RFC 6238, good once.

use std::sync::Arc;

use ingam_operator::{
    LoginAttempt, LoginRefused, Operator, OperatorParts, PasswordUser, PasswordUsers, UserAuthenticator,
};
use ingam_wire::{SecretText, UnixTime};

use crate::support::{Answer, Browser, Fintech, PROVIDER, Setup, World, entrance};

/// The secret of RFC 6238 appendix B, in base32.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const PASSWORD: &str = "correct horse battery staple";

fn users() -> PasswordUsers {
    let (password, secret) = (SecretText::new(PASSWORD.to_owned()), SecretText::new(SECRET.to_owned()));
    let alice = PasswordUser::new("alice", &password, Some(&secret), &PROVIDER).unwrap();
    PasswordUsers::new(vec![alice], None, Arc::new(PROVIDER)).unwrap()
}

fn code(now: UnixTime) -> String {
    let secret = totp_rs::Secret::try_from_base32(SECRET).unwrap();
    let generator = totp_rs::Builder::new().with_algorithm(totp_rs::Algorithm::SHA1).with_secret(secret).build();
    generator.unwrap().generate(u64::try_from(now.secs()).unwrap()).to_string()
}

/// RFC 6238 appendix B, time 59 and 1111111109: the last six digits.
#[tokio::test]
async fn x1149_3_1_16_1_a_code_is_taken_in_its_time_step_and_the_ones_beside_it() {
    let users = users();
    let ask = async |otp: Option<&str>, now| {
        let otp = otp.map(|otp| SecretText::new(otp.to_owned()));
        let password = SecretText::new(PASSWORD.to_owned());
        let attempt = LoginAttempt { username: "alice".to_owned(), password, otp, address: None };
        users.authenticate(attempt, UnixTime::from_secs(now)).await.map(drop)
    };
    for (otp, now, expected) in [
        (Some("287082"), 59, Ok(())),
        (Some("287082"), 0, Ok(())),
        (Some("287082"), 89, Ok(())),
        (Some("287082"), 90, Err(LoginRefused::WrongOtp)),
        (Some("081804"), 1_111_111_109, Ok(())),
        (Some("287082"), 1_111_111_109, Err(LoginRefused::WrongOtp)),
        (Some("94287082"), 59, Err(LoginRefused::WrongOtp)),
        (Some(""), 59, Err(LoginRefused::WrongOtp)),
        (None, 59, Err(LoginRefused::OtpRequired)),
        (Some("287082"), -1, Err(LoginRefused::WrongOtp)),
    ] {
        assert_eq!(ask(otp, now).await, expected, "{otp:?} at {now}");
    }
}

async fn log_in(world: &World, fintech: &Fintech, otp: &str) -> Answer {
    let pushed = world.push(fintech).await.send().await;
    let mut browser = Browser::default();
    let page = browser.open_pushed(world, fintech.id(), &pushed.member("request_uri")).await;
    let fields = [("username", "alice"), ("password", PASSWORD), ("otp", otp)];
    browser.press(world, &page, &fields, "approve").await
}

#[tokio::test]
async fn x1149_3_1_16_6_a_code_is_good_once_on_every_node_and_over_a_restart() {
    let parts = |parts: &mut OperatorParts| parts.users = Arc::new(users());
    let world = World::with(Setup { parts: Box::new(parts), ..Setup::default() }).await;
    let fintech = world.fintech("client-1").await;
    let otp = code(world.now());
    let first = log_in(&world, &fintech, &otp).await;
    assert!(first.text().contains("name=\"account\""), "the picker follows: {}", first.text());

    let restarted = Operator::start(OperatorParts { users: Arc::new(users()), ..world.parts.clone() }).unwrap();
    for node in [entrance(&world.operator), entrance(&restarted)] {
        world.network.attach("bank.example", Arc::new(node));
        let again = log_in(&world, &fintech, &otp).await;
        assert!(again.text().contains("name=\"otp\""), "page 1 again: {}", again.text());
        assert_eq!(world.audit.last_refusal(), "WrongOtp");
    }
    world.later(30).await;
    let next = log_in(&world, &fintech, &code(world.now())).await;
    assert!(next.text().contains("name=\"account\""), "the next code is another one: {}", next.text());
}

/// A store that does not answer spends nothing and lets nobody in.
#[tokio::test]
async fn a_code_that_cannot_be_claimed_lets_nobody_in() {
    let parts = |parts: &mut OperatorParts| parts.users = Arc::new(users());
    let world = World::with(Setup { parts: Box::new(parts), ..Setup::default() }).await;
    let fintech = world.fintech("client-1").await;
    let pushed = world.push(&fintech).await.send().await;
    let mut browser = Browser::default();
    let page = browser.open_pushed(&world, fintech.id(), &pushed.member("request_uri")).await;
    let otp = code(world.now());
    let fields = [("username", "alice"), ("password", PASSWORD), ("otp", otp.as_str())];
    world.store.fail_after_commits(0);
    let refused = browser.press(&world, &page, &fields, "approve").await;
    assert!(!refused.text().contains("name=\"account\""), "{}", refused.text());
    world.store.fail(false);
    let answered = browser.press(&world, &page, &fields, "approve").await;
    assert!(answered.text().contains("name=\"account\""), "{}", answered.text());
}
