use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use ingam_access_key::*;
use ingam_jose::{SignatureAlgorithm, Signer, jwt::JwtError};
use ingam_ports::{ChainError, ChainVerifier, PeerIdentity, TrustedChain};
use ingam_protocol::{ClientParameters, OAuthError};
use ingam_testkit::assert_hidden;
use ingam_wire::{SecretText, UnixTime};
use serde_json::json;

use crate::party::*;

#[derive(Debug)]
struct Ca(Result<TrustedChain, ChainError>);

impl ChainVerifier for Ca {
    fn verify(&self, _chain: &[Vec<u8>], _now: UnixTime) -> Result<TrustedChain, ChainError> {
        self.0
    }
}

fn with_ca(answer: Result<TrustedChain, ChainError>) -> FintechAuthenticator {
    let chains: Arc<dyn ChainVerifier> = Arc::new(Ca(answer));
    FintechAuthenticator::new(operator(), Arc::clone(&POLICY), Arc::clone(&PROVIDER), Some(chains)).unwrap()
}

fn only_id(client: &str) -> ClientParameters {
    ClientParameters { client_id: Some(client.parse().unwrap()), assertion: None }
}

fn asserted(token: String) -> ClientParameters {
    ClientParameters { client_id: None, assertion: Some(SecretText::new(token)) }
}

fn run(
    authenticator: &FintechAuthenticator,
    parameters: &ClientParameters,
    fintech: Option<&Fintech>,
    peer: Option<&PeerIdentity>,
) -> Result<AuthenticationMethod, AuthenticationError> {
    let found = fintech.map(|fintech| &fintech.registered);
    authenticator.authenticate(parameters, found, peer, NOW).map(fresh).map(|evidence| evidence.method())
}

/// fapi: SP-AS-6, SP-AZ-4, CA-1, X-AS-4
#[test]
fn x1149_3_1_16_2_a_fintech_is_known_by_its_assertion_alone() {
    let fintech = Fintech::new("client-1");
    let parameters = fintech.parameters(NOW);
    let authenticator = authenticator();
    assert_eq!(authenticator.claimed(&parameters).unwrap().for_lookup(), fintech.id());
    assert_eq!(run(&authenticator, &parameters, Some(&fintech), None), Ok(AuthenticationMethod::PrivateKeyJwt));
    assert_eq!(fintech.authenticated(NOW).client_id(), fintech.id());
}

/// fapi: SP-AS-3, CA-6, CA-9, X-AS-16
#[test]
fn whoever_shows_nothing_or_two_names_is_refused() {
    let fintech = Fintech::new("client-1");
    let authenticator = authenticator();
    let nobody = ClientParameters::default();
    assert_eq!(run(&authenticator, &nobody, None, None), Err(AuthenticationError::NoCredentials));
    let id_alone = only_id("client-1");
    assert_eq!(run(&authenticator, &id_alone, Some(&fintech), None), Err(AuthenticationError::AssertionRequired));
    let mut two = fintech.parameters(NOW);
    two.client_id = Some("client-2".parse().unwrap());
    assert_eq!(run(&authenticator, &two, Some(&fintech), None), Err(AuthenticationError::ClientMismatch));
    two.client_id = Some("client-1".parse().unwrap());
    assert!(run(&authenticator, &two, Some(&fintech), None).is_ok());
}

/// fapi: CA-2, CA-8
#[test]
fn the_assertion_is_checked_against_the_keys_of_the_fintech_it_names() {
    let (one, two) = (Fintech::new("client-1"), Fintech::new("client-2"));
    let authenticator = authenticator();
    // The directory gives the wrong record: refused before any key is tried.
    let parameters = one.parameters(NOW);
    assert_eq!(run(&authenticator, &parameters, Some(&two), None), Err(AuthenticationError::UnknownClient));
    // Client 2 signs an assertion that names client 1.
    let claims = json!({
        "iss": "client-1", "sub": "client-1", "aud": OPERATOR, "jti": "x", "exp": NOW.secs() + 60,
    });
    let forged = asserted(forge(&json!({"alg": "ES256", "kid": one.key.key_id().as_str()}), &claims, &two.key));
    assert_eq!(
        run(&authenticator, &forged, Some(&one), None),
        Err(AuthenticationError::Assertion(AssertionError::Token(JwtError::BadSignature)))
    );
    let no_sub = asserted(signed(None, &json!({"aud": OPERATOR}), &one.key));
    assert_eq!(
        run(&authenticator, &no_sub, Some(&one), None),
        Err(AuthenticationError::Assertion(AssertionError::SubjectMissing))
    );
    let unreadable = asserted("not.a.jwt".to_owned());
    assert!(matches!(run(&authenticator, &unreadable, None, None), Err(AuthenticationError::Unreadable(_))));
}

