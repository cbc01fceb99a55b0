use core::fmt;

use bytes::Bytes;
use ingam_jose::VerifyingKey;
use ingam_protocol::ClientId;

use crate::head::Length;

/// A message whose signature and claims were verified, or that a policy let pass unsigned.
///
/// Only [`super::check`] makes one:
///
/// ```
/// # use ingam_transaction::message::VerifiedMessage;
/// fn serve(message: &VerifiedMessage) -> usize { message.body().len() }
/// ```
/// ```compile_fail
/// # use ingam_transaction::message::VerifiedMessage;
/// fn serve(message: &VerifiedMessage) -> usize { message.body.len() }
/// ```
pub struct VerifiedMessage {
    pub(super) body: Bytes,
    pub(super) coverage: MessageCoverage,
    pub(super) id: Option<String>,
    pub(super) fintech: ClientId,
    pub(super) signer: Option<VerifyingKey>,
    pub(super) policy: &'static str,
}

/// What the signature of a message stands for; a part that is `false` was compared with nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MessageCoverage {
    /// The body.
    pub body: bool,
    /// Whom the message is for.
    pub audience: bool,
    /// The method of the request.
    pub method: bool,
    /// The request that an answer answers.
    pub request: bool,
}

impl MessageCoverage {
    /// Nothing is covered: the message came unsigned.
    pub const UNSIGNED: Self = Self { body: false, audience: false, method: false, request: false };
}

impl VerifiedMessage {
    /// The body: of a detached signature the bytes that arrived, of a JWT the bytes of its content.
    #[must_use]
    pub const fn body(&self) -> &Bytes {
        &self.body
    }

    /// What the signature stands for.
    #[must_use]
    pub const fn coverage(&self) -> MessageCoverage {
        self.coverage
    }

    /// The message's one-time identifier, which an answer names.
    #[must_use]
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// The key that signed.
    #[must_use]
    pub const fn signer(&self) -> Option<&VerifyingKey> {
        self.signer.as_ref()
    }

    /// Whose key that is; for an unsigned message, the one the caller named.
    #[must_use]
    pub const fn fintech(&self) -> &ClientId {
        &self.fintech
    }

    /// Name and version of the policy that admitted the message.
    #[must_use]
    pub const fn policy(&self) -> &'static str {
        self.policy
    }
}

impl fmt::Debug for VerifiedMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifiedMessage")
            .field("body", &Length(&self.body))
            .field("coverage", &self.coverage)
            .field("fintech", &self.fintech)
            .field("signer", &self.signer)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}
