//! The operator's secrets: a sealed vault file holds the master secret of the store's rows; the ring of signing keys lies
//! in the store, sealed under it.

use std::{error::Error, fs, path::Path, sync::Arc};

use ingam::{
    jose::{CryptoProvider, pkcs8_from_pem},
    keys::{
        Algorithm, Environment, KeySpec, KeyVault, PassphraseCost, Purpose, RecordSealer, Records, RotationPolicy,
        RotationTimes, VaultFile, VaultKey,
    },
    operator::OperatorKeys,
    wire::{Seconds, SecretBytes, SecretText, UnixTime},
};

use crate::{config::Config, store::Place, token::InToken};

/// The name of the master secret in the vault.
const MASTER: &str = "master";

/// The sealer of everything in the store.
pub(crate) fn sealer(
    config: &Config,
    place: &Place,
    unlocking: Unlocking<'_>,
    provider: &Arc<dyn CryptoProvider>,
) -> Result<RecordSealer, Box<dyn Error>> {
    let master = match config.keys.vault.clone().or_else(|| place.vault()) {
        Some(path) => {
            let master = from_vault(config, &path, unlocking, provider);
            master.map_err(|error| format!("[keys] vault {}: {error}", path.display()))?
        }
        // A store in memory ends with the process, and so may its secret.
        None => {
            let mut master = [0; 32];
            provider.randomness().fill(&mut master)?;
            SecretBytes::new(master.to_vec())
        }
    };
    Ok(RecordSealer::new(Arc::clone(provider), &master))
}

/// What the vault file opens with.
pub(crate) enum Unlocking<'a> {
    Token(&'a InToken),
    /// The secret of `kek_env`.
    Secret(SecretText),
    /// Development only: a passphrase made once and kept beside the vault.
    MadeBeside,
}

/// The secret of `kek_env`; in production it is there.
pub(crate) fn secret(config: &Config) -> Result<Option<SecretText>, String> {
    let Some(name) = &config.keys.kek_env else { return Ok(None) };
    match std::env::var(name) {
        Ok(value) => Ok(Some(SecretText::new(value))),
        Err(_) if config.production => Err(format!("kek_env: the environment variable {name} is not set")),
        Err(_) => Ok(None),
    }
}

fn from_vault(
    config: &Config,
    path: &Path,
    unlocking: Unlocking<'_>,
    provider: &Arc<dyn CryptoProvider>,
) -> Result<SecretBytes, Box<dyn Error>> {
    let passphrase = match unlocking {
        Unlocking::Token(token) => return master(path, config, &VaultKey::Secret(&token.secret), provider),
        Unlocking::Secret(secret) => secret,
        Unlocking::MadeBeside => made_beside(path, provider)?,
    };
    master(path, config, &VaultKey::Passphrase(&passphrase, PassphraseCost::RECOMMENDED), provider)
}

/// The master secret in the vault file at `path`, made where there is none.
fn master(
    path: &Path,
    config: &Config,
    key: &VaultKey<'_>,
    provider: &Arc<dyn CryptoProvider>,
) -> Result<SecretBytes, Box<dyn Error>> {
    let environment = environment(config);
    if path.exists() {
        return Ok(VaultFile::load(path, environment, key, Arc::clone(provider))?.secret(MASTER)?);
    }
    let mut vault = VaultFile::create(environment, key, Arc::clone(provider))?;
    vault.make(MASTER)?;
    vault.save(path)?;
    Ok(vault.secret(MASTER)?)
}

fn made_beside(path: &Path, provider: &Arc<dyn CryptoProvider>) -> Result<SecretText, Box<dyn Error>> {
    use std::{io::Write as _, os::unix::fs::OpenOptionsExt as _};
    let path = path.with_extension("kek");
    if let Ok(text) = fs::read_to_string(&path) {
        return Ok(SecretText::new(text));
    }
    let mut random = [0; 32];
    provider.randomness().fill(&mut random)?;
    let text = ingam::wire::base64url::encode(random);
    let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    Ok(SecretText::new(text))
}

/// A test key is refused in a live ring and the other way round.
pub(crate) fn environment(config: &Config) -> Environment {
    if config.production { Environment::Live } else { Environment::Test }
}

/// How the ring of signing keys starts where there is none.
pub(crate) struct Start {
    specs: Vec<KeySpec>,
    imported: Option<SecretBytes>,
}

/// As the configuration says.
pub(crate) fn start(config: &Config) -> Result<Start, Box<dyn Error>> {
    let algorithm = match config.access_key.alg.as_str() {
        "ES256" => Algorithm::Es256,
        "EdDSA" | "Ed25519" => Algorithm::EdDsa,
        "PS256" => Algorithm::Ps256,
        other => return Err(format!("access_key.alg: {other} is not ES256, EdDSA or PS256").into()),
    };
    let imported = match (config.keys.import.as_slice(), algorithm) {
        ([], Algorithm::Ps256) => {
            return Err(
                "access_key.alg: PS256 under ring needs an RSA key made elsewhere: [keys] import = [\"rsa.pem\"]"
                    .into(),
            );
        }
        ([], _) => None,
        (_, _) if config.production => {
            return Err("import: with production = true an imported key is activated by two people, and the admin \
                        commands are not built yet"
                .into());
        }
        ([path], Algorithm::Ps256) => Some(private_key(path)?),
        _ => return Err("import: takes one RSA key, for access_key.alg = \"PS256\"".into()),
    };
    let specs = OperatorKeys::specs(&"operator".parse()?, rotation(config)?).into_iter();
    let specs = specs.map(|spec| match spec.purpose {
        Purpose::SignAccessKeys => KeySpec { algorithm, ..spec },
        _ => spec,
    });
    Ok(Start { specs: specs.collect(), imported })
}

impl Start {
    /// The ring in `records`, made where there is none.
    pub(crate) async fn ring(
        self,
        environment: Environment,
        token: Option<InToken>,
        records: Records,
        now: UnixTime,
    ) -> Result<OperatorKeys, Box<dyn Error>> {
        let mut vault = KeyVault::new(records, environment, self.specs)?;
        if let Some(imported) = self.imported {
            vault = vault.starting_with(Purpose::SignAccessKeys, imported)?;
        }
        if let Some(token) = token {
            vault = vault.kept_in(token.custody);
        }
        Ok(OperatorKeys::open(vault, now).await?)
    }
}

/// The PKCS#8 of a PEM file.
fn private_key(path: &Path) -> Result<SecretBytes, Box<dyn Error>> {
    let text = SecretText::new(fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?);
    let key = pkcs8_from_pem(text.expose());
    key.map_err(|_| format!("{}: not one PEM section PRIVATE KEY (PKCS#8)", path.display()).into())
}

/// Ten years at most: what is longer is a slip, not a rotation.
const MOST_DAYS: u64 = 3_650;

fn rotation(config: &Config) -> Result<RotationPolicy, Box<dyn Error>> {
    let days = config.keys.rotate_days.unwrap_or(90);
    if !(1..=MOST_DAYS).contains(&days) {
        return Err(format!("rotate_days: must be 1 to {MOST_DAYS}").into());
    }
    let active = Seconds::new(days.saturating_mul(86_400));
    Ok(RotationPolicy::new(RotationTimes { active, ..RotationTimes::default() })?)
}
