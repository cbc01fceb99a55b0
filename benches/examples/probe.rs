#![allow(missing_docs, clippy::all, clippy::disallowed_methods)]
use ingam_benches::access_key::*;
use ingam_jose::jwt::*;
use ingam_jose::*;
use std::hint::black_box;
use std::time::Instant;
fn t<R>(n: &str, mut f: impl FnMut() -> R) {
    let mut best = f64::MAX;
    for _ in 0..200 {
        let s = Instant::now();
        for _ in 0..200 {
            black_box(f());
        }
        best = best.min(s.elapsed().as_secs_f64() * 1e9 / 200.0);
    }
    println!("{n:<30} {best:>8.1} ns   {} allocs", ingam_benches::allocations(|| f()));
}
fn main() {
    let key = signing_key(SignatureAlgorithm::Es256, &RingProvider);
    let toks = tokens(1, &key);
    let tok = &toks[0];
    let parts: Vec<&str> = tok.split('.').collect();
    let header = ingam_wire::base64url::decode(parts[0]).unwrap();
    let payload = ingam_wire::base64url::decode(parts[1]).unwrap();
    println!("header {} payload {}", header.len(), payload.len());
    t("parse", || Presented::<AccessKey>::parse(tok).is_ok());
    t("claimed", || {
        let p = Presented::<AccessKey>::parse(tok).unwrap();
        p.claimed::<Claims>().is_ok()
    });
    t("b64 header", || ingam_wire::base64url::decode(parts[0]).unwrap());
    t("b64 payload", || ingam_wire::base64url::decode(parts[1]).unwrap());
    t("b64 sig", || ingam_wire::base64url::decode(parts[2]).unwrap());
    t("check header", || ingam_wire::json::check(&header, &limits::HEADER_JSON).is_ok());
    t("check payload", || ingam_wire::json::check(&payload, &limits::CLAIMS_JSON).is_ok());
    t("serde payload", || serde_json::from_slice::<Claims>(&payload).is_ok());
    t("utf8+from_str payload", || serde_json::from_str::<Claims>(std::str::from_utf8(&payload).unwrap()).is_ok());
    #[derive(serde::Deserialize)]
    #[allow(dead_code)]
    struct H<'a> {
        alg: &'a str,
        typ: &'a str,
        kid: &'a str,
    }
    t("serde simple header", || serde_json::from_slice::<H>(&header).is_ok());
    t("sign", || ready(jwt::sign::<AccessKey>(&claims(1), &key)).is_ok());
    let c = claims(1);
    t("serde print", || serde_json::to_vec(&c).is_ok());
    t("key sign", || key.sign_now(b"x").is_ok());
}
