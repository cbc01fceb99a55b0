use ingam_access_key::{
    Authentication, Binding, ClientRole, Environment, FintechEntry, FintechStatus, HttpSignatures, KeySource,
    ProofTarget, RequestForm, make_assertion, make_proof,
};
use ingam_jose::{KeySet, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_ports::PeerIdentity;
use ingam_protocol::details::AuthorizationDetail;
use ingam_wire::{HttpUrl, UnixTime};

use super::world::{BASE, PROVIDER};

pub(crate) const CALLBACK: &str = "https://fintech.example/callback";
pub(crate) const CALLBACK_WITH_QUERY: &str = "https://fintech.example/callback?dummy1=lorem&dummy2=ipsum";

/// The pair of RFC 7636 appendix B.
pub(crate) const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
pub(crate) const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

/// A fintech with its keys; what it may do is its entry.
pub(crate) struct Fintech {
    pub(crate) signing: SigningKey,
    pub(crate) dpop: SigningKey,
    pub(crate) certificate: Option<PeerIdentity>,
    pub(crate) entry: FintechEntry,
}

impl Fintech {
    pub(crate) fn new(id: &str, algorithm: SignatureAlgorithm) -> Self {
        let (signing, dpop) = (key(algorithm), key(algorithm));
        let keys = KeySource::of([signing.verifying_key().clone()]);
        let entry = FintechEntry {
            status: FintechStatus::Active,
            redirect_uris: vec![CALLBACK.parse().unwrap(), CALLBACK_WITH_QUERY.parse().unwrap()],
            scopes: "openid accounts balances transactions payments offline_access".parse().unwrap(),
            authorization_details_types: AuthorizationDetail::TYPES.map(str::to_owned).to_vec(),
            ..FintechEntry::new(id.parse().unwrap(), "모두의 가계부", "security@fintech.example", keys)
        };
        Self { signing, dpop, certificate: None, entry }
    }

    pub(crate) fn id(&self) -> &str {
        self.entry.client_id.as_str()
    }

    pub(crate) async fn assertion(&self, now: UnixTime) -> String {
        make_assertion(&self.entry.client_id, &BASE.parse().unwrap(), &self.signing, &PROVIDER, now).await.unwrap()
    }

    /// A proof of `key` for `method` and `path`.
    pub(crate) async fn proof(
        key: &SigningKey,
        method: &http::Method,
        path: &str,
        access_key: Option<&str>,
        nonce: Option<&str>,
        now: UnixTime,
    ) -> String {
        let url: HttpUrl = format!("{BASE}{path}").parse().unwrap();
        make_proof(key, &PROVIDER, ProofTarget { method, url: &url, access_key }, nonce, now).await.unwrap()
    }
}

/// A key of `algorithm`; of RSA the one fixed key, since ring makes none.
pub(crate) fn key(algorithm: SignatureAlgorithm) -> SigningKey {
    match algorithm {
        SignatureAlgorithm::Ps256 => {
            SigningKey::from_pkcs8(ingam_testkit::keys::RSA_2048_PKCS8, SignatureAlgorithm::Ps256, None, &PROVIDER)
                .unwrap()
        }
        other => SigningKey::generate(other, &PROVIDER).unwrap(),
    }
}
