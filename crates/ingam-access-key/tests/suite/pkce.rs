use ingam_access_key::{PkceError, challenge_of, check_verifier, make_verifier};
use ingam_protocol::{CodeChallenge, CodeVerifier};
use ingam_testkit::vectors;
use ingam_wire::Randomness;

use crate::party::provider;

/// fapi: PK-2
#[test]
fn the_challenge_is_that_of_the_standard() {
    for case in vectors("oauth", "rfc7636")["pkce"].as_array().unwrap() {
        let verifier: CodeVerifier = case["code_verifier"].as_str().unwrap().parse().unwrap();
        let challenge = challenge_of(&verifier, provider());
        assert_eq!(challenge.to_string(), case["code_challenge"].as_str().unwrap());
        assert_eq!(check_verifier(&challenge, Some(&verifier), provider()), Ok(()));
    }
}

/// fapi: PK-1
#[test]
fn a_verifier_is_made_of_32_fresh_bytes() {
    let one = make_verifier(provider().randomness()).unwrap();
    let two = make_verifier(provider().randomness()).unwrap();
    assert_eq!(one.expose().len(), 43);
    assert_ne!(one.expose(), two.expose());
    struct Broken;
    impl Randomness for Broken {
        fn fill(&self, _: &mut [u8]) -> Result<(), ingam_wire::RandomnessUnavailable> {
            Err(ingam_wire::RandomnessUnavailable)
        }
    }
    assert!(make_verifier(&Broken).is_err());
}

/// fapi: SP-AZ-5, PK-5, PK-6, BCP-5
#[test]
fn sr_49_a_missing_or_wrong_verifier_is_refused() {
    let verifier = make_verifier(provider().randomness()).unwrap();
    let challenge: CodeChallenge = challenge_of(&verifier, provider());
    let other = make_verifier(provider().randomness()).unwrap();
    assert_eq!(check_verifier(&challenge, None, provider()), Err(PkceError::VerifierMissing));
    assert_eq!(check_verifier(&challenge, Some(&other), provider()), Err(PkceError::VerifierMismatch));
    // The challenge itself is not its own verifier (plain).
    let plain: CodeVerifier = challenge.to_string().parse().unwrap();
    assert_eq!(check_verifier(&challenge, Some(&plain), provider()), Err(PkceError::VerifierMismatch));
}
