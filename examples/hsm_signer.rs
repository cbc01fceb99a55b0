//! A signing key that never leaves its PKCS#11 token signs a JWT, which software verifies.  With SoftHSM:
//!
//! ```sh
//! apt-get install softhsm2
//! softhsm2-util --init-token --free --label ingam --so-pin 5678 --pin 1234
//! INGAM_PIN=1234 cargo run -p ingam-keys --features pkcs11 --example hsm_signer
//! ```
//!
//! Another module and token: `… --example hsm_signer -- /path/to/module.so LABEL`.

use std::{env, error::Error, path::Path, sync::Arc};

use ingam_jose::{RingProvider, SignatureAlgorithm, Signer as _, jwt};
use ingam_keys::{Environment, Token, TokenConfig, TokenError, TokenModule};
use ingam_wire::SecretText;
use serde::{Deserialize, Serialize};

#[derive(Debug, Deserialize, Serialize)]
struct Receipt {
    payment: String,
}
impl jwt::Kind for Receipt {
    const TYP: jwt::Typ = jwt::Typ::Required("example-receipt+jwt");
    type Claims = Self;
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let path = arguments.next().unwrap_or_else(|| "/usr/lib/softhsm/libsofthsm2.so".into());
    let label = arguments.next().unwrap_or_else(|| "ingam".into());
    let pin = SecretText::new(env::var("INGAM_PIN").map_err(|_| "set INGAM_PIN to the token's user PIN")?);

    let module = TokenModule::load(Path::new(&path))?;
    let token = Token::open(&module, TokenConfig::new(&label, pin), Environment::Test, Arc::new(RingProvider))?;
    for algorithm in SignatureAlgorithm::ALL {
        let name = format!("example {}", algorithm.name());
        let signer = match token.signer(&name, algorithm).await {
            Err(TokenError::NoKey) => token.generate(&name, algorithm).await?,
            found => found?,
        };
        let receipt = jwt::sign::<Receipt>(&Receipt { payment: "p-1".into() }, &signer).await?;
        let verified = jwt::Presented::<Receipt>::parse(&receipt)?.verify(signer.verifying_key())?;
        println!("{}: {} signed by {}", algorithm.name(), verified.claims().payment, signer.key_id());
    }
    Ok(())
}
