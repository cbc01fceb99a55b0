use core::fmt;
use std::sync::Arc;

use cryptoki::{
    mechanism::{
        Mechanism,
        elliptic_curve::{EcKdf, Ecdh1DeriveParams},
    },
    object::{Attribute, AttributeType, KeyType, ObjectClass},
};
use ingam_jose::{AgreementKey, InvalidPeerKey, PublicKey};
use zeroize::Zeroizing;

use super::{
    Token, TokenError,
    pool::{Pool, Seat},
};

/// A key in a token that others seal to (ECDH-ES on P-256): [`OpeningKey::from_agreement_key`] opens a JWE with it, and
/// [`RecipientKey::from_agreement_key`] an HPKE message, without the private key in memory.
///
/// [`OpeningKey::from_agreement_key`]: ingam_jose::OpeningKey::from_agreement_key
/// [`RecipientKey::from_agreement_key`]: ingam_jose::hpke::RecipientKey::from_agreement_key
pub struct TokenAgreementKey {
    pool: Arc<Pool>,
    label: Box<str>,
    public: PublicKey,
}

impl fmt::Debug for TokenAgreementKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenAgreementKey").field("label", &self.label).finish_non_exhaustive()
    }
}

impl TokenAgreementKey {
    pub(super) fn new(token: &Token, label: &str, public: PublicKey) -> Self {
        Self { pool: Arc::clone(&token.pool), label: label.into(), public }
    }
}

impl AgreementKey for TokenAgreementKey {
    fn public(&self) -> PublicKey {
        self.public.clone()
    }

    /// Blocks until the token has answered; call it where blocking is allowed.
    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, InvalidPeerKey> {
        let PublicKey::P256(point) = peer else { return Err(InvalidPeerKey) };
        let (label, point) = (self.label.clone(), *point);
        let agree = move |seat: &mut Seat| {
            let key = seat.find_again(&label, ObjectClass::PRIVATE_KEY)?;
            let mechanism = Mechanism::Ecdh1Derive(Ecdh1DeriveParams::new(EcKdf::null(), &point));
            let template = [
                Attribute::Class(ObjectClass::SECRET_KEY),
                Attribute::KeyType(KeyType::GENERIC_SECRET),
                Attribute::ValueLen(32.into()),
                Attribute::Token(false),
                Attribute::Sensitive(false),
                Attribute::Extractable(true),
            ];
            let derived = seat.session.derive_key(&mechanism, key, &template)?;
            let value = seat.session.get_attributes(derived, &[AttributeType::Value]);
            seat.session.destroy_object(derived)?;
            let mut shared = Zeroizing::new([0; 32]);
            for attribute in value? {
                if let Attribute::Value(bytes) = attribute {
                    let bytes = Zeroizing::new(bytes);
                    if bytes.len() != shared.len() {
                        return Err(TokenError::WrongAnswer.into());
                    }
                    shared.copy_from_slice(&bytes);
                    return Ok(shared);
                }
            }
            Err(TokenError::WrongAnswer.into())
        };
        self.pool.submit(agree).wait().map_err(|_| InvalidPeerKey)
    }
}
