//! The answers, each from the document that its line names.

use ingam_jose::{Capability, CryptoProvider, Curve, PublicKey, SealingAlgorithm, SignatureAlgorithm, SigningKey};
use ingam_wire::base64url;

use super::SelfTestFailed;

/// Runs every test that applies, in order.
pub(crate) fn run(provider: &dyn CryptoProvider) -> Result<Vec<&'static str>, SelfTestFailed> {
    let mut passed = Vec::new();
    let mut test = |name: &'static str, holds: bool| {
        if holds {
            passed.push(name);
            Ok(())
        } else {
            Err(SelfTestFailed { test: name })
        }
    };
    test("randomness", randomness(provider))?;
    test("SHA-256", provider.sha256(&[b"a", b"bc"]) == SHA_256)?;
    test("SHA-512", provider.sha512(&[b"ab", b"c"]) == SHA_512)?;
    test("HMAC-SHA-256", provider.hmac_sha256(b"Jefe", &[b"what do ya want ", b"for nothing?"]) == HMAC)?;
    test("HKDF-SHA-256", hkdf(provider))?;
    for (algorithm, name, key, sealed) in SEALED {
        if provider.supports(Capability::Seal(algorithm)) {
            test(name, sealing(provider, algorithm, key, sealed))?;
        }
    }
    for (algorithm, name, key, message, signature) in SIGNED {
        if provider.supports(Capability::Verify(algorithm)) {
            test(name, signing(provider, algorithm, key, message, signature))?;
        }
    }
    for (curve, name, scalar, peer, shared) in AGREED {
        if provider.supports(Capability::Agree(curve)) {
            test(name, agreement(provider, curve, scalar, peer, shared))?;
        }
    }
    if provider.supports(Capability::KeyWrap) {
        test("AES-256 key wrap", key_wrap(provider))?;
    }
    Ok(passed)
}

/// Two draws differ and neither is zero: what a stuck source fails (RUSTSEC-2026-0075).
fn randomness(provider: &dyn CryptoProvider) -> bool {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    let source = provider.randomness();
    source.fill(&mut first).is_ok() && source.fill(&mut second).is_ok() && first != second && first != [0; 32]
}

fn hkdf(provider: &dyn CryptoProvider) -> bool {
    let mut out = [0; 42];
    let info: Vec<u8> = (0xf0..=0xf9).collect();
    let salt: Vec<u8> = (0..=0x0c).collect();
    provider.hkdf_sha256(&salt, &[0x0b; 22], &info, &mut out).is_ok() && out == HKDF
}

fn sealing(provider: &dyn CryptoProvider, algorithm: SealingAlgorithm, key: &[u8], sealed: &[u8]) -> bool {
    let (nonce, plain) = ([0; 12], [0; 16]);
    let mut data = plain.to_vec();
    let seals = provider.seal(algorithm, key, &nonce, &[], &mut data).is_ok() && data == sealed;
    let opens = provider.open(algorithm, key, &nonce, &[], &mut data).is_ok() && data == plain;
    let mut changed = sealed.to_vec();
    changed.last_mut().into_iter().for_each(|byte| *byte ^= 1);
    let refuses = provider.open(algorithm, key, &nonce, &[], &mut changed).is_err() && changed != plain;
    seals && opens && refuses
}

fn signing(
    provider: &dyn CryptoProvider,
    algorithm: SignatureAlgorithm,
    key: &str,
    message: &str,
    signature: &str,
) -> bool {
    let (Ok(key), Ok(signature)) =
        (SigningKey::from_private_jwk(key.as_bytes(), provider), base64url::decode(signature.as_bytes()))
    else {
        return false;
    };
    let (public, message) = (key.public(), message.as_bytes());
    let verifies = public.verify(message, &signature).is_ok() && public.verify(b"another", &signature).is_err();
    // A fresh signature must verify; Ed25519 is deterministic, so there it must be the published one.
    let signs = key.sign_now(message).is_ok_and(|fresh| {
        public.verify(message, &fresh).is_ok() && (algorithm != SignatureAlgorithm::EdDsa || fresh == signature)
    });
    verifies && (signs || !provider.supports(Capability::Sign(algorithm)))
}

fn agreement(provider: &dyn CryptoProvider, curve: Curve, scalar: &[u8; 32], peer: &[u8], shared: &[u8; 32]) -> bool {
    let peer = match curve {
        Curve::X25519 => peer.try_into().map(PublicKey::X25519),
        Curve::P256 => peer.try_into().map(PublicKey::P256),
    };
    match (provider.agreement_key(curve, scalar), peer) {
        (Ok(key), Ok(peer)) => key.agree(&peer).is_ok_and(|agreed| *agreed == *shared),
        _ => false,
    }
}

fn key_wrap(provider: &dyn CryptoProvider) -> bool {
    let kek: [u8; 32] = core::array::from_fn(|at| u8::try_from(at).unwrap_or(0));
    let wraps = provider.wrap_key(&kek, &WRAP_KEY).is_ok_and(|wrapped| wrapped == WRAPPED);
    let unwraps = provider.unwrap_key(&kek, &WRAPPED).is_ok_and(|key| *key == WRAP_KEY);
    let mut changed = WRAPPED;
    changed.iter_mut().take(1).for_each(|byte| *byte ^= 1);
    wraps && unwraps && provider.unwrap_key(&kek, &changed).is_err()
}

