//! Puts the operator's parts together from the configuration.

use std::{error::Error, sync::Arc};

use ingam::{
    access_key::{AccessKeyFormat, DpopNonce},
    jose::CryptoProvider,
    keys::{Records, RemoteKeySets, RemotePolicy},
    operator::{NoBlocks, NoRisk, Operator, OperatorParts, Profile, SimpleConsent, StoredDirectory, system_clock},
    ports::Clock as _,
    store::{AuditMode, MemoryRateLimiter, RateLimit, StoreAudit, StoreReplayGuard},
    transaction::policy::Unsigned,
    wire::Seconds,
};

use crate::{
    channel,
    config::{self, Config, HttpSignatures},
    keys::{self, Unlocking},
    log::Logged,
    prepared::{Doors, Prepared},
    token,
};

/// The operator, how it is reached, and what the program itself must tend.
pub(crate) struct Built {
    pub(crate) operator: Arc<Operator>,
    pub(crate) audit: Arc<StoreAudit>,
    pub(crate) doors: Doors,
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

/// Opens the store and builds the operator over it.
pub(crate) async fn build(
    config: &Config,
    prepared: Prepared,
    provider: Arc<dyn CryptoProvider>,
) -> Result<Built, Box<dyn Error>> {
    let clock = system_clock();
    let now = clock.now();
    let Prepared { identity, profile, place, secret, ring, doors, client_authorities, fintechs, users, banks } =
        prepared;
    let token = match &config.keys.pkcs11 {
        Some(pkcs11) => Some(token::open(pkcs11, keys::environment(config), &provider).await?),
        None => None,
    };
    let store = place.open()?;
    let unlocking = match (&token, secret) {
        (Some(token), _) => Unlocking::Token(token),
        (None, Some(secret)) => Unlocking::Secret(secret),
        (None, None) => Unlocking::MadeBeside,
    };
    let sealer = Arc::new(keys::sealer(config, &place, unlocking, &provider)?);
    let records = Records::new(Arc::clone(&store), Arc::clone(&sealer));
    let audit = StoreAudit::open(Arc::clone(&store), Arc::clone(&sealer), AuditMode::Queued, now).await?;
    let audit = Arc::new(audit);
    let ring = ring.ring(keys::environment(config), token, records.clone(), now).await?;
    let mut directory = StoredDirectory::new(records, Arc::clone(&provider));
    if config.fintechs.iter().any(|fintech| fintech.jwks_uri.is_some()) {
        let remote = RemoteKeySets::new(channel::transport(config)?, Arc::clone(&provider), RemotePolicy::USUAL);
        directory = directory.fetching(remote);
    }
    for record in &fintechs {
        directory.put(record, now).await?;
    }
    // Whoever is in the configuration no more is known no more, whatever the store still holds of them.
    let directory = directory.only(fintechs.iter().map(|record| record.entry().client_id.clone()));
    let keep = profile.access_key.settings().access_key.plus(Seconds::new(60));
    let parts = OperatorParts {
        identity,
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
        chains: client_authorities,
        directory: Arc::new(directory),
        users: Arc::new(users),
        consent: Arc::new(SimpleConsent { lasts: Seconds::new(90 * 86_400) }),
        bank: Arc::new(banks),
        store,
        provider,
    };
    Ok(Built { operator: Operator::start(parts)?, audit, doors })
}

/// How many failures are looked at. Passwords can be guessed, so a name at an address has ten, then one each 30 seconds;
/// signatures and 192-bit secrets cannot, so fintechs have room for their own mistakes.
fn limiter() -> MemoryRateLimiter {
    MemoryRateLimiter::new(RateLimit::new(300, Seconds::new(300))).with("login", RateLimit::new(10, Seconds::new(300)))
}
