//! The hardware token of `[keys] pkcs11`.

use std::{error::Error, sync::Arc};

use ingam::{
    jose::CryptoProvider,
    keys::{Custody, Environment},
    wire::SecretBytes,
};

use crate::config::Pkcs11;

/// What the token gives: custody of signing keys, and the secret that opens the vault file.
pub(crate) struct InToken {
    pub(crate) custody: Arc<dyn Custody>,
    pub(crate) secret: SecretBytes,
}

/// Logs in to the token.
#[cfg(feature = "pkcs11")]
pub(crate) async fn open(
    config: &Pkcs11,
    environment: Environment,
    provider: &Arc<dyn CryptoProvider>,
) -> Result<InToken, Box<dyn Error>> {
    use ingam::{
        keys::{Token, TokenConfig, TokenModule},
        wire::SecretText,
    };
    let pin = std::env::var(&config.pin_env).map(SecretText::new);
    let pin =
        pin.map_err(|_| format!("[keys] pkcs11: environment variable {} (pin_env) is not set", config.pin_env))?;
    let token = match (config.slot, config.token.as_deref()) {
        (Some(slot), None) => TokenConfig::in_slot(slot, pin),
        (None, Some(label)) => TokenConfig::new(label, pin),
        _ => return Err("[keys] pkcs11: needs either slot (a number) or token (a label)".into()),
    };
    let said = |error| format!("[keys] pkcs11: {}: {error}", config.module.display());
    let module = TokenModule::load(&config.module).map_err(said)?;
    let token = Token::open(&module, token, environment, Arc::clone(provider)).map_err(said)?;
    let secret = token.vault_secret("ingam vault").await.map_err(said)?;
    Ok(InToken { custody: Arc::new(token), secret })
}

/// This program was built without it.
#[cfg(not(feature = "pkcs11"))]
#[expect(clippy::unused_async, reason = "as with the feature")]
pub(crate) async fn open(
    config: &Pkcs11,
    _environment: Environment,
    _provider: &Arc<dyn CryptoProvider>,
) -> Result<InToken, Box<dyn Error>> {
    let Pkcs11 { module, slot: _, token: _, pin_env: _ } = config;
    Err(format!("[keys] pkcs11: to use {}, build this program with --features pkcs11", module.display()).into())
}