/// A signature test: algorithm, name, private JWK, message, signature.
type Signed = (SignatureAlgorithm, &'static str, &'static str, &'static str, &'static str);

/// RFC 7515 appendix A.3; RFC 8037 appendix A.4; the key of RFC 7515 appendix A.2 with a signature by OpenSSL.
const SIGNED: [Signed; 3] = [
    (
        SignatureAlgorithm::Es256,
        "ES256",
        concat!(
            r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","#,
            r#""y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0","d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"}"#
        ),
        concat!(
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxl",
            "LmNvbS9pc19yb290Ijp0cnVlfQ"
        ),
        "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q",
    ),
    (
        SignatureAlgorithm::EdDsa,
        "EdDSA",
        concat!(
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","#,
            r#""d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}"#
        ),
        "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ),
    (
        SignatureAlgorithm::Ps256,
        "PS256",
        include_str!("rsa.json"),
        "ingam known answer",
        concat!(
            "WOnikhqYDqlYBjoNjvT4rl6jy-9XepXlCCfD3YSirRAB5rVLyjdRY0JSZf_LlbqtbQQOyL5jM3d7E7XU1sftw1GU0TyLd2wxJeAO0g1E",
            "R1k8MykXZSSwQUS7R5mYBs-Uloz2O-qpqcA5nEJvA2WiUsdpbJ-LOkHM2VxEZYSR06uGvCSEMmaYBhTV1crYpGdAPi-HjaEtGt0vXmuS",
            "7HOmCLQE-uHCJDf1SBmzBAYCOShytl3KPYdeyF1fynn7HZMEiQ6O3u82eHrr29kR_s_7fxYOqDLo4XrM6xQPrPth-ObuUXw26aeoc_1D",
            "dYj_MK_zBEGzkstfMr2TuneUOeTjsw"
        ),
    ),
];

/// A sealing test over 16 zero bytes with a zero nonce: algorithm, name, key, ciphertext and tag.
type Sealed = (SealingAlgorithm, &'static str, &'static [u8], &'static [u8]);

/// NIST GCM test cases 2 and 14 (Known Answer Tests of SP 800-38D).
const SEALED: [Sealed; 2] = [
    (
        SealingAlgorithm::A128Gcm,
        "AES-128-GCM",
        &[0; 16],
        &hex::<32, 64>(b"0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf"),
    ),
    (
        SealingAlgorithm::A256Gcm,
        "AES-256-GCM",
        &[0; 32],
        &hex::<32, 64>(b"cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919"),
    ),
];

/// An agreement test: curve, name, our scalar, the peer's public key, the shared secret.
type Agreed = (Curve, &'static str, &'static [u8; 32], &'static [u8], &'static [u8; 32]);

/// RFC 7748 section 6.1; RFC 7518 appendix C.
const AGREED: [Agreed; 2] = [
    (
        Curve::X25519,
        "X25519",
        &hex(b"77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a"),
        &hex::<32, 64>(b"de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f"),
        &hex(b"4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742"),
    ),
    (
        Curve::P256,
        "P-256",
        &hex(b"5449836690d75caf29f0dd029ddb31b3ddb8aba9d2d515c5012465e817d4a9dc"),
        &hex::<65, 130>(
            b"04808d060082c176eed3e776a4ac598cc8672c1779f974eecc9b03411ca5b9495d\
          48b5bfc527dfce53d6ac7115237d031ccff87a0570b77350a9e503ee7305a69b",
        ),
        &hex(b"9e56d91d817135d372834283bf84269cfb316ea3da806a48f6daa7798cfe90c4"),
    ),
];

/// FIPS 180-4, "abc".
const SHA_256: [u8; 32] = hex(b"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
/// FIPS 180-4, "abc".
const SHA_512: [u8; 64] = hex(b"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a\
          2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");
/// RFC 4231 section 4.3.
const HMAC: [u8; 32] = hex(b"5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
/// RFC 5869 appendix A.1.
const HKDF: [u8; 42] = hex(b"3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
/// RFC 3394 section 4.6.
const WRAP_KEY: [u8; 32] = hex(b"00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f");
const WRAPPED: [u8; 40] = hex(b"28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");

/// The bytes that hexadecimal digits stand for, computed when compiling; a wrong length or digit does not compile.
#[expect(clippy::indexing_slicing, reason = "evaluated when compiling")]
const fn hex<const N: usize, const D: usize>(digits: &[u8; D]) -> [u8; N] {
    assert!(D == 2 * N);
    let (mut out, mut at) = ([0; N], 0);
    while at < N {
        out[at] = digit(digits[2 * at]) << 4 | digit(digits[2 * at + 1]);
        at += 1;
    }
    out
}

const fn digit(character: u8) -> u8 {
    assert!(matches!(character, b'0'..=b'9' | b'a'..=b'f'), "not a hexadecimal digit");
    if character <= b'9' { character - b'0' } else { character - b'a' + 10 }
}
