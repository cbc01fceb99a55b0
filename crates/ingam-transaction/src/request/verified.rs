use core::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderValue, Method};
use ingam_jose::VerifyingKey;
use ingam_protocol::ClientId;

use super::Received;
use crate::{
    head::{Length, RequestHead},
    signature::select::Coverings,
};

/// A request whose signature, freshness and digest were verified, or that a policy let pass unsigned.
///
/// It shows what was covered and nothing else. Only [`super::check`] makes one:
///
/// ```
/// # use ingam_transaction::request::VerifiedRequest;
/// fn serve(request: &VerifiedRequest) -> usize { request.body().len() }
/// ```
/// ```compile_fail
/// # use ingam_transaction::request::VerifiedRequest;
/// fn serve(request: &VerifiedRequest) -> usize { request.body.len() }
/// ```
pub struct VerifiedRequest {
    pub(crate) head: Arc<RequestHead>,
    pub(crate) body: Bytes,
    pub(crate) coverage: Coverage,
    pub(crate) fintech: ClientId,
    pub(crate) signer: Option<VerifyingKey>,
    pub(crate) access_key_hash: Option<[u8; 32]>,
    pub(crate) policy: &'static str,
}

impl fmt::Debug for VerifiedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedRequest")
            .field("head", &self.head)
            .field("body", &Length(&self.body))
            .field("coverage", &self.coverage)
            .field("fintech", &self.fintech)
            .field("signer", &self.signer)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// What protects a message.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Coverage {
    /// A signature over these components.
    Signed(Components),
    /// The channel only, as the policy permitted.
    Unsigned,
}

/// The component identifiers a signature covered.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Components(pub(crate) Coverings);

impl Components {
    /// The identifiers as they stood in `Signature-Input`, e.g. `"@method"` or `"content-digest";req`.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter()
    }
}

impl Coverage {
    pub(crate) fn shows_field(&self, name: &str) -> bool {
        match self {
            Self::Signed(components) => components.0.covers_field(name),
            Self::Unsigned => true,
        }
    }
}

impl VerifiedRequest {
    /// What protects the request.
    #[must_use]
    pub const fn coverage(&self) -> &Coverage {
        &self.coverage
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> &Method {
        &self.head.method
    }

    /// The target URI: the server's origin with path and query.
    #[must_use]
    pub fn target(&self) -> &str {
        self.head.target.uri()
    }

    /// The path of the target, percent-encoded as it was sent.
    #[must_use]
    pub fn path(&self) -> &str {
        self.head.target.path()
    }

    /// The query of the target without `?`, percent-encoded as it was sent.
    #[must_use]
    pub fn query(&self) -> Option<&str> {
        self.head.target.query()
    }

    /// The body: the bytes the covered digest is of (a signed body always has one).
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// The value of a field (name in lower case), if the signature covers it and it stands there exactly once.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&HeaderValue> {
        let mut values = self.headers(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// All lines of a field (name in lower case), if the signature covers it.
    pub fn headers<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a HeaderValue> + use<'a> {
        let shown = self.coverage.shows_field(name);
        self.head.headers.get_all(name).iter().filter(move |_| shown)
    }

    /// SHA-256 of the access key in `Authorization`; `None` where there is not exactly one of the form `scheme token`, or
    /// a signature does not cover it.
    #[must_use]
    pub const fn access_key_hash(&self) -> Option<&[u8; 32]> {
        self.access_key_hash.as_ref()
    }

    /// The key that signed.
    #[must_use]
    pub const fn signer(&self) -> Option<&VerifyingKey> {
        self.signer.as_ref()
    }

    /// The fintech whose key that is; for an unsigned request, the one the caller named.
    #[must_use]
    pub const fn fintech(&self) -> &ClientId {
        &self.fintech
    }

    /// Name and version of the policy that admitted the request.
    #[must_use]
    pub const fn policy(&self) -> &'static str {
        self.policy
    }

    /// What the answer is to be bound to.
    #[must_use]
    pub fn received(&self) -> Received {
        Received(Arc::clone(&self.head))
    }
}
