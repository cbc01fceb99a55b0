//! An access key as banks issue it (RFC 9068), of about 930 bytes: what the benches of tokens sign and verify.

use std::{
    future::Future,
    pin::pin,
    task::{Context, Poll, Waker},
};

use ingam_jose::{
    CryptoProvider, SignatureAlgorithm, SigningKey,
    jwt::{self, AudienceClaim, Kind, NumericDate, Typ},
};
use ingam_wire::UnixTime;
use serde::{Deserialize, Serialize};

/// The kind `at+jwt`.
#[derive(Debug)]
pub struct AccessKey;

impl Kind for AccessKey {
    const TYP: Typ = Typ::Required("at+jwt");
    type Claims = Claims;
}

/// Its claims.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Claims {
    /// The operator.
    pub iss: Box<str>,
    /// The resource.
    pub aud: AudienceClaim,
    /// The user, as the fintech knows them.
    pub sub: Box<str>,
    /// The fintech.
    pub client_id: Box<str>,
    /// The grant.
    pub jti: Box<str>,
    /// When it was issued.
    pub iat: NumericDate,
    /// When it ends.
    pub exp: NumericDate,
    /// What it permits.
    pub scope: Box<str>,
    /// The key it is bound to.
    pub cnf: Confirmation,
    /// What it permits in detail.
    pub authorization_details: Vec<Details>,
}

/// `cnf` (RFC 9449 section 6).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Confirmation {
    /// The thumbprint of the fintech's key.
    pub jkt: Box<str>,
}

/// One permission (RFC 9396).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Details {
    /// Which kind of permission.
    #[serde(rename = "type")]
    pub kind: Box<str>,
    /// What may be done.
    pub actions: Vec<Box<str>>,
    /// Where.
    pub locations: Vec<Box<str>>,
}

/// The claims of the access key number `number`.
#[must_use]
pub fn claims(number: usize) -> Claims {
    let time = |seconds| NumericDate::from(UnixTime::from_secs(seconds));
    Claims {
        iss: "https://operator.example.bank".into(),
        aud: "https://api.example.bank".into(),
        sub: format!("usr_{number:032}").into(),
        client_id: "fintech-000001-acme-pay".into(),
        jti: format!("grant_{number:032x}").into(),
        iat: time(1_795_000_000),
        exp: time(1_795_000_300),
        scope: "accounts balances transactions payments".into(),
        cnf: Confirmation { jkt: "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I".into() },
        authorization_details: vec![Details {
            kind: "account_information".into(),
            actions: ["list_accounts", "read_balances", "read_transactions"].map(Into::into).into(),
            locations: vec!["https://api.example.bank/accounts".into()],
        }],
    }
}

/// A key that signs: fresh where the provider makes one, else the testkit's RSA key of 2,048 bits.
///
/// # Panics
/// When the provider cannot load it.
#[must_use]
pub fn signing_key(algorithm: SignatureAlgorithm, provider: &dyn CryptoProvider) -> SigningKey {
    let made = match algorithm {
        SignatureAlgorithm::Ps256 => {
            SigningKey::from_pkcs8(ingam_testkit::keys::RSA_2048_PKCS8, algorithm, None, provider)
        }
        _ => SigningKey::generate(algorithm, provider),
    };
    made.expect("the provider loads its own keys")
}

/// The tokens of [`claims`] 0 to `count` − 1.
///
/// # Panics
/// When signing fails.
#[must_use]
pub fn tokens(count: usize, key: &SigningKey) -> Vec<String> {
    let sign = |number| ready(jwt::sign::<AccessKey>(&claims(number), key)).expect("a software key signs");
    (0..count).map(sign).collect()
}

/// The value of a future that is ready at once, as those of software keys are.
///
/// # Panics
/// When it is not.
pub fn ready<T>(future: impl Future<Output = T>) -> T {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => value,
        #[expect(clippy::panic, reason = "there is nothing to wait for in a bench")]
        Poll::Pending => panic!("a software key never waits"),
    }
}
