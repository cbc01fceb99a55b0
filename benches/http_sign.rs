//! P7: a request is signed. Bare: one signature over a base of the same length, one SHA-256 of the same body, one nonce.
#![expect(clippy::expect_used, reason = "a bench that cannot sign must stop")]

use std::process::ExitCode;

use ingam_benches::{
    Goal, INPUTS, Table,
    access_key::ready,
    http::{ALGORITHMS, BODIES, NOW, PROVIDER, call, origin, signed},
    input,
};
use ingam_jose::{CryptoProvider as _, SigningKey};
use ingam_transaction::{
    policy::FAPI_2_REQUEST,
    request::{self, PresentedRequest},
    signature,
};

fn main() -> ExitCode {
    let mut table = Table::new("P7: sign a request");
    for size in BODIES {
        for algorithm in ALGORITHMS {
            let key = SigningKey::generate(algorithm, &PROVIDER).expect("randomness");
            let like = PresentedRequest::new(signed(0, size, &key), &origin()).expect("our own request");
            let like = signature::of_request(&like).expect("our own request").remove(0);
            let base = |number: usize| like.text().replace("00000000", &format!("{number:08}"));
            let bases: Vec<String> = (0..INPUTS).map(base).collect();
            let calls: Vec<_> = (0..INPUTS).map(|number| call(number, size)).collect();
            let name = format!("{}, {} KiB", algorithm.name(), size / 1024);
            let bare = |number: usize| {
                let mut nonce = [0; 16];
                PROVIDER.randomness().fill(&mut nonce).expect("randomness");
                let signature = key.sign_now(input(&bases, number).as_bytes()).expect("randomness");
                (signature, PROVIDER.sha256(&[input(&calls, number).body()]), nonce)
            };
            // A prototype by hand reached 1.06 for 1 KiB.
            let goal = if size > 4096 { Goal::ratio(1.03) } else { Goal::aim(1.05) };
            let prepare = |number: usize| input(&calls, number).clone();
            table.compare_owned(&name, goal, bare, prepare, |call| {
                let randomness = PROVIDER.randomness();
                ready(request::sign(call, &key, &FAPI_2_REQUEST, &PROVIDER, randomness, NOW)).expect("our own call")
            });
        }
    }
    table.finish()
}
