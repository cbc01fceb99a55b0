use cryptoki::{
    mechanism::Mechanism,
    object::{Attribute, AttributeType, ObjectClass},
};
use ingam_jose::{KeyError, PublicKey, SignatureAlgorithm};

use super::{
    TokenError,
    pool::{Seat, WorkError},
};

/// Makes a signing key pair.
pub(super) fn generate(seat: &mut Seat, label: &str, algorithm: SignatureAlgorithm) -> Result<(), WorkError> {
    let (mechanism, shape) = match algorithm {
        SignatureAlgorithm::Es256 => (Mechanism::EccKeyPairGen, vec![Attribute::EcParams(P_256.to_vec())]),
        SignatureAlgorithm::EdDsa => (Mechanism::EccEdwardsKeyPairGen, vec![Attribute::EcParams(ED25519.to_vec())]),
        SignatureAlgorithm::Ps256 => (
            Mechanism::RsaPkcsKeyPairGen,
            vec![Attribute::ModulusBits(RSA_BITS.into()), Attribute::PublicExponent(vec![1, 0, 1])],
        ),
    };
    pair(seat, label, &mechanism, shape, Attribute::Verify(true), Attribute::Sign(true))
}

/// Makes a key pair on P-256 for agreement.
pub(super) fn generate_agreement(seat: &mut Seat, label: &str) -> Result<(), WorkError> {
    let shape = vec![Attribute::EcParams(P_256.to_vec())];
    pair(seat, label, &Mechanism::EccKeyPairGen, shape, Attribute::Derive(true), Attribute::Derive(true))
}

fn pair(
    seat: &mut Seat,
    label: &str,
    mechanism: &Mechanism<'_>,
    mut public: Vec<Attribute>,
    public_use: Attribute,
    private_use: Attribute,
) -> Result<(), WorkError> {
    let named = || Attribute::Label(label.as_bytes().to_vec());
    if !seat.session.find_objects(&[named()])?.is_empty() {
        return Err(TokenError::Duplicate.into());
    }
    public.extend([named(), Attribute::Token(true), Attribute::Private(false), public_use]);
    let private = [
        named(),
        Attribute::Token(true),
        Attribute::Private(true),
        Attribute::Sensitive(true),
        Attribute::Extractable(false),
        private_use,
    ];
    seat.session.generate_key_pair(mechanism, &public, &private)?;
    Ok(())
}

/// The public half of the key pair under `label`.
pub(super) fn public(seat: &mut Seat, label: &str, algorithm: SignatureAlgorithm) -> Result<PublicKey, WorkError> {
    let handle = seat.find(label, ObjectClass::PUBLIC_KEY)?;
    let malformed = TokenError::Key(KeyError::Malformed { expected: algorithm });
    if algorithm == SignatureAlgorithm::Ps256 {
        let wanted = [AttributeType::Modulus, AttributeType::PublicExponent];
        let (mut n, mut e) = (Vec::new(), Vec::new());
        for attribute in seat.session.get_attributes(handle, &wanted)? {
            match attribute {
                Attribute::Modulus(bytes) => n = unpadded(&bytes),
                Attribute::PublicExponent(bytes) => e = unpadded(&bytes),
                _ => {}
            }
        }
        return Ok(PublicKey::rsa(n, e).map_err(|_| malformed)?);
    }
    let attributes = seat.session.get_attributes(handle, &[AttributeType::EcPoint])?;
    let point = attributes.into_iter().find_map(|attribute| match attribute {
        Attribute::EcPoint(point) => Some(point),
        _ => None,
    });
    // PKCS#11 v2.40 wraps the point in a DER OCTET STRING; some tokens give it bare.
    let point = point.ok_or(malformed)?;
    let bare: &[u8] = match point.as_slice() {
        [0x04, length, rest @ ..] if usize::from(*length) == rest.len() => rest,
        other => other,
    };
    let key = match algorithm {
        SignatureAlgorithm::EdDsa => PublicKey::ed25519(bare),
        _ => PublicKey::p256(bare),
    };
    Ok(key.map_err(|_| malformed)?)
}

fn unpadded(number: &[u8]) -> Vec<u8> {
    number.iter().copied().skip_while(|byte| *byte == 0).collect()
}

/// Bits of RSA keys made in a token: 128 bits of strength (SP 800-57 part 1, table 2).
const RSA_BITS: u64 = 3_072;
/// The object identifier of P-256 (RFC 5480 section 2.1.1.1), DER.
const P_256: [u8; 10] = [0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];
/// `edwards25519` as PrintableString (PKCS#11 v3.0 section 2.3.10), DER; what SoftHSM 2.6 takes too.
const ED25519: [u8; 14] = [0x13, 0x0c, b'e', b'd', b'w', b'a', b'r', b'd', b's', b'2', b'5', b'5', b'1', b'9'];
