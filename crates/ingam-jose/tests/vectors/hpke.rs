use ingam_jose::{
    CryptoProvider, PublicKey,
    hpke::{HpkeError, Receiver, RecipientKey, RecipientPublicKey, Sender, Suite},
};
use serde_json::Value;

use crate::{
    items,
    ledger::{Expected, Ledger},
    providers, scalar, unhex,
};

#[test]
fn hpke_vectors() {
    let mut ledger = Ledger::of("hpke");
    let file = ingam_testkit::vectors("hpke", "rfc9180");
    for provider in providers() {
        for (number, case) in file.as_array().unwrap().iter().enumerate() {
            let id = |name: &str| u16::try_from(case[name].as_u64().unwrap()).unwrap();
            let ids = (id("mode"), id("kem_id"), id("kdf_id"), id("aead_id"));
            let name = format!("rfc9180/mode{}/{:04}/{}/{}#{number}", ids.0, ids.1, ids.2, ids.3);
            if ids.0 != 0 {
                ledger.skip(provider.name(), &name);
                continue;
            }
            match Suite::from_ids(ids.1, ids.2, ids.3).and_then(|suite| run(case, suite, provider, &mut ledger, &name))
            {
                Err(HpkeError::Unsupported(_)) => ledger.lacks(provider.name()),
                outcome => {
                    ledger.see(provider.name(), &name, Expected::Valid, outcome.map_err(|e| e.name()));
                }
            }
        }
    }
    ledger.finish();
}

fn run(
    case: &Value,
    suite: Suite,
    provider: &dyn CryptoProvider,
    ledger: &mut Ledger,
    name: &str,
) -> Result<(), HpkeError> {
    let (info, enc) = (unhex(&case["info"]), unhex(&case["enc"]));
    let key = RecipientKey::from_scalar(suite.kem, &scalar(&unhex(&case["skRm"])), provider)?;
    let public = match suite.kem {
        ingam_jose::Curve::X25519 => PublicKey::X25519(unhex(&case["pkRm"]).try_into().unwrap()),
        ingam_jose::Curve::P256 => PublicKey::p256(&unhex(&case["pkRm"])).unwrap(),
    };
    ledger.require(*key.public() == RecipientPublicKey::new(public).unwrap(), name);

    // The ephemeral key of the vector, instead of randomness.
    let ephemeral = scalar(&unhex(&case["skEm"]));
    let randomness = move |out: &mut [u8]| out.copy_from_slice(&ephemeral);
    let (encapsulated, mut sender) = Sender::new(suite, key.public(), &info, provider, &randomness)?;
    ledger.require(encapsulated == enc, name);
    let mut receiver = Receiver::new(suite, &enc, &key, &info, provider)?;

    let mut next = 0;
    for message in items(case, "encryptions") {
        let (aad, content, sealed) = (unhex(&message["aad"]), unhex(&message["pt"]), unhex(&message["ct"]));
        let number = message["seq"].as_u64().unwrap();
        while next < number {
            let between = sender.seal(b"", b"", provider)?;
            receiver.open(b"", &between, provider)?;
            next += 1;
        }
        ledger.require(sender.seal(&aad, &content, provider)? == sealed, name);
        let mut bent = sealed.clone();
        *bent.first_mut().unwrap() ^= 1;
        ledger.require(receiver.open(&aad, &bent, provider) == Err(HpkeError::DecryptionFailed), name);
        ledger.require(*receiver.open(&aad, &sealed, provider)? == content, name);
        next += 1;
    }
    for export in items(case, "exports") {
        let context = unhex(&export["exporter_context"]);
        let length = usize::try_from(export["L"].as_u64().unwrap()).unwrap();
        let wanted = unhex(&export["exported_value"]);
        ledger.require(*sender.export(&context, length, provider)? == wanted, name);
        ledger.require(*receiver.export(&context, length, provider)? == wanted, name);
    }
    Ok(())
}
