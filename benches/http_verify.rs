//! P7: a signed request is checked. Bare: one verification of the same base, one SHA-256 of the same body, of the access key and of the nonce.
#![expect(clippy::expect_used, reason = "a bench that cannot check its own requests must stop")]

use std::process::ExitCode;

use ingam_benches::{
    Goal, INPUTS, Table,
    http::{ALGORITHMS, BODIES, NOW, PROVIDER, access_key, origin, signed},
    input,
};
use ingam_jose::{CryptoProvider as _, KeySet, Signer as _, SigningKey};
use ingam_transaction::{
    policy::FAPI_2_REQUEST,
    request::{self, PresentedRequest, Sender},
    signature,
};

/// What the bare primitives need of a request.
struct Parts {
    base: String,
    signature: Vec<u8>,
    access_key: String,
}

fn main() -> ExitCode {
    let mut table = Table::new("P7: check a signed request");
    let (origin, fintech) = (origin(), "fintech-1".parse().expect("an id"));
    for size in BODIES {
        for algorithm in ALGORITHMS {
            let key = SigningKey::generate(algorithm, &PROVIDER).expect("randomness");
            let keys = KeySet::new(vec![key.verifying_key().clone()]);
            let requests: Vec<_> = (0..INPUTS).map(|number| signed(number, size, &key)).collect();
            let part = |number: usize| {
                let presented = PresentedRequest::new(input(&requests, number).clone(), &origin).expect("our own");
                let base = signature::of_request(&presented).expect("our own").remove(0);
                let signature = base.signature().expect("our own").to_vec();
                Parts { base: base.text().to_owned(), signature, access_key: access_key(number) }
            };
            let parts: Vec<Parts> = (0..INPUTS).map(part).collect();
            let name = format!("{}, {} KiB", algorithm.name(), size / 1024);
            let bare = |number: usize| {
                let part = input(&parts, number);
                key.verifying_key().verify(part.base.as_bytes(), &part.signature).expect("our own signature");
                let access_key = PROVIDER.sha256(&[part.access_key.as_bytes()]);
                (PROVIDER.sha256(&[input(&requests, number).body()]), access_key, PROVIDER.sha256(&[&[0; 56]]))
            };
            let goal = Goal::ratio(if size > 4096 { 1.01 } else { 1.02 }).allocations(0);
            let prepare = |number: usize| input(&requests, number).clone();
            table.compare_owned(&name, goal, bare, prepare, |request| {
                let presented = PresentedRequest::new(request, &origin).expect("our own request");
                let sender = Sender { fintech: &fintech, keys: &keys };
                request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, NOW).expect("our own request")
            });
        }
    }
    table.finish()
}
