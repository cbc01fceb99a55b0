use ingam_jose::jwt::{KeyReference, Kind, Presented, Typ};
use serde_json::Value;

use crate::{
    items,
    ledger::{Expected, Ledger},
    providers, text,
};

struct Proof;
impl Kind for Proof {
    const TYP: Typ = Typ::Exact("dpop+jwt");
    const KEY: KeyReference = KeyReference::Embedded;
    type Claims = Value;
}

#[test]
fn dpop_proofs() {
    let mut ledger = Ledger::of("dpop");
    let file = ingam_testkit::vectors("dpop", "rfc9449");
    for provider in providers() {
        for example in items(&file, "examples") {
            let id = format!("rfc9449/{}", text(&example["id"]));
            let parsed = Presented::<Proof>::parse(text(&example["proof"]));
            let verified = parsed.and_then(|proof| proof.verify_embedded(provider));
            if let Ok(verified) = &verified {
                ledger.require(verified.key().thumbprint().to_base64url() == text(&example["jkt"]), &id);
                ledger.require(verified.claims() == &example["claims"], &id);
            }
            let expected = Expected::read(text(&example["expect"]));
            ledger.see(provider.name(), &id, expected, verified.map(|_| ()).map_err(|e| e.name()));
        }
    }
    ledger.finish();
}
