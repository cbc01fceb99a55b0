//! Access keys: authenticate the fintech, prove possession, issue, verify, revoke.
//!
//! Both halves of each mechanism stand side by side: what a fintech makes ([`make_assertion`], [`make_proof`],
//! [`make_verifier`]) and what an operator or a bank checks. A check returns evidence that only it can make, and
//! what depends on the check takes that evidence. There is no clock, no I/O and no HTTP framework in here.

mod assertion;
mod binding;
mod claims;
mod dpop;
mod fintech;
mod limits;
mod pkce;
mod policy;
mod secret;

pub use self::{
    assertion::{
        ASSERTION_TYPE, AssertedClient, AssertionCheck, AssertionClaims, AssertionError, AssertionKind,
        MakeAssertionError, make_assertion,
    },
    binding::{BindingError, Confirmation, SenderConstraint},
    claims::Audience,
    dpop::{
        DPOP, DPOP_NONCE, MakeProofError, NonceError, NonceSource, NonceUser, Proof, ProofCheck, ProofClaims,
        ProofError, ProofKind, ProofTarget, make_proof,
    },
    fintech::{
        AuthenticatedFintech, Authentication, AuthenticationError, AuthenticationMethod, Binding, CLIENT_CERT,
        CLIENT_CERT_CHAIN, CertificateReader, CertificateSubject, ClaimedClient, ClientCertError, ConfiguredProxy,
        EntryError, Environment, FintechAuthenticator, FintechEntry, FintechRecord, FintechStatus, FrontedPeer,
        HttpSignatures, KeySource, LoadError, PresentedCredentials, RegisteredFintech, RequestForm, StatusError,
    },
    pkce::{PkceError, challenge_of, check_verifier, make_verifier},
    policy::{AccessKeyFormat, AccessKeyPolicy, AccessKeySettings, DpopNonce, PolicyError, RiskClass, Signing},
    secret::{OneTimeSecret, SecretError, SecretKind},
};
