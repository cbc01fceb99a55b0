//! A call with an access key: verified, bound to its holder and to the request, against the bare signatures and hashes
//! of the same run (performance goals P2 to P4; the replay claim is the store's bench).
#![expect(clippy::expect_used, reason = "a bench that cannot verify its own tokens must stop")]

use std::{process::ExitCode, sync::Arc};

use http::{HeaderMap, HeaderValue, Method};
use ingam_access_key::{
    AccessKeyClaims, AccessKeyKind, AccessKeyPolicy, Confirmation, PresentedAccessKey, ProofTarget, TrustedIssuer,
    Verifier, make_proof,
};
use ingam_benches::{Goal, INPUTS, Table, access_key::ready, input};
use ingam_jose::{CryptoProvider, KeySet, RingProvider, SignatureAlgorithm, Signer, SigningKey, VerifyingKey, jwt};
use ingam_ports::{Changes, PeerIdentity, Position};
use ingam_wire::{HttpUrl, Seconds, UnixTime, base64url};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const API: &str = "https://api.example.bank";

fn main() -> ExitCode {
    let mut table = Table::new("P2 to P4: a call with an access key is verified");
    let provider: Arc<dyn CryptoProvider> = Arc::new(RingProvider);
    let target: HttpUrl = "https://api.example.bank/accounts/a1/balance".parse().expect("a URL");
    for algorithm in [SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa] {
        let operator = SigningKey::generate(algorithm, &RingProvider).expect("randomness");
        let holder = SigningKey::generate(algorithm, &RingProvider).expect("randomness");
        let jkt = Confirmation::Key(holder.verifying_key().thumbprint());
        let tokens: Vec<String> = (0..INPUTS).map(|number| token(number, jkt, &operator)).collect();
        let calls: Vec<HeaderMap> = tokens.iter().map(|token| call(token, &holder, &target)).collect();
        let parts: Vec<_> = tokens.iter().zip(&calls).map(|(token, call)| (split(token), split(proof(call)))).collect();
        let verifier = verifier(&operator, &provider);
        let present = |number: usize| {
            let headers = input(&calls, number);
            PresentedAccessKey::read(headers, &Method::GET, &target, None).expect("a call")
        };
        let fresh = |number: usize| {
            if number.is_multiple_of(INPUTS) {
                verifier.apply(&Changes::TooOld { to: Position(0) }); // forget: each access key is new again
            }
            verifier.check(&present(number), None, NOW).expect("our own call")
        };
        let bare = |number: usize| {
            let (token, proof) = input(&parts, number);
            verify(token, operator.verifying_key());
            verify(proof, holder.verifying_key());
            RingProvider.sha256(&[input(&tokens, number).as_bytes()])
        };
        // A prototype by hand reached 1.065.
        let name = format!("{}: with proof, access key not seen before", algorithm.name());
        table.compare(&name, Goal::aim(1.03).allocations(6), bare, fresh);

        let seen = |number: usize| verifier.check(&present(number), None, NOW).expect("our own call");
        (0..INPUTS).for_each(|number| drop(seen(number)));
        let bare = |number: usize| {
            let (_, proof) = input(&parts, number);
            verify(proof, holder.verifying_key());
            RingProvider.sha256(&[input(&tokens, number).as_bytes()])
        };
        // A prototype by hand reached 1.09.
        let name = format!("{}: with proof, access key seen before", algorithm.name());
        table.compare(&name, Goal::aim(1.04), bare, seen);
    }
    certificate_bound(&mut table, &provider, &target);
    table.finish()
}

