use std::sync::{Arc, atomic::AtomicBool};

use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, KeyType, ObjectClass},
    types::AuthPin,
};
use ingam_jose::{CryptoProvider, SignatureAlgorithm};
use ingam_wire::{SecretBytes, SecretText};

use super::{
    TokenAgreementKey, TokenError, TokenModule, TokenSigner, key,
    pool::{Door, Place, Pool, Seat, WorkError},
};
use crate::ring::Environment;

/// How to reach a token.
#[derive(Debug)]
pub struct TokenConfig {
    place: Place,
    pin: SecretText,
    sessions: usize,
}

impl TokenConfig {
    /// The token with this label and its user PIN.
    #[must_use]
    pub fn new(label: &str, pin: SecretText) -> Self {
        Self { place: Place::Label(label.into()), pin, sessions: 4 }
    }

    /// The token in the slot of this number, for modules whose slots keep theirs; tokens that move are found by label.
    #[must_use]
    pub const fn in_slot(slot: u64, pin: SecretText) -> Self {
        Self { place: Place::Slot(slot), pin, sessions: 4 }
    }

    /// Sessions used at the same time, each on a thread of its own; 4 if not said, 64 at most.
    #[must_use]
    pub const fn sessions(mut self, sessions: usize) -> Self {
        self.sessions = sessions;
        self
    }
}

/// A hardware token: makes keys that never leave it, and works with them.
#[derive(Clone, Debug)]
pub struct Token {
    pub(super) pool: Arc<Pool>,
    pub(super) provider: Arc<dyn CryptoProvider>,
    prefix: &'static str,
}

impl Token {
    /// Logs in and keeps the sessions; blocks until the token has answered.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn open(
        module: &TokenModule,
        config: TokenConfig,
        environment: Environment,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, TokenError> {
        let pin = AuthPin::from(config.pin.expose());
        let door = Door { module: module.clone(), place: config.place, pin, refused: AtomicBool::new(false) };
        let pool = Pool::start(door, config.sessions)?;
        pool.submit(|_| Ok(())).wait()?;
        let prefix = if environment == Environment::Test { crate::ring::TEST_PREFIX } else { "" };
        Ok(Self { pool: Arc::new(pool), provider, prefix })
    }

    /// Makes a signing key in the token under `label`: sensitive, not extractable.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn generate(&self, label: &str, algorithm: SignatureAlgorithm) -> Result<TokenSigner, TokenError> {
        let name: Box<str> = label.into();
        self.pool.submit(move |seat| key::generate(seat, &name, algorithm)).arrived().await?;
        self.signer(label, algorithm).await
    }

    /// The signing key under `label`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn signer(&self, label: &str, algorithm: SignatureAlgorithm) -> Result<TokenSigner, TokenError> {
        let name: Box<str> = label.into();
        let read = move |seat: &mut Seat| {
            seat.find(&name, ObjectClass::PRIVATE_KEY)?;
            key::public(seat, &name, algorithm)
        };
        let public = self.pool.submit(read).arrived().await?;
        TokenSigner::new(self, label, public, algorithm, self.prefix)
    }

    /// Makes a key on P-256 in the token under `label` that others seal to.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn generate_agreement_key(&self, label: &str) -> Result<TokenAgreementKey, TokenError> {
        let name: Box<str> = label.into();
        self.pool.submit(move |seat| key::generate_agreement(seat, &name)).arrived().await?;
        self.agreement_key(label).await
    }

    /// The agreement key under `label`.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn agreement_key(&self, label: &str) -> Result<TokenAgreementKey, TokenError> {
        let name: Box<str> = label.into();
        let read = move |seat: &mut Seat| {
            seat.find(&name, ObjectClass::PRIVATE_KEY)?;
            key::public(seat, &name, SignatureAlgorithm::Es256)
        };
        let public = self.pool.submit(read).arrived().await?;
        Ok(TokenAgreementKey::new(self, label, public))
    }

    /// 32 bytes that only this token can compute again: what a vault file may be opened with
    /// ([`crate::VaultKey::Secret`]). The key beneath is made under `label` if it is not there.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn vault_secret(&self, label: &str) -> Result<SecretBytes, TokenError> {
        let name: Box<str> = label.into();
        let compute = move |seat: &mut Seat| {
            let handle = match seat.find(&name, ObjectClass::SECRET_KEY) {
                Err(WorkError::Refused(TokenError::NoKey)) => seat.session.generate_key(
                    &Mechanism::GenericSecretKeyGen,
                    &[
                        Attribute::Class(ObjectClass::SECRET_KEY),
                        Attribute::KeyType(KeyType::GENERIC_SECRET),
                        Attribute::Label(name.as_bytes().to_vec()),
                        Attribute::ValueLen(32.into()),
                        Attribute::Token(true),
                        Attribute::Private(true),
                        Attribute::Sensitive(true),
                        Attribute::Extractable(false),
                        Attribute::Sign(true),
                    ],
                )?,
                found => found?,
            };
            Ok(SecretBytes::new(seat.session.sign(&Mechanism::Sha256Hmac, handle, b"ingam vault kek 1")?))
        };
        self.pool.submit(compute).arrived().await
    }

    /// Destroys every key under `label` in the token.
    ///
    /// # Errors
    /// [`TokenError`]; `NoKey` when there was none.
    pub async fn destroy(&self, label: &str) -> Result<(), TokenError> {
        let name: Box<str> = label.into();
        let destroy = move |seat: &mut Seat| {
            seat.forget(&name);
            let all = seat.session.find_objects(&[Attribute::Label(name.as_bytes().to_vec())])?;
            if all.is_empty() {
                return Err(TokenError::NoKey.into());
            }
            all.into_iter().try_for_each(|handle| seat.session.destroy_object(handle)).map_err(WorkError::from)
        };
        self.pool.submit(destroy).arrived().await
    }
}