/// fapi: CA-7
#[test]
fn an_algorithm_that_is_not_registered_for_the_fintech_is_refused() {
    let fintech = Fintech::with("client-1", |entry| entry.algorithms = vec![SignatureAlgorithm::Ps256]);
    let refused = run(&authenticator(), &fintech.parameters(NOW), Some(&fintech), None);
    assert_eq!(refused, Err(AuthenticationError::AlgorithmNotRegistered));
}

#[test]
fn a_fintech_that_is_not_active_is_refused_after_it_was_recognised() {
    for status in [FintechStatus::Applied, FintechStatus::Suspended, FintechStatus::Terminated] {
        let fintech = Fintech::with("client-1", |entry| entry.status = status);
        let refused = run(&authenticator(), &fintech.parameters(NOW), Some(&fintech), None);
        assert_eq!(refused, Err(AuthenticationError::NotActive), "{status:?}");
    }
}

/// fapi: CA-8, X-AS-13
#[test]
fn x1149_3_1_16_8_unknown_and_wrong_look_the_same_to_the_peer() {
    let fintech = Fintech::new("client-1");
    let unknown = authenticator().authenticate(&fintech.parameters(NOW), None, None, NOW).unwrap_err();
    let wrong = run(&authenticator(), &only_id("client-1"), Some(&fintech), None).unwrap_err();
    assert_eq!(unknown, AuthenticationError::UnknownClient);
    assert_ne!(unknown.name(), wrong.name(), "the record tells them apart");
    for error in [unknown, wrong, AuthenticationError::NotActive, AuthenticationError::WrongSubject] {
        assert_eq!(error.to_oauth_error(), OAuthError::InvalidClient);
    }
}

fn mtls(change: impl FnOnce(&mut FintechEntry)) -> Fintech {
    Fintech::with("client-1", |entry| {
        entry.authentication = Authentication::TlsClientAuth(CertificateSubject::SanDns("f1.example".to_owned()));
        entry.binding = Binding::Mtls;
        change(entry);
    })
}

/// fapi: MT-1, MT-3, MT-4
#[test]
fn a_certificate_of_a_trusted_ca_with_the_registered_name_is_taken() {
    let subjects = [
        CertificateSubject::Dn("C=KR".to_owned()),
        CertificateSubject::Dn("CN=fintech-1, O=Fintech, C=KR".to_owned()),
        CertificateSubject::SanDns("F1.example".to_owned()),
        CertificateSubject::SanUri("https://f1.example/id".to_owned()),
        CertificateSubject::SanIp("192.0.2.1".parse().unwrap()),
        CertificateSubject::SanEmail("ops@f1.example".to_owned()),
    ];
    let authenticator = with_ca(Ok(TrustedChain::verified()));
    for (at, subject) in subjects.into_iter().enumerate() {
        let fintech = mtls(|entry| entry.authentication = Authentication::TlsClientAuth(subject.clone()));
        let run = |peer: u8| run(&authenticator, &only_id("client-1"), Some(&fintech), Some(&certificate(peer)));
        let expected =
            if at == 0 { Err(AuthenticationError::WrongSubject) } else { Ok(AuthenticationMethod::TlsClientAuth) };
        assert_eq!(run(1), expected, "{subject:?}");
        assert_eq!(run(2), Err(AuthenticationError::WrongSubject), "{subject:?}");
    }
}

/// Counts how often it is asked.
#[derive(Debug, Default)]
struct CountingCa(AtomicUsize);

impl ChainVerifier for CountingCa {
    fn verify(&self, _chain: &[Vec<u8>], _now: UnixTime) -> Result<TrustedChain, ChainError> {
        self.0.fetch_add(1, Ordering::SeqCst);
        Ok(TrustedChain::verified())
    }
}

/// x1149: 3.1.16.8
#[test]
fn x1149_3_1_16_8_a_certificate_costs_the_same_whoever_is_named_with_it() {
    let chains = Arc::new(CountingCa::default());
    let authenticator =
        FintechAuthenticator::new(operator(), Arc::clone(&POLICY), Arc::clone(&PROVIDER), Some(chains.clone()))
            .unwrap();
    let self_signed = mtls(|entry| entry.authentication = Authentication::SelfSignedTlsClientAuth(vec![[3; 32]]));
    for (named, expected) in [
        (None, AuthenticationError::UnknownClient),
        (Some(Fintech::new("client-1")), AuthenticationError::AssertionRequired),
        (Some(mtls(|_| {})), AuthenticationError::WrongSubject),
        (Some(self_signed), AuthenticationError::UnregisteredCertificate),
    ] {
        let refused = run(&authenticator, &only_id("client-1"), named.as_ref(), Some(&certificate(2)));
        assert_eq!((refused, chains.0.swap(0, Ordering::SeqCst)), (Err(expected), 1), "{expected}");
    }
}

