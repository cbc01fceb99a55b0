use core::fmt;
use std::sync::Arc;

use cryptoki::{
    mechanism::{
        Mechanism, MechanismType,
        eddsa::{EddsaParams, EddsaSignatureScheme},
        rsa::{PkcsMgfType, PkcsPssParams},
    },
    object::ObjectClass,
};
use ingam_jose::{
    CryptoProvider, Jwk, KeyAlgorithm, KeyError, KeyId, PublicKey, SignError, SignatureAlgorithm, Signer, VerifyingKey,
};
use ingam_wire::BoxFuture;

use super::{
    Token, TokenError,
    pool::{Pool, Seat},
};

/// A signing key in a token.
pub struct TokenSigner {
    pool: Arc<Pool>,
    provider: Arc<dyn CryptoProvider>,
    label: Box<str>,
    public: VerifyingKey,
    key_id: KeyId,
}

impl fmt::Debug for TokenSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenSigner")
            .field("label", &self.label)
            .field("algorithm", &self.public.algorithm())
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

impl TokenSigner {
    pub(super) fn new(
        token: &Token,
        label: &str,
        public: PublicKey,
        algorithm: SignatureAlgorithm,
        prefix: &str,
    ) -> Result<Self, TokenError> {
        let provider = Arc::clone(&token.provider);
        let jwk = Jwk::bare(public);
        let key_id: KeyId = format!("{prefix}{}", jwk.thumbprint(&*provider).to_base64url())
            .parse()
            .map_err(|_| KeyError::NoAlgorithm)?;
        let jwk = jwk
            .with_key_id(Some(key_id.clone()))
            .with_algorithm(KeyAlgorithm::Signature(algorithm))
            .map_err(KeyError::from)?;
        let public = VerifyingKey::from_jwk(&jwk, Some(algorithm), &*provider)?;
        Ok(Self { pool: Arc::clone(&token.pool), provider, label: label.into(), public, key_id })
    }

    /// Signs, and says why not.
    ///
    /// The signature is verified before it is given out: a token that answers wrongly is found out here.
    ///
    /// # Errors
    /// [`TokenError`].
    pub async fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, TokenError> {
        let algorithm = self.public.algorithm();
        // SoftHSM and many tokens take the digest for ECDSA and the message for the others.
        let input = match algorithm {
            SignatureAlgorithm::Es256 => self.provider.sha256(&[message]).to_vec(),
            SignatureAlgorithm::EdDsa | SignatureAlgorithm::Ps256 => message.to_vec(),
        };
        let label = self.label.clone();
        let sign = move |seat: &mut Seat| {
            let key = seat.find_again(&label, ObjectClass::PRIVATE_KEY)?;
            Ok(seat.session.sign(&mechanism(algorithm), key, &input)?)
        };
        let signature = self.pool.submit(sign).arrived().await?;
        self.public.verify(message, &signature).map_err(|_| TokenError::WrongAnswer)?;
        Ok(signature)
    }
}

impl Signer for TokenSigner {
    fn verifying_key(&self) -> &VerifyingKey {
        &self.public
    }

    fn key_id(&self) -> &KeyId {
        &self.key_id
    }

    fn sign<'a>(&'a self, message: &'a [u8]) -> BoxFuture<'a, Result<Vec<u8>, SignError>> {
        Box::pin(async move { self.try_sign(message).await.map_err(|_| SignError::Unreachable) })
    }
}

fn mechanism(algorithm: SignatureAlgorithm) -> Mechanism<'static> {
    match algorithm {
        SignatureAlgorithm::Es256 => Mechanism::Ecdsa,
        SignatureAlgorithm::EdDsa => Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Pure)),
        SignatureAlgorithm::Ps256 => Mechanism::Sha256RsaPkcsPss(PkcsPssParams {
            hash_alg: MechanismType::SHA256,
            mgf: PkcsMgfType::MGF1_SHA256,
            s_len: 32.into(),
        }),
    }
}
