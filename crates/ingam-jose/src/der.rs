//! The little DER that key files need (X.690; RFC 5958, RFC 5915, RFC 8410, RFC 8017 appendix A).

use zeroize::Zeroizing;

use crate::{JwkError, PublicKey, SignatureAlgorithm};

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
/// `[0]`, constructed, of ECPrivateKey: its curve.
const CONTEXT_0_CONSTRUCTED: u8 = 0xa0;
/// `[1]`, constructed, of ECPrivateKey: its public half.
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

/// PrivateKeyInfo of an RSA key that stands as RSAPrivateKey (RFC 8017 appendix A.1.2).
#[cfg(feature = "jsonwebtoken")]
pub(crate) fn pkcs1_to_pkcs8(der: &[u8]) -> Secret {
    element(SEQUENCE, &[&[INTEGER, 1, 0], ALGORITHM_RSA, &element(OCTET_STRING, &[der])])
}

/// A key's type, as its AlgorithmIdentifier says.
#[derive(Clone, Copy)]
enum KeyType {
    P256,
    Ed25519,
    X25519,
    Rsa,
}

impl KeyType {
    fn of(identifier: &[u8]) -> Option<Self> {
        // The constants hold the whole element, `identifier` what stands behind its two-byte head.
        let is = |whole: &[u8]| whole.split_at_checked(2).is_some_and(|(_, body)| body == identifier);
        match () {
            () if is(ALGORITHM_P256) => Some(Self::P256),
            () if is(ALGORITHM_ED25519) => Some(Self::Ed25519),
            () if is(ALGORITHM_X25519) => Some(Self::X25519),
            () if is(ALGORITHM_RSA) => Some(Self::Rsa),
            () => None,
        }
    }
}

/// The key in a SubjectPublicKeyInfo.
pub(crate) fn read_spki(der: &[u8]) -> Result<PublicKey, JwkError> {
    let mut reader = Reader(der);
    let mut info = Reader(reader.only(SEQUENCE).ok_or(JwkError::Malformed)?);
    let identifier = info.next(SEQUENCE).ok_or(JwkError::Malformed)?;
    let bits = info.only(BIT_STRING).ok_or(JwkError::Malformed)?;
    let (unused, key) = bits.split_first().ok_or(JwkError::Malformed)?;
    if *unused != 0 {
        return Err(JwkError::Malformed);
    }
    let fixed = || key.try_into().map_err(|_| JwkError::WrongSize);
    match KeyType::of(identifier).ok_or(JwkError::UnsupportedKeyType)? {
        KeyType::P256 => PublicKey::p256(key),
        KeyType::Ed25519 => PublicKey::ed25519(key),
        KeyType::X25519 => Ok(PublicKey::X25519(fixed()?)),
        KeyType::Rsa => read_rsa_public(key),
    }
}

/// An RSAPublicKey (RFC 8017 appendix A.1.1).
pub(crate) fn read_rsa_public(der: &[u8]) -> Result<PublicKey, JwkError> {
    let mut reader = Reader(der);
    let mut key = Reader(reader.only(SEQUENCE).ok_or(JwkError::Malformed)?);
    let n = key.unsigned().ok_or(JwkError::Malformed)?;
    let e = key.unsigned().ok_or(JwkError::Malformed)?;
    if !key.0.is_empty() {
        return Err(JwkError::Malformed);
    }
    PublicKey::rsa(n.to_vec(), e.to_vec())
}

/// The public half of an RSA key in PKCS#8 (RFC 8017 appendix A.1.2).
#[cfg(any(feature = "aws-lc-rs", feature = "jsonwebtoken"))]
pub(crate) fn pkcs8_rsa_public(der: &[u8]) -> Option<PublicKey> {
    let mut info = Reader(Reader(der).only(SEQUENCE)?);
    info.next(INTEGER)?;
    info.next(SEQUENCE)?;
    let mut key = Reader(Reader(info.next(OCTET_STRING)?).only(SEQUENCE)?);
    key.next(INTEGER)?;
    let (n, e) = (key.unsigned()?, key.unsigned()?);
    PublicKey::rsa(n.to_vec(), e.to_vec()).ok()
}

