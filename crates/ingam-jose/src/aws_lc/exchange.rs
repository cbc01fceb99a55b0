use aws_lc_rs::{
    agreement::{self, ECDH_P256, UnparsedPublicKey, X25519},
    key_wrap::{AES_256, AesKek, KeyWrap as _},
    rsa::{
        OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey, OaepPublicEncryptingKey, PrivateDecryptingKey,
        PublicEncryptingKey,
    },
    signature::RsaPublicKeyComponents,
};
use zeroize::Zeroizing;

use crate::{
    AgreementKey, Curve, InvalidPeerKey, KeyDecryption, KeyEncryption, OpeningKeyError, PublicKey, SealError,
    Unsupported, der,
};

pub(super) fn agreement_key(curve: Curve, scalar: &[u8; 32]) -> Result<Box<dyn AgreementKey>, OpeningKeyError> {
    let algorithm = match curve {
        Curve::X25519 => &X25519,
        Curve::P256 => &ECDH_P256,
    };
    let private = agreement::PrivateKey::from_private_key(algorithm, scalar).map_err(|_| OpeningKeyError::Malformed)?;
    let public = private.compute_public_key().map_err(|_| OpeningKeyError::Malformed)?;
    let public = match curve {
        Curve::X25519 => public.as_ref().try_into().ok().map(PublicKey::X25519),
        Curve::P256 => public.as_ref().try_into().ok().map(PublicKey::P256),
    };
    Ok(Box::new(Agreement { private, public: public.ok_or(OpeningKeyError::Malformed)? }))
}

struct Agreement {
    private: agreement::PrivateKey,
    public: PublicKey,
}

impl AgreementKey for Agreement {
    fn public(&self) -> PublicKey {
        self.public.clone()
    }

    fn agree(&self, peer: &PublicKey) -> Result<Zeroizing<[u8; 32]>, InvalidPeerKey> {
        let (algorithm, bytes): (_, &[u8]) = match peer {
            PublicKey::X25519(point) => (&X25519, point),
            PublicKey::P256(point) => (&ECDH_P256, point),
            PublicKey::Ed25519(_) | PublicKey::Rsa { .. } => return Err(InvalidPeerKey),
        };
        // aws-lc refuses points off the curve, another curve's and an all-zero X25519 result; the last is checked again,
        // since sealing to it would be sealing to everybody. On P-256 zero is one result among others.
        let x25519 = matches!(peer, PublicKey::X25519(_));
        agreement::agree(&self.private, UnparsedPublicKey::new(algorithm, bytes), InvalidPeerKey, |secret| {
            let secret: [u8; 32] = secret.try_into().map_err(|_| InvalidPeerKey)?;
            if x25519 && secret == [0; 32] { Err(InvalidPeerKey) } else { Ok(Zeroizing::new(secret)) }
        })
    }
}

pub(super) fn wrap_key(kek: &[u8; 32], key: &[u8]) -> Result<Vec<u8>, Unsupported> {
    let failed = |_| Unsupported("wrapping of keys that are not 16 bytes or more in steps of 8");
    let mut wrapped = vec![0; key.len().saturating_add(8)];
    let length = AesKek::new(&AES_256, kek).and_then(|kek| kek.wrap(key, &mut wrapped).map(|w| w.len()));
    wrapped.truncate(length.map_err(failed)?);
    Ok(wrapped)
}

pub(super) fn unwrap_key(kek: &[u8; 32], wrapped: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
    let mut key = Zeroizing::new(vec![0; wrapped.len()]);
    let length = AesKek::new(&AES_256, kek).and_then(|kek| kek.unwrap(wrapped, &mut key).map(|key| key.len()));
    key.truncate(length.map_err(|_| SealError)?);
    Ok(key)
}

pub(super) fn key_encryption(key: &PublicKey) -> Result<Box<dyn KeyEncryption>, Unsupported> {
    let PublicKey::Rsa { n, e } = key else {
        return Err(Unsupported("RSA-OAEP-256 with a key that is not RSA"));
    };
    let failed = |_| Unsupported("RSA-OAEP-256 with this key");
    let key: PublicEncryptingKey = RsaPublicKeyComponents { n, e }.try_into().map_err(failed)?;
    Ok(Box::new(Encryption(OaepPublicEncryptingKey::new(key).map_err(failed)?)))
}

struct Encryption(OaepPublicEncryptingKey);

impl KeyEncryption for Encryption {
    fn encrypt(&self, key: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut encrypted = vec![0; self.0.ciphertext_size()];
        let done = self.0.encrypt(&OAEP_SHA256_MGF1SHA256, key, &mut encrypted, None).map(|e| e.len());
        encrypted.truncate(done.map_err(|_| SealError)?);
        Ok(encrypted)
    }
}

pub(super) fn key_decryption(pkcs8: &[u8]) -> Result<Box<dyn KeyDecryption>, OpeningKeyError> {
    let public = der::pkcs8_rsa_public(pkcs8).ok_or(OpeningKeyError::Malformed)?;
    let key = PrivateDecryptingKey::from_pkcs8(pkcs8).map_err(|_| OpeningKeyError::Malformed)?;
    let key = OaepPrivateDecryptingKey::new(key).map_err(|_| OpeningKeyError::Malformed)?;
    Ok(Box::new(Decryption { key, public }))
}

struct Decryption {
    key: OaepPrivateDecryptingKey,
    public: PublicKey,
}

impl KeyDecryption for Decryption {
    fn public(&self) -> PublicKey {
        self.public.clone()
    }

    fn decrypt(&self, encrypted: &[u8]) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let mut key = Zeroizing::new(vec![0; self.key.min_output_size()]);
        let length = self.key.decrypt(&OAEP_SHA256_MGF1SHA256, encrypted, &mut key, None).map(|key| key.len());
        key.truncate(length.map_err(|_| SealError)?);
        Ok(key)
    }
}
