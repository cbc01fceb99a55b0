//! P7: a request is signed. Raw: one signature over a base of the same length, one SHA-256 of the same body, one nonce.
#![allow(missing_docs, clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench that cannot go on has to stop")]

mod http;

use ::http::Request;
use bytes::Bytes;
use http::{ALGORITHMS, BODIES, NOW, PROVIDER, call, compare, distinct, key, origin, ready, signed};
use ingam_jose::CryptoProvider as _;
use ingam_transaction::{
    policy::FAPI_2_REQUEST,
    request::{self, PresentedRequest},
    signature,
};

struct Input {
    request: Request<Bytes>,
    base: String,
}

fn main() {
    for size in BODIES {
        for algorithm in ALGORITHMS {
            let key = key(algorithm);
            let like = PresentedRequest::new(signed(0, size, &key), &origin()).unwrap();
            let like = signature::of_request(&like).unwrap().remove(0);
            let inputs = || {
                let requests = (0..distinct(size)).map(|number| Input {
                    request: call(number, size),
                    base: like.text().replace("00000000", &format!("{number:08}")),
                });
                requests.collect()
            };
            let name = format!("http_sign {} {} KiB", algorithm.name(), size / 1024);
            let goal = if size > 4096 { 1.03 } else { 1.05 };
            let raw = |input: &Input| {
                let mut nonce = [0; 16];
                PROVIDER.randomness().fill(&mut nonce).unwrap();
                (key.sign_now(input.base.as_bytes()).unwrap(), PROVIDER.sha256(&[input.request.body()]), nonce)
            };
            compare(&name, goal, inputs, raw, |input: Input| {
                let randomness = PROVIDER.randomness();
                ready(request::sign(input.request, &key, &FAPI_2_REQUEST, &PROVIDER, randomness, NOW)).unwrap()
            });
        }
    }
}
