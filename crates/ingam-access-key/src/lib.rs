//! Access keys: authenticate the fintech, prove possession, issue, verify, revoke.
//!
//! Both halves of each mechanism stand side by side: what a fintech makes ([`make_assertion`], [`make_proof`],
//! [`make_verifier`], [`make_request_object`]) and what an operator or a bank checks ([`FintechAuthenticator`],
//! [`ProofCheck`], [`RequestObjectCheck`], [`Verifier`]). A check returns evidence that only it can make, and what
//! depends on the check takes that evidence; [`PushedRequest`] to [`Redeemed`] are the registration phase as a chain of
//! states. There is no clock, no I/O and no HTTP framework in here.

mod assertion;
mod binding;
mod claims;
mod dpop;
mod fintech;
mod grant;
mod id_token;
mod introspection;
mod jarm;
mod key;
mod limits;
mod pkce;
mod policy;
mod registration;
mod request_object;
mod secret;

pub use self::{
    assertion::make_assertion,
    assertion::{AssertedClient, AssertionCheck, AssertionClaims, AssertionError, AssertionKind, MakeAssertionError},
    binding::{BindingError, Confirmation, SenderConstraint},
    dpop::{DPOP, DPOP_NONCE, MakeProofError, NonceError, NonceSource, NonceUser, Proof, ProofCheck, ProofClaims},
    dpop::{ProofError, ProofKind, ProofTarget, make_proof},
    fintech::{AuthenticatedFintech, Authentication, AuthenticationError, AuthenticationMethod, Binding, CLIENT_CERT},
    fintech::{CLIENT_CERT_CHAIN, CertificateReader, CertificateSubject, ClaimedClient, ClientCertError},
    fintech::{ClientRole, StatusError},
    fintech::{ConfiguredProxy, EntryError, Environment, FintechAuthenticator, FintechEntry, FintechRecord},
    fintech::{FintechStatus, FrontedPeer, HttpSignatures, KeySource, LoadError, RegisteredFintech, RequestForm},
    grant::{AccessTerms, AuthenticationContext, Grant, GrantStatus, NarrowError, RefreshError, RefreshRecord},
    grant::{RefreshTerms, RevocationReason, RevokeError},
    id_token::{ExpectedIdToken, IdTokenClaims, IdTokenContent, IdTokenError, IdTokenKind, VerifiedIdToken},
    id_token::{check_id_token, make_id_token},
    introspection::{INTROSPECTION_JWT, IntrospectedAccess, IntrospectionCaller, IntrospectionClaims},
    introspection::{IntrospectionError, IntrospectionKind, check_introspection, introspect, make_introspection},
    jarm::{JarmError, JarmKind, check_jarm, make_jarm},
    key::{Access, AccessKeyClaims, AccessKeyIssuer, AccessKeyKind, AccessRefused, AuthScheme, IssueError},
    key::{
        ClaimedIssuer, IssuedAccessKey, IssuedId, OpaqueAccessKey, PresentedAccessKey, TrustedIssuer, VerifiedAccess,
        Verifier,
    },
    pkce::{PkceError, challenge_of, check_verifier, make_verifier},
    policy::{AccessKeyFormat, AccessKeyPolicy, AccessKeySettings, DpopNonce, PolicyError, RiskClass, Signing},
    registration::UserAuthentication,
    registration::{Authenticated, AuthenticationLevel, AuthenticationRequirement, AuthenticationTooWeak, Channel},
    registration::{CodeIssued, Consent, ConsentError, Consented, Factor, FactorKind, IssuedCode, NoFactor, OpenError},
    registration::{Possession, PresentedToUser, PushError, PushedForm, PushedRequest, Redeem, RedeemError, Redeemed},
    request_object::{MakeRequestObjectError, RequestObjectCheck, RequestObjectError, RequestObjectKind},
    request_object::{VerifiedRequestObject, make_request_object},
    secret::{OneTimeSecret, SecretError, SecretKind},
};
