//! What a configuration says, read whole and checked before anything is opened.

use std::{collections::HashSet, error::Error, sync::Arc};

use ingam::{
    access_key::FintechRecord,
    jose::CryptoProvider,
    operator::{Banks, DataBank, Identity, PasswordUser, PasswordUsers, Profile, Proxies},
    ports::ChainVerifier,
    wire::{HttpUrl, SecretText},
};

use crate::{
    channel::{self, Channels},
    config::Config,
    faults::{Faults, read},
    fintechs, keys, operator,
    store::Place,
};

/// The parts that need neither store nor network.
pub(crate) struct Prepared {
    pub(crate) identity: Identity,
    pub(crate) profile: Profile,
    pub(crate) place: Place,
    /// The secret of `kek_env`.
    pub(crate) secret: Option<SecretText>,
    pub(crate) ring: keys::Start,
    pub(crate) doors: Doors,
    pub(crate) client_authorities: Option<Arc<dyn ChainVerifier>>,
    pub(crate) fintechs: Vec<FintechRecord>,
    pub(crate) users: PasswordUsers,
    pub(crate) banks: Banks,
}

/// How the operator is reached.
pub(crate) struct Doors {
    pub(crate) channels: Channels,
    pub(crate) proxies: Option<Arc<Proxies>>,
    pub(crate) administrators: Option<Arc<dyn ChainVerifier>>,
}

impl Prepared {
    /// Reads what `config` names.
    ///
    /// # Errors
    /// Every fault there is, not only the first.
    pub(crate) fn from(config: &Config, provider: &Arc<dyn CryptoProvider>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        contradictions(config, &mut faults);
        let client_ca = config.tls.as_ref().and_then(|tls| tls.client_ca.as_deref());
        let admin_ca = config.admin.as_ref().map(|admin| admin.client_ca.as_path());
        let identity = identity(config, &mut faults);
        let profile = faults.take("profile, access_key", operator::profile(config));
        let place = faults.take("store", Place::of(config));
        let secret = faults.take("[keys]", keys::secret(config));
        let ring = faults.take("[keys]", keys::start(config));
        let channels = faults.take("[tls]", channel::build(config));
        let proxies = faults.take("[[proxy]]", channel::proxies(config));
        let client_authorities = faults.take("[tls] client_ca", client_ca.map(channel::authorities).transpose());
        let administrators = faults.take("[admin] client_ca", admin_ca.map(channel::authorities).transpose());
        let fintechs = fintechs::records(config, &**provider, &mut faults);
        let users = users(config, provider, &mut faults);
        let banks = faults.take("data", banks(config));
        let whole = || {
            Some(Self {
                identity: identity?,
                profile: profile?,
                place: place?,
                secret: secret?,
                ring: ring?,
                doors: Doors { channels: channels?, proxies: proxies?, administrators: administrators? },
                client_authorities: client_authorities?,
                fintechs,
                users: users?,
                banks: banks?,
            })
        };
        match whole() {
            Some(whole) if faults.is_empty() => Ok(whole),
            _ => Err(faults),
        }
    }
}

/// Members that are good alone, and not together.
fn contradictions(config: &Config, faults: &mut Faults) {
    let mut refuse = |wrong: bool, fault: &str| {
        if wrong {
            faults.add(fault);
        }
    };
    let by_certificate = |auth: &str| matches!(auth, "tls_client_auth" | "self_signed_tls_client_auth");
    let mtls = config.fintechs.iter().any(|fintech| by_certificate(&fintech.auth) || fintech.binding == "mtls");
    let chains = config.fintechs.iter().any(|fintech| fintech.auth == "tls_client_auth");
    let client_ca = config.tls.as_ref().is_some_and(|tls| tls.client_ca.is_some());
    refuse(config.mtls_listen.is_some() != config.mtls_base.is_some(), "mtls_listen and mtls_base belong together");
    refuse(
        mtls && config.mtls_listen.is_none(),
        "a fintech shows certificates: mtls_listen and mtls_base are required",
    );
    refuse(chains && !client_ca, "a fintech has auth = \"tls_client_auth\": [tls] client_ca is required");
    refuse(!config.proxies.is_empty() && config.mtls_listen.is_none(), "[[proxy]] hands on to mtls_listen: set it");
    refuse(config.proxy_address_in.is_some() && config.proxies.is_empty(), "proxy_address_in belongs to a [[proxy]]");
    let (kek, pkcs11) = (config.keys.kek_env.is_some(), config.keys.pkcs11.is_some());
    refuse(kek && pkcs11, "[keys] kek_env and pkcs11: the vault opens with one of them");
    if config.production {
        refuse(config.development.is_some(), "[development] is refused with production = true");
        refuse(config.tls.is_none(), "[tls] is required with production = true");
        refuse(!kek && !pkcs11, "[keys] kek_env or pkcs11 is required with production = true");
    }
}

fn identity(config: &Config, faults: &mut Faults) -> Option<Identity> {
    let issuer = faults.take("issuer", config.issuer.parse());
    let resource = faults.take("resource", config.resource.as_deref().unwrap_or(&config.issuer).parse());
    let mtls_base = faults.take("mtls_base", config.mtls_base.as_deref().map(str::parse::<HttpUrl>).transpose());
    if mtls_base.iter().flatten().any(|base| !base.is_https()) {
        faults.add("mtls_base: must be https");
    }
    Some(Identity { issuer: issuer?, resource: resource?, mtls_base: mtls_base?, not_before: None })
}

fn users(config: &Config, provider: &Arc<dyn CryptoProvider>, faults: &mut Faults) -> Option<PasswordUsers> {
    let randomness = provider.randomness();
    let (mut users, mut names) = (Vec::new(), HashSet::new());
    for user in &config.users {
        let member = format!("[[user]] {}", user.username);
        if !names.insert(user.username.as_str()) {
            faults.add(format!("{member}: there are two of this username"));
        }
        if user.password.0.expose().is_empty() {
            faults.add(format!("{member}: the password is empty"));
        }
        let totp = user.totp.as_ref().map(|totp| &totp.0);
        users.extend(faults.take(&member, PasswordUser::new(&user.username, &user.password.0, totp, randomness)));
    }
    let auto_approve = config.development.as_ref().and_then(|development| development.auto_approve.as_deref());
    let auto_approve = faults.take("[development] auto_approve", auto_approve.map(str::parse).transpose())?;
    faults.take("[[user]]", PasswordUsers::new(users, auto_approve, Arc::clone(provider)))
}

fn banks(config: &Config) -> Result<Banks, Box<dyn Error>> {
    let Some(path) = &config.data else { return Ok(Banks::new([])) };
    Ok(DataBank::load(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?)
}
