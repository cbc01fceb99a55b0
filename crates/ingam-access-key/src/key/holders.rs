use std::sync::{Arc, Mutex, PoisonError};

use ingam_jose::{Thumbprint, jwt::KnownHeader};

use super::generations::Generations;
use crate::dpop::ProofKind;

/// Headers of proofs whose holder brought an access key here before, by the key's thumbprint: a holder makes all its
/// proofs with one header. Nothing of a proof but its header is remembered (decision 0072).
#[derive(Debug)]
pub(super) struct Holders(Mutex<Generations<Arc<KnownHeader<ProofKind>>>>);

impl Holders {
    pub(super) fn new() -> Self {
        Self(Mutex::new(Generations::of(GENERATION)))
    }

    pub(super) fn find(&self, jkt: &Thumbprint) -> Option<Arc<KnownHeader<ProofKind>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).find(jkt.as_bytes()).cloned()
    }

    /// An overlong header is not kept, so that memory is bounded: it is read each time.
    pub(super) fn remember(&self, jkt: Thumbprint, header: KnownHeader<ProofKind>) {
        if header.text().len() <= HEADER {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).put(*jkt.as_bytes(), Arc::new(header));
        }
    }
}

/// Keys of one generation: about 1 KiB each and at most 4, so at most 16 MiB in all.
const GENERATION: usize = 2_048;

/// In base64url: room for an RSA key of 4,096 bits.
const HEADER: usize = 1_024;

#[cfg(test)]
mod tests {
    use core::task::{Context, Poll, Waker};

    use http::Method;
    use ingam_jose::{RingProvider, SignatureAlgorithm, Signer as _, SigningKey, jwt::Presented};
    use ingam_wire::{UnixTime, base64url};

    use super::*;
    use crate::dpop::{ProofTarget, make_proof};

    fn ready<T>(future: impl Future<Output = T>) -> T {
        let Poll::Ready(value) = core::pin::pin!(future).poll(&mut Context::from_waker(Waker::noop())) else {
            panic!("a software key never waits")
        };
        value
    }

    /// The header of a proof, with a `kid` put into it.
    fn header(key: &SigningKey, key_id: &str) -> KnownHeader<ProofKind> {
        let url = "https://a.example".parse().unwrap();
        let target = ProofTarget { method: &Method::GET, url: &url, access_key: None };
        let proof = ready(make_proof(key, &RingProvider, target, None, UnixTime::from_secs(1))).unwrap();
        let [header, claims, _] = proof.split('.').collect::<Vec<_>>().try_into().unwrap();
        let header = String::from_utf8(base64url::decode(header).unwrap()).unwrap();
        let header = header.replacen('{', &format!(r#"{{"kid":"{key_id}","#), 1);
        let signed = format!("{}.{claims}", base64url::encode(header));
        let proof = format!("{signed}.{}", base64url::encode(ready(key.sign(signed.as_bytes())).unwrap()));
        Presented::parse(&proof).unwrap().verify_embedded_known(&RingProvider).unwrap().1.unwrap()
    }

    #[test]
    fn an_overlong_header_is_not_remembered() {
        let key = SigningKey::generate(SignatureAlgorithm::Es256, &RingProvider).unwrap();
        let jkt = key.verifying_key().thumbprint();
        let holders = Holders::new();
        holders.remember(jkt, header(&key, &"k".repeat(800)));
        assert!(holders.find(&jkt).is_none());
        holders.remember(jkt, header(&key, &"k".repeat(8)));
        assert!(holders.find(&jkt).is_some());
    }
}