/// The private half of a key in PKCS#8, as it stands there.
pub(crate) enum PrivateParts<'a> {
    /// The scalar of a P-256 key.
    P256(&'a [u8]),
    /// The seed of an Ed25519 key.
    Ed25519(&'a [u8]),
    /// d, p, q, dp, dq, qi of an RSA key.
    Rsa([&'a [u8]; 6]),
}

/// Reads the private half of a signing key in PKCS#8.
pub(crate) fn pkcs8_private(der: &[u8]) -> Option<PrivateParts<'_>> {
    let mut info = Reader(Reader(der).only(SEQUENCE)?);
    info.next(INTEGER)?;
    let key_type = KeyType::of(info.next(SEQUENCE)?)?;
    let mut inner = Reader(info.next(OCTET_STRING)?);
    match key_type {
        KeyType::P256 => {
            let mut key = Reader(inner.only(SEQUENCE)?);
            key.next(INTEGER)?;
            key.next(OCTET_STRING).map(PrivateParts::P256)
        }
        KeyType::Ed25519 => inner.only(OCTET_STRING).map(PrivateParts::Ed25519),
        KeyType::Rsa => {
            let mut key = Reader(inner.only(SEQUENCE)?);
            key.next(INTEGER)?;
            key.unsigned()?;
            key.unsigned()?;
            let mut numbers: [&[u8]; 6] = [&[]; 6];
            for number in &mut numbers {
                *number = key.unsigned()?;
            }
            Some(PrivateParts::Rsa(numbers))
        }
        KeyType::X25519 => None,
    }
}

/// The signature algorithm that the type of a PKCS#8 key leaves.
pub(crate) fn pkcs8_algorithm(der: &[u8]) -> Option<SignatureAlgorithm> {
    let mut info = Reader(Reader(der).only(SEQUENCE)?);
    info.next(INTEGER)?;
    match KeyType::of(info.next(SEQUENCE)?)? {
        KeyType::P256 => Some(SignatureAlgorithm::Es256),
        KeyType::Ed25519 => Some(SignatureAlgorithm::EdDsa),
        KeyType::Rsa => Some(SignatureAlgorithm::Ps256),
        KeyType::X25519 => None,
    }
}

/// An ECPrivateKey of P-256 that holds its public half (RFC 5915), as PKCS#8.
pub(crate) fn sec1_to_pkcs8(der: &[u8]) -> Option<Secret> {
    let mut key = Reader(Reader(der).only(SEQUENCE)?);
    if key.next(INTEGER)? != [1] {
        return None;
    }
    let scalar = key.next(OCTET_STRING)?;
    if let Some(parameters) = key.next(CONTEXT_0_CONSTRUCTED)
        && !ALGORITHM_P256.ends_with(parameters)
    {
        return None;
    }
    let bits = Reader(key.only(CONTEXT_1_CONSTRUCTED)?).only(BIT_STRING)?;
    let (unused, point) = bits.split_first()?;
    let point: &[u8; 65] = point.try_into().ok()?;
    (*unused == 0 && scalar.len() == 32).then(|| pkcs8_p256(scalar, point))
}

/// Reads elements one after another; an element that is not the expected one is left where it is.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let (first, rest) = self.0.split_first()?;
        let (length, rest) = rest.split_first()?;
        if *first != tag {
            return None;
        }
        let (length, rest) = match length {
            0..=0x7f => (usize::from(*length), rest),
            // A length is written in as few bytes as it takes (X.690 section 10.1).
            0x81 => {
                let (length, rest) = rest.split_first().filter(|(length, _)| **length >= 0x80)?;
                (usize::from(*length), rest)
            }
            0x82 => {
                let (length, rest) = rest.split_first_chunk::<2>().filter(|(length, _)| length[0] != 0)?;
                (usize::from(u16::from_be_bytes(*length)), rest)
            }
            _ => return None,
        };
        let (body, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some(body)
    }

    /// The next element, which must be the last.
    fn only(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next(tag).filter(|_| self.0.is_empty())
    }

    /// A positive INTEGER without its leading zero.
    fn unsigned(&mut self) -> Option<&'a [u8]> {
        match self.next(INTEGER)? {
            [0, rest @ ..] if rest.first().is_some_and(|first| *first >= 0x80) => Some(rest),
            [first, ..] if *first == 0 || *first >= 0x80 => None,
            number => (!number.is_empty()).then_some(number),
        }
    }
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
