use ingam_jose::{
    CryptoProvider, Jwk, KeyError, SignatureAlgorithm, Signer as _, SigningKey, VerifyingKey, jwt::Presented,
};
use ingam_protocol::ClientParameters;

use crate::assertion::AssertionKind;

/// Keys that are nobody's, one of each algorithm, to check assertions against where there is no key to check with:
/// so that time tells nothing of who is registered, and how (3.1.16.8).
#[derive(Clone, Debug)]
pub(super) struct Decoys(Vec<VerifyingKey>);

impl Decoys {
    /// Fresh keys; an algorithm that the provider lacks can be no client's either and needs none.
    pub(super) fn new(provider: &dyn CryptoProvider) -> Result<Self, KeyError> {
        let fresh = |algorithm| SigningKey::generate(algorithm, provider).map(|key| key.verifying_key().clone());
        let mut keys = vec![fresh(SignatureAlgorithm::Es256)?];
        keys.extend(fresh(SignatureAlgorithm::EdDsa));
        if let Ok(rsa) = Jwk::parse(RSA.as_bytes()) {
            keys.extend(VerifyingKey::from_jwk(&rsa, Some(SignatureAlgorithm::Ps256), provider));
        }
        Ok(Self(keys))
    }

    /// Spends the time of one check of the assertion's signature. Whatever comes of it counts for nothing.
    ///
    /// x1149: 3.1.16.8
    pub(super) fn check(&self, presented: &ClientParameters) {
        let Some(assertion) = &presented.assertion else { return };
        let Ok(token) = Presented::<AssertionKind>::parse(assertion.expose()) else { return };
        if let Some(key) = self.0.iter().find(|key| key.algorithm() == token.algorithm()) {
            let _ = token.verify(key);
        }
    }
}

/// The public key of RFC 7515 appendix A.2.1: to make an RSA key takes long, and not every provider can.
const RSA: &str = concat!(
    r#"{"kty":"RSA","e":"AQAB","n":""#,
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yR",
    "T-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXB",
    "dQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9ia",
    "GNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ",
    r#""}"#
);
