//! The little DER that key files need (X.690; RFC 5958, RFC 5915, RFC 8410, RFC 8017 appendix A).

use zeroize::Zeroizing;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// `[1]`, constructed, of ECPrivateKey.
const CONTEXT_1_CONSTRUCTED: u8 = 0xa1;
/// `[1]`, primitive, of OneAsymmetricKey.
const CONTEXT_1: u8 = 0x81;

/// AlgorithmIdentifier of an EC key on P-256 (RFC 5480 section 2.1.1).
const ALGORITHM_P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03,
    0x01, 0x07,
];
/// AlgorithmIdentifier of Ed25519 (RFC 8410 section 3).
const ALGORITHM_ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
/// AlgorithmIdentifier of X25519 (RFC 8410 section 3).
const ALGORITHM_X25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x6e];
/// AlgorithmIdentifier of rsaEncryption (RFC 8017 appendix A.1).
const ALGORITHM_RSA: &[u8] =
    &[0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

type Secret = Zeroizing<Vec<u8>>;

/// OneAsymmetricKey of a P-256 key (RFC 5958, RFC 5915).
pub(crate) fn pkcs8_p256(scalar: &[u8], point: &[u8; 65]) -> Secret {
    let public = element(CONTEXT_1_CONSTRUCTED, &[&element(BIT_STRING, &[&[0], point])]);
    let key = element(SEQUENCE, &[&[INTEGER, 1, 1], &element(OCTET_STRING, &[scalar]), &public]);
    element(SEQUENCE, &[&[INTEGER, 1, 0], ALGORITHM_P256, &element(OCTET_STRING, &[&key])])
}

/// OneAsymmetricKey version 2 of an Ed25519 key, with the public half, so that the provider compares them.
pub(crate) fn pkcs8_ed25519(seed: &[u8], public: &[u8; 32]) -> Secret {
    let key = element(OCTET_STRING, &[&element(OCTET_STRING, &[seed])]);
    element(SEQUENCE, &[&[INTEGER, 1, 1], ALGORITHM_ED25519, &key, &element(CONTEXT_1, &[&[0], public])])
}

/// OneAsymmetricKey of an X25519 key.
pub(crate) fn pkcs8_x25519(scalar: &[u8]) -> Secret {
    let key = element(OCTET_STRING, &[&element(OCTET_STRING, &[scalar])]);
    element(SEQUENCE, &[&[INTEGER, 1, 0], ALGORITHM_X25519, &key])
}

/// PrivateKeyInfo of an RSA key: n, e, d, p, q, dp, dq, qi.
pub(crate) fn pkcs8_rsa(numbers: &[&[u8]; 8]) -> Secret {
    let numbers = numbers.map(unsigned);
    let mut parts: Vec<&[u8]> = vec![&[INTEGER, 1, 0]];
    parts.extend(numbers.iter().map(|number| number.as_slice()));
    let key = element(SEQUENCE, &parts);
    element(SEQUENCE, &[&[INTEGER, 1, 0], ALGORITHM_RSA, &element(OCTET_STRING, &[&key])])
}

fn unsigned(number: &[u8]) -> Secret {
    let start = number.iter().position(|b| *b != 0).unwrap_or(number.len());
    let (_, number) = number.split_at(start);
    match number.first() {
        Some(first) if *first < 0x80 => element(INTEGER, &[number]),
        _ => element(INTEGER, &[&[0], number]),
    }
}

fn element(tag: u8, parts: &[&[u8]]) -> Secret {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    let mut out = Zeroizing::new(Vec::with_capacity(length.saturating_add(10)));
    out.push(tag);
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => out.push(short),
        _ => {
            let bytes = length.to_be_bytes();
            let start = bytes.iter().position(|b| *b != 0).unwrap_or(bytes.len());
            let (_, bytes) = bytes.split_at(start);
            out.push(0x80 | u8::try_from(bytes.len()).unwrap_or(8));
            out.extend_from_slice(bytes);
        }
    }
    for part in parts {
        out.extend_from_slice(part);
    }
    out
}
