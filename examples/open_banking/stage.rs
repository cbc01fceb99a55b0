//! Who takes part: an operator over TLS with a durable store, a fintech, a second fintech, a user agent.

use std::{
    error::Error,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use ingam::{
    access_key::{FintechEntry, FintechRecord, FintechStatus, HttpSignatures, KeySource},
    fintech::{self, Fintech, Membership, Messages},
    jose::{CryptoProvider, RingProvider, SignatureAlgorithm, Signer, SigningKey},
    keys::{KeyVault, RecordSealer, Records, RotationPolicy, RotationTimes},
    operator::{
        DataBank, Identity, NoBlocks, NoRisk, Operator, OperatorKeys, OperatorParts, PasswordUser, PasswordUsers,
        Profile, SimpleConsent, StoredDirectory, system_clock,
    },
    ports::{Clock, Store, Transport},
    protocol::{Issuer, ResponseMode, details::AuthorizationDetail},
    store::{AuditMode, MemoryRateLimiter, MemoryStore, RateLimit, RedbStore, StoreAudit, StoreReplayGuard},
    tls::{
        AddressPolicy, ChannelPolicy, ClientCertificates, ClientChannel, CryptoModule, HttpsTransport, Listener,
        ServerChannel, ServerTrust, development::DevelopmentCa, serve,
    },
    wire::{HttpUrl, Seconds, SecretBytes, SecretText, UnixTime},
};
use tokio::{sync::oneshot, task::JoinHandle};

use crate::{tap::Tap, witness::Witness};

pub(crate) type Failure = Box<dyn Error>;

/// The user of the walk.
pub(crate) const USER: &str = "alice";
pub(crate) const PASSWORD: &str = "correct horse battery staple";
/// Where the fintech's users come back to.
pub(crate) const CALLBACK: &str = "https://budget.example/callback";

/// The machine's time, and what the example adds to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct MovableClock(Arc<AtomicI64>);

impl MovableClock {
    pub(crate) fn advance(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

impl MovableClock {
    pub(crate) fn time(&self) -> UnixTime {
        let ahead = u64::try_from(self.0.load(Ordering::SeqCst)).unwrap_or_default();
        system_clock().now().plus(Seconds::new(ahead))
    }
}

/// A fintech with its keys, so that the example can also play somebody who stole one of them.
pub(crate) struct Party {
    pub(crate) client_id: &'static str,
    pub(crate) fintech: Fintech,
    pub(crate) tap: Arc<Tap>,
    pub(crate) assertion_key: Arc<dyn Signer>,
    pub(crate) proof_key: Arc<dyn Signer>,
    pub(crate) message_key: Arc<dyn Signer>,
}

/// Everybody, and what must be stopped at the end.
pub(crate) struct Stage {
    pub(crate) issuer: Issuer,
    pub(crate) base: HttpUrl,
    pub(crate) clock: MovableClock,
    pub(crate) provider: Arc<dyn CryptoProvider>,
    pub(crate) keys: Arc<OperatorKeys>,
    pub(crate) witness: Arc<Witness>,
    pub(crate) audit: Arc<StoreAudit>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Arc<RecordSealer>,
    pub(crate) user_agent: Arc<dyn Transport>,
    pub(crate) budget: Party,
    pub(crate) rival: Party,
    pub(crate) operator: Arc<Operator>,
    ca: DevelopmentCa,
    channel: ServerChannel,
    folder: PathBuf,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<()>,
}

impl Stage {
    /// Sets everything up: a temporary folder, a fresh CA, a free port.
    pub(crate) async fn set(times: RotationTimes) -> Result<Self, Failure> {
        let folder = std::env::temp_dir().join(format!("ingam-open-banking-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let clock = MovableClock::default();
        let now = clock.time();
        let provider: Arc<dyn CryptoProvider> = Arc::new(RingProvider);

        let ca = DevelopmentCa::new("Ingam example CA", now)?;
        let certificate = ca.server(&["127.0.0.1"], now)?.keyed(CryptoModule::Ring)?;
        let tls_clock = ingam::tls::Clock::new(system_clock());
        let policy = ChannelPolicy::tls13();
        let channel =
            ServerChannel::new(policy.clone(), &certificate, ClientCertificates::NotAsked, tls_clock.clone())?;
        let listener = Listener::bind("127.0.0.1:0".parse()?, channel.clone()).await?;
        let base: HttpUrl = format!("https://{}", listener.address()?).parse()?;
        let issuer: Issuer = base.as_str().parse()?;
        let transport = || -> Result<Arc<dyn Transport>, Failure> {
            let trust = ServerTrust::in_authorities(vec![ca.certificate_der()]);
            let channel = ClientChannel::new(policy.clone(), &trust, None, &tls_clock)?;
            Ok(Arc::new(HttpsTransport::new(&channel, AddressPolicy::public_and_loopback())))
        };

        let budget = Keys::fresh(&*provider)?;
        let rival = Keys::fresh(&*provider)?;
        let store: Arc<dyn Store> = Arc::new(RedbStore::open(&folder.join("operator.redb"))?);
        let sealer = Arc::new(sealer(&provider)?);
        let records = Records::new(Arc::clone(&store), Arc::clone(&sealer));
        let directory = StoredDirectory::new(records.clone(), Arc::clone(&provider));
        directory.put(&registered("budget-app", "가계부 · Budget App", CALLBACK, &budget)?, now).await?;
        directory.put(&registered("rival-app", "Rival App", "https://rival.example/callback", &rival)?, now).await?;
        let audit = StoreAudit::open(Arc::clone(&store), Arc::clone(&sealer), AuditMode::Queued, now).await?;
        let audit = Arc::new(audit);
        let witness = Arc::new(Witness::beside(Arc::clone(&audit)));
        let keys = Arc::new(
            OperatorKeys::open(
                KeyVault::new(
                    records,
                    ingam::keys::Environment::Test,
                    OperatorKeys::specs(&"operator".parse()?, RotationPolicy::new(times)?),
                )?,
                now,
            )
            .await?,
        );
        let operator_clock = clock.clone();
        let operator = Operator::start(OperatorParts {
            identity: Identity {
                issuer: issuer.clone(),
                resource: issuer.as_str().parse()?,
                mtls_base: None,
                not_before: None,
            },
            profile: Profile::fapi2_security(),
            production: false,
            provider: Arc::clone(&provider),
            clock: Arc::new(move || operator_clock.time()),
            store: Arc::clone(&store),
            sealer: Arc::clone(&sealer),
            keys: Arc::clone(&keys),
            replay: Arc::new(StoreReplayGuard::new(Arc::clone(&store), Seconds::new(400))),
            audit: witness.clone(),
            limiter: Arc::new(MemoryRateLimiter::new(RateLimit::new(50, Seconds::new(300)))),
            blocks: Arc::new(NoBlocks),
            risk: Arc::new(NoRisk),
            chains: None,
            directory: Arc::new(directory),
            users: Arc::new(users(&provider)?),
            consent: Arc::new(SimpleConsent { lasts: Seconds::new(90 * 86_400) }),
            bank: Arc::new(DataBank::load(include_bytes!("../data/bank.json"))?),
        })?;
        let (stop, stopped) = oneshot::channel();
        let endpoint = Arc::new(operator.entrance(&base)?);
        let serving = tokio::spawn(serve(listener, endpoint, async {
            let _ = stopped.await;
        }));
        let party = |client_id, callback: &str, keys: Keys| -> Result<Party, Failure> {
            keys.party(client_id, callback, (&issuer, &base), transport()?, &provider, clock.clone())
        };
        Ok(Self {
            budget: party("budget-app", CALLBACK, budget)?,
            rival: party("rival-app", "https://rival.example/callback", rival)?,
            user_agent: transport()?,
            issuer,
            base,
            clock,
            provider,
            keys,
            witness,
            audit,
            store,
            sealer,
            operator,
            ca,
            channel,
            folder,
            stop,
            serving,
        })
    }

    /// A new key and certificate for the listener; connections that are open stay open.
    pub(crate) fn renew_certificate(&self) -> Result<(), Failure> {
        self.channel.show(&self.ca.server(&["127.0.0.1"], system_clock().now())?.keyed(CryptoModule::Ring)?);
        Ok(())
    }

    /// Stops the operator and removes the folder.
    pub(crate) async fn clear(self) -> Result<(), Failure> {
        let _ = self.stop.send(());
        self.serving.await?;
        std::fs::remove_dir_all(&self.folder)?;
        Ok(())
    }
}

/// A fintech's keys: one for each purpose.
struct Keys {
    assertion: Arc<dyn Signer>,
    proof: Arc<dyn Signer>,
    message: Arc<dyn Signer>,
}

impl Keys {
    fn fresh(provider: &dyn CryptoProvider) -> Result<Self, Failure> {
        let key = || -> Result<Arc<dyn Signer>, Failure> {
            Ok(Arc::new(SigningKey::generate(SignatureAlgorithm::Es256, provider)?))
        };
        Ok(Self { assertion: key()?, proof: key()?, message: key()? })
    }

    fn party(
        self,
        client_id: &'static str,
        callback: &str,
        (issuer, base): (&Issuer, &HttpUrl),
        transport: Arc<dyn Transport>,
        provider: &Arc<dyn CryptoProvider>,
        clock: MovableClock,
    ) -> Result<Party, Failure> {
        let tap = Arc::new(Tap::on(transport));
        let store: Arc<dyn Store> = Arc::new(MemoryStore::new());
        let records = Records::new(store, Arc::new(sealer(provider)?));
        let membership = Membership {
            issuer: issuer.clone(),
            client_id: client_id.parse()?,
            authentication: fintech::Authentication::PrivateKeyJwt(Arc::clone(&self.assertion)),
            binding: fintech::Binding::Dpop(Arc::clone(&self.proof)),
            request: fintech::RequestForm::Pushed,
            response: ResponseMode::Query,
            redirect_uri: callback.parse()?,
            resource: base.clone(),
            messages: Messages::fapi(Arc::clone(&self.message)),
            use_mtls_endpoint_aliases: false,
        };
        let clock: Arc<dyn Clock> = Arc::new(move || clock.time());
        let fintech = Fintech::new(Arc::clone(provider), records, clock).with(membership, tap.clone());
        Ok(Party {
            client_id,
            fintech,
            tap,
            assertion_key: self.assertion,
            proof_key: self.proof,
            message_key: self.message,
        })
    }
}

fn sealer(provider: &Arc<dyn CryptoProvider>) -> Result<RecordSealer, Failure> {
    let mut master = [0; 32];
    provider.randomness().fill(&mut master)?;
    Ok(RecordSealer::new(Arc::clone(provider), &SecretBytes::new(master.to_vec())))
}

fn users(provider: &Arc<dyn CryptoProvider>) -> Result<PasswordUsers, Failure> {
    let password = SecretText::new(PASSWORD.to_owned());
    let user = PasswordUser::new(USER, &password, None, provider.randomness())?;
    Ok(PasswordUsers::new(vec![user], None, Arc::clone(provider))?)
}

fn registered(client_id: &str, name: &str, callback: &str, keys: &Keys) -> Result<FintechRecord, Failure> {
    // The proof key is not registered: a proof brings its own, and the access key is bound to it.
    let set = KeySource::of([keys.assertion.verifying_key().clone(), keys.message.verifying_key().clone()]);
    Ok(FintechRecord::new(FintechEntry {
        status: FintechStatus::Active,
        redirect_uris: vec![callback.parse()?],
        scopes: "accounts balances transactions payments".parse()?,
        authorization_details_types: AuthorizationDetail::TYPES.map(str::to_owned).to_vec(),
        http_signatures: HttpSignatures::Required,
        ..FintechEntry::new(client_id.parse()?, name, "security officer", set)
    })?)
}
