//! Puts the operator's parts together from the configuration.

use std::{error::Error, fs, sync::Arc};

use ingam::{
    access_key::{AccessKeyFormat, DpopNonce},
    jose::{CryptoProvider, RingProvider},
    keys::{Records, RemoteKeySets, RemotePolicy},
    operator::{
        Banks, DataBank, Identity, NoBlocks, NoRisk, Operator, OperatorParts, PasswordUser, PasswordUsers, Profile,
        SimpleConsent, StoredDirectory, system_clock,
    },
    ports::{Clock as _, Store},
    store::{AuditMode, MemoryRateLimiter, RateLimit, StoreAudit, StoreReplayGuard},
    transaction::policy::Unsigned,
    wire::Seconds,
};

use crate::{
    channel,
    config::{self, Config, HttpSignatures},
    fintechs, keys,
    log::Logged,
    token,
};

/// The operator and what the program itself must tend.
pub(crate) struct Built {
    pub(crate) operator: Arc<Operator>,
    pub(crate) audit: Arc<StoreAudit>,
}

/// The profile of the configuration, with what it changes.
pub(crate) fn profile(config: &Config) -> Result<Profile, Box<dyn Error>> {
    let mut profile = Profile::named(&config.profile)?.with(|settings| {
        settings.access_key = Seconds::new(config.access_key.seconds);
        settings.access_key_high_risk = settings.access_key_high_risk.min(settings.access_key);
        settings.format = match config.access_key.format {
            config::AccessKeyFormat::Jwt => AccessKeyFormat::Jwt,
            config::AccessKeyFormat::Opaque => AccessKeyFormat::Opaque,
        };
        settings.dpop_nonce = match config.dpop_nonce {
            config::DpopNonce::Off => DpopNonce::Off,
            config::DpopNonce::Required => DpopNonce::Required,
        };
    })?;
    profile.requests.unsigned = match config.http_signatures {
        HttpSignatures::Optional => Unsigned::Permitted,
        HttpSignatures::Required => Unsigned::Refused,
    };
    Ok(profile)
}

/// Builds the operator over `store`.
pub(crate) async fn build(config: &Config, store: Arc<dyn Store>) -> Result<Built, Box<dyn Error>> {
    let clock = system_clock();
    let now = clock.now();
    let provider: Arc<dyn CryptoProvider> = Arc::new(RingProvider);
    let token = match &config.keys.pkcs11 {
        Some(pkcs11) => Some(token::open(pkcs11, keys::environment(config), &provider).await?),
        None => None,
    };
    let sealer = Arc::new(keys::sealer(config, token.as_ref(), &provider)?);
    let records = Records::new(Arc::clone(&store), Arc::clone(&sealer));
    let profile = profile(config)?;
    let audit = StoreAudit::open(Arc::clone(&store), Arc::clone(&sealer), AuditMode::Queued, now).await?;
    let audit = Arc::new(audit);
    let ring = keys::ring(config, token, records.clone(), now).await?;
    let mut directory = StoredDirectory::new(records, Arc::clone(&provider));
    if config.fintechs.iter().any(|fintech| fintech.jwks_uri.is_some()) {
        let remote = RemoteKeySets::new(channel::transport(config)?, Arc::clone(&provider), RemotePolicy::USUAL);
        directory = directory.fetching(remote);
    }
    for record in fintechs::records(config)? {
        directory.put(&record, now).await?;
    }
    let keep = profile.access_key.settings().access_key.plus(Seconds::new(60));
    let parts = OperatorParts {
        identity: Identity {
            issuer: config.issuer.parse()?,
            resource: config.resource.as_deref().unwrap_or(&config.issuer).parse()?,
            mtls_base: config.mtls_base.as_deref().map(str::parse).transpose()?,
            not_before: None,
        },
        profile,
        production: config.production,
        clock: Arc::new(clock),
        replay: Arc::new(StoreReplayGuard::new(Arc::clone(&store), keep)),
        limiter: Arc::new(limiter()),
        audit: Arc::new(Logged(Arc::clone(&audit))),
        sealer,
        keys: Arc::new(ring),
        blocks: Arc::new(NoBlocks),
        risk: Arc::new(NoRisk),
        chains: channel::client_authorities(config)?,
        directory: Arc::new(directory),
        users: Arc::new(users(config, &*provider)?),
        consent: Arc::new(SimpleConsent { lasts: Seconds::new(90 * 86_400) }),
        bank: Arc::new(banks(config)?),
        store,
        provider,
    };
    Ok(Built { operator: Operator::start(parts)?, audit })
}

/// How many failures are looked at. Passwords can be guessed, so a name at an address has ten, then one each 30 seconds;
/// signatures and 192-bit secrets cannot, so fintechs have room for their own mistakes.
fn limiter() -> MemoryRateLimiter {
    MemoryRateLimiter::new(RateLimit::new(300, Seconds::new(300))).with("login", RateLimit::new(10, Seconds::new(300)))
}

fn users(config: &Config, provider: &dyn CryptoProvider) -> Result<PasswordUsers, Box<dyn Error>> {
    let randomness = provider.randomness();
    let mut users = Vec::new();
    for user in &config.users {
        let totp = user.totp.as_ref().map(|totp| &totp.0);
        users.push(PasswordUser::new(&user.username, &user.password.0, totp, randomness)?);
    }
    let auto_approve = config.development.as_ref().and_then(|development| development.auto_approve.as_deref());
    Ok(PasswordUsers::new(users, auto_approve.map(str::parse).transpose()?, randomness)?)
}

fn banks(config: &Config) -> Result<Banks, Box<dyn Error>> {
    match &config.data {
        Some(path) => {
            let json = fs::read(path).map_err(|error| format!("data: {}: {error}", path.display()))?;
            Ok(DataBank::load(&json)?)
        }
        None => Ok(Banks::new([])),
    }
}
