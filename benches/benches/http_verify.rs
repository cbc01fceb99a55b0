//! P7: a signed request is checked. Raw: one verification of the same base, one SHA-256 of the same body, of the access key and of the nonce.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on has to stop")]

mod http;

use ::http::Request;
use bytes::Bytes;
use http::{ALGORITHMS, BODIES, NOW, PROVIDER, compare, distinct, key, origin, signed};
use ingam_jose::{CryptoProvider as _, KeySet, Signer as _};
use ingam_transaction::{
    policy::FAPI_2_REQUEST,
    request::{self, PresentedRequest, Sender},
    signature,
};

struct Input {
    request: Request<Bytes>,
    base: String,
    signature: Vec<u8>,
    access_key: String,
}

fn main() {
    let (origin, fintech) = (origin(), "fintech-1".parse().unwrap());
    for size in BODIES {
        for algorithm in ALGORITHMS {
            let key = key(algorithm);
            let keys = KeySet::new(vec![key.verifying_key().clone()]);
            let requests: Vec<_> = (0..distinct(size)).map(|number| signed(number, size, &key)).collect();
            let inputs = || {
                let inputs = requests.iter().map(|request| {
                    let presented = PresentedRequest::new(request.clone(), &origin).unwrap();
                    let base = signature::of_request(&presented).unwrap().remove(0);
                    let signature = base.signature().unwrap().to_vec();
                    let access_key = request.headers()["authorization"].to_str().unwrap().replace("DPoP ", "");
                    Input { request: request.clone(), base: base.text().to_owned(), signature, access_key }
                });
                inputs.collect()
            };
            let name = format!("http_verify {} {} KiB", algorithm.name(), size / 1024);
            let goal = if size > 4096 { 1.01 } else { 1.02 };
            let raw = |input: &Input| {
                key.verifying_key().verify(input.base.as_bytes(), &input.signature).unwrap();
                let access_key = PROVIDER.sha256(&[input.access_key.as_bytes()]);
                (PROVIDER.sha256(&[input.request.body()]), access_key, PROVIDER.sha256(&[&[0; 55]]))
            };
            compare(&name, goal, inputs, raw, |input: Input| {
                let presented = PresentedRequest::new(input.request, &origin).unwrap();
                let sender = Sender { fintech: &fintech, keys: &keys };
                request::check(presented, sender, &FAPI_2_REQUEST, &PROVIDER, NOW).unwrap()
            });
        }
    }
}