/// Certificate-bound and seen before: no signature is left, so the bare work is one hash of the access key.
fn certificate_bound(table: &mut Table, provider: &Arc<dyn CryptoProvider>, target: &HttpUrl) {
    let operator = SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).expect("randomness");
    let peer = peer();
    let bound = Confirmation::Certificate(peer.certificate_sha256);
    let tokens: Vec<String> = (0..INPUTS).map(|number| token(number, bound, &operator)).collect();
    let calls: Vec<HeaderMap> = tokens.iter().map(|token| authorized("Bearer", token)).collect();
    let verifier = verifier(&operator, provider);
    let seen = |number: usize| {
        let headers = input(&calls, number);
        let presented = PresentedAccessKey::read(headers, &Method::GET, target, Some(&peer)).expect("a call");
        verifier.check(&presented, None, NOW).expect("our own call")
    };
    (0..INPUTS).for_each(|number| drop(seen(number)));
    let bare = |number: usize| RingProvider.sha256(&[input(&tokens, number).as_bytes()]);
    table.compare("certificate-bound, access key seen before (µs)", Goal::figure(1.0), bare, seen);
}

fn token(number: usize, cnf: Confirmation, key: &SigningKey) -> String {
    let details = r#"[{"type":"account_information","actions":["list_accounts","read_balances","read_transactions"],"locations":["https://api.example.bank/accounts"]}]"#;
    let claims = AccessKeyClaims {
        iss: "https://operator.example.bank".parse().expect("an issuer"),
        aud: API.into(),
        sub: format!("usr_{number:032}").parse().expect("a user"),
        client_id: "fintech-000001-acme-pay".parse().expect("a client"),
        iat: NOW,
        exp: NOW.plus(Seconds::new(300)),
        jti: format!("{number:022}"),
        scope: Some("accounts balances transactions payments".parse().expect("scopes")),
        authorization_details: Some(ingam_protocol::details::AuthorizationDetails::parse(details).expect("details")),
        accounts: Vec::new(),
        cnf,
        acr: Some("urn:ingam:acr:3".parse().expect("an acr")),
        auth_time: Some(NOW),
        grant_id: Some(format!("{number:048x}").parse().expect("a grant")),
    };
    ready(jwt::sign::<AccessKeyKind>(&claims, key)).expect("a software key signs")
}

fn call(token: &str, holder: &SigningKey, target: &HttpUrl) -> HeaderMap {
    let what = ProofTarget { method: &Method::GET, url: target, access_key: Some(token) };
    let proof = ready(make_proof(holder, &RingProvider, what, None, NOW)).expect("a software key signs");
    let mut headers = authorized("DPoP", token);
    headers.insert("dpop", HeaderValue::from_str(&proof).expect("a proof is visible text"));
    headers
}

fn authorized(scheme: &str, token: &str) -> HeaderMap {
    let field = HeaderValue::from_str(&format!("{scheme} {token}")).expect("a token is visible text");
    [(http::header::AUTHORIZATION, field)].into_iter().collect()
}

fn proof(call: &HeaderMap) -> &str {
    call.get("dpop").and_then(|field| field.to_str().ok()).expect("a call has a proof")
}

fn verifier(operator: &SigningKey, provider: &Arc<dyn CryptoProvider>) -> Verifier {
    let keys = KeySet::new(vec![operator.verifying_key().clone()]);
    let issuer = "https://operator.example.bank".parse().expect("an issuer");
    let trusted = TrustedIssuer { issuer, keys, not_before: None };
    let policy = Arc::new(AccessKeyPolicy::fapi2_security());
    Verifier::new(vec![trusted], API.parse().expect("a resource"), Seconds::new(5), policy, Arc::clone(provider))
}

fn peer() -> PeerIdentity {
    PeerIdentity {
        certificate_sha256: [7; 32],
        spki_sha256: [7; 32],
        subject_dn: "CN=acme".to_owned(),
        san_dns: Vec::new(),
        san_uri: Vec::new(),
        san_ip: Vec::new(),
        san_email: Vec::new(),
        serial_number: None,
        not_after: NOW,
        chain: Vec::new(),
    }
}

fn split(token: &str) -> (Vec<u8>, Vec<u8>) {
    let (signed, signature) = token.rsplit_once('.').expect("a compact token");
    (signed.as_bytes().to_vec(), base64url::decode(signature).expect("a compact token"))
}

fn verify((signed, signature): &(Vec<u8>, Vec<u8>), key: &VerifyingKey) {
    key.verify(signed, signature).expect("our own signature");
}