/// fapi: MT-1, MT-4
#[test]
fn sr_45_anothers_certificate_or_an_untrusted_chain_is_refused() {
    let fintech = mtls(|_| {});
    let parameters = only_id("client-1");
    let trusted = with_ca(Ok(TrustedChain::verified()));
    let run_with = |authenticator: &FintechAuthenticator, peer: Option<&PeerIdentity>| {
        run(authenticator, &parameters, Some(&fintech), peer)
    };
    assert_eq!(run_with(&trusted, Some(&certificate(2))), Err(AuthenticationError::WrongSubject));
    assert_eq!(run_with(&trusted, None), Err(AuthenticationError::CertificateRequired));
    for error in [ChainError::Untrusted, ChainError::Expired, ChainError::Revoked, ChainError::RevocationUnknown] {
        let refused = run_with(&with_ca(Err(error)), Some(&certificate(1)));
        assert_eq!(refused, Err(AuthenticationError::Chain(error)), "a matching subject does not help");
    }
    assert_eq!(run_with(&authenticator(), Some(&certificate(1))), Err(AuthenticationError::NoTrustAnchors));
}

#[test]
fn the_certificates_serial_number_is_the_registered_organisations() {
    let parameters = only_id("client-1");
    let trusted = with_ca(Ok(TrustedChain::verified()));
    let registered = |number: &str| mtls(|entry| entry.organisation = Some(number.to_owned()));
    let peer = certificate(1);
    assert!(run(&trusted, &parameters, Some(&registered("110111-0000001")), Some(&peer)).is_ok());
    let other = registered("110111-0000002");
    assert_eq!(run(&trusted, &parameters, Some(&other), Some(&peer)), Err(AuthenticationError::WrongOrganisation));
    let mut unnamed = certificate(1);
    unnamed.serial_number = None;
    let same = registered("110111-0000001");
    assert_eq!(run(&trusted, &parameters, Some(&same), Some(&unnamed)), Err(AuthenticationError::WrongOrganisation));
}

/// fapi: MT-2, MT-4
#[test]
fn a_self_signed_certificate_is_one_of_the_registered_ones() {
    let fintech = mtls(|entry| entry.authentication = Authentication::SelfSignedTlsClientAuth(vec![[3; 32], [1; 32]]));
    let parameters = only_id("client-1");
    let authenticator = authenticator();
    let run = |peer: Option<&PeerIdentity>| run(&authenticator, &parameters, Some(&fintech), peer);
    assert_eq!(run(Some(&certificate(1))), Ok(AuthenticationMethod::SelfSignedTlsClientAuth));
    assert_eq!(run(Some(&certificate(2))), Err(AuthenticationError::UnregisteredCertificate));
    assert_eq!(run(None), Err(AuthenticationError::CertificateRequired));
    let mut old = certificate(1);
    old.not_after = after(-1);
    assert_eq!(run(Some(&old)), Err(AuthenticationError::CertificateExpired));
}

#[test]
fn a_fintech_authenticates_only_in_the_way_it_is_registered_for() {
    let fintech = mtls(|_| {});
    let trusted = with_ca(Ok(TrustedChain::verified()));
    let refused = run(&trusted, &fintech.parameters(NOW), Some(&fintech), Some(&certificate(1)));
    assert_eq!(refused, Err(AuthenticationError::AssertionUnexpected));
}

/// fapi: SP-AS-4, SP-AS-5, DP-9, MT-5, MT-9, X-AS-9
#[test]
fn an_access_key_is_bound_as_the_fintech_is_registered_to_and_never_unbound() {
    let holder = key(SignatureAlgorithm::Es256);
    let proof = proof(&holder, NOW);
    let peer = certificate(1);
    let dpop = SenderConstraint::required(Binding::Dpop, Some(&proof), Some(&peer)).unwrap();
    assert_eq!(dpop.confirmation(), Confirmation::Key(holder.verifying_key().thumbprint()));
    let mtls = SenderConstraint::required(Binding::Mtls, Some(&proof), Some(&peer)).unwrap();
    assert_eq!(mtls.confirmation(), Confirmation::Certificate([1; 32]));
    assert_eq!(SenderConstraint::required(Binding::Dpop, None, Some(&peer)), Err(BindingError::ProofRequired));
    assert_eq!(SenderConstraint::required(Binding::Mtls, Some(&proof), None), Err(BindingError::CertificateRequired));
}

#[test]
fn nothing_that_holds_an_assertion_prints_it() {
    let fintech = Fintech::new("client-1");
    let parameters = fintech.parameters(NOW);
    let assertion = parameters.assertion.as_ref().unwrap().expose().to_owned();
    assert_hidden(&parameters, &assertion);
    assert_hidden(&authenticator(), &assertion);
}
