//! Whether a point lies on P-256 (SP 800-186 section 3.2.1.3) or Ed25519 (RFC 8032), for public values only.
//!
//! The providers check it too, but only within a verification or an agreement, where the reason is lost; a key
//! that is refused when it is read says why, at a hundredth of the price.

use curve25519_dalek::edwards::CompressedEdwardsY;

type Number = [u64; 4];

/// The field's prime, 2²⁵⁶ − 2²²⁴ + 2¹⁹² + 2⁹⁶ − 1; least significant word first, as all numbers here.
const PRIME: Number = [0xffff_ffff_ffff_ffff, 0xffff_ffff, 0, 0xffff_ffff_0000_0001];

/// 2⁵¹² mod the prime: brings a number into Montgomery form.
const SQUARED_RADIX: Number = [3, 0xffff_fffb_ffff_ffff, 0xffff_ffff_ffff_fffe, 0x4_ffff_fffd];

/// The curve's `b` in Montgomery form.
const B: Number = [0xd89c_df62_29c4_bddf, 0xacf0_05cd_7884_3090, 0xe5a2_20ab_f721_2ed6, 0xdc30_061d_0487_4834];

/// Whether y² = x³ − 3x + b, with both coordinates below the prime.
pub(crate) fn is_on_p256(x: &[u8; 32], y: &[u8; 32]) -> bool {
    let (x, y) = (from_bytes(x), from_bytes(y));
    if !below_prime(&x) || !below_prime(&y) {
        return false;
    }
    let (x, y) = (multiply(&x, &SQUARED_RADIX), multiply(&y, &SQUARED_RADIX));
    let cube = multiply(&multiply(&x, &x), &x);
    let left = add(&multiply(&y, &y), &add(&x, &add(&x, &x)));
    left == add(&cube, &B)
}

/// Whether an Ed25519 key is spelled as RFC 8032 section 5.1.2 spells it and is none of the points of small order, for
/// which anybody can sign. ring and aws-lc verify with the latter, and disagree on the former.
pub(crate) fn is_proper_ed25519(key: &[u8; 32]) -> bool {
    let mut y = *key;
    y.reverse();
    y[0] &= 0x7f; // the sign of x
    let y = from_bytes(&y);
    y.iter().rev().lt(ED25519_PRIME.iter().rev()) && !SMALL_ORDER.contains(&y)
}

/// Whether an Ed25519 key is a point at all: a square root, for keys that are read once and kept.
pub(crate) fn is_on_ed25519(key: &[u8; 32]) -> bool {
    CompressedEdwardsY(*key).decompress().is_some()
}

/// 2²⁵⁵ − 19.
const ED25519_PRIME: Number = [0xffff_ffff_ffff_ffed, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff];

/// y of the eight points whose order divides the cofactor: orders 4, 1, 2, 8 and 8, each for both signs of x.
const SMALL_ORDER: [Number; 5] = [
    [0; 4],
    [1, 0, 0, 0],
    [0xffff_ffff_ffff_ffec, u64::MAX, u64::MAX, 0x7fff_ffff_ffff_ffff],
    [0x4fd8_4d3d_706a_17c7, 0x0f67_100d_760b_3cba, 0xc6cc_392c_fa53_202a, 0x7a03_ac92_77fd_c74e],
    [0xb027_b2c2_8f95_e826, 0xf098_eff2_89f4_c345, 0x3933_c6d3_05ac_dfd5, 0x05fc_536d_8802_38b1],
];

fn from_bytes(bytes: &[u8; 32]) -> Number {
    let (words, _) = bytes.as_chunks::<8>();
    let mut number = [0; 4];
    for (word, bytes) in number.iter_mut().zip(words.iter().rev()) {
        *word = u64::from_be_bytes(*bytes);
    }
    number
}

fn below_prime(number: &Number) -> bool {
    number.iter().rev().lt(PRIME.iter().rev())
}

fn add(left: &Number, right: &Number) -> Number {
    let mut sum = *left;
    let mut carry = false;
    for (word, right) in sum.iter_mut().zip(right) {
        (*word, carry) = word.carrying_add(*right, carry);
    }
    reduce(sum, carry)
}

/// `number` (with a carry behind it) minus the prime, once, where it is not below it.
fn reduce(number: Number, carry: bool) -> Number {
    if !carry && below_prime(&number) {
        return number;
    }
    let mut rest = number;
    let mut borrow = false;
    for (word, prime) in rest.iter_mut().zip(PRIME) {
        (*word, borrow) = word.borrowing_sub(prime, borrow);
    }
    rest
}

/// Montgomery's product; the factor −1/prime mod 2⁶⁴ is 1 for this prime.
fn multiply(left: &Number, right: &Number) -> Number {
    let mut low = [0_u64; 4];
    let mut high = 0_u64;
    for factor in right {
        let mut carry = 0;
        for (word, left) in low.iter_mut().zip(left) {
            (*word, carry) = left.carrying_mul_add(*factor, *word, carry);
        }
        let (top, over) = high.overflowing_add(carry);
        let [multiple, ..] = low;
        carry = 0;
        for (word, prime) in low.iter_mut().zip(PRIME) {
            (*word, carry) = prime.carrying_mul_add(multiple, *word, carry);
        }
        let (top, over_again) = top.overflowing_add(carry);
        let [_, second, third, fourth] = low;
        low = [second, third, fourth, top];
        high = u64::from(over) + u64::from(over_again);
    }
    reduce(low, high != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(hex: &str) -> [u8; 32] {
        core::array::from_fn(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).unwrap())
    }

    const GX: &str = "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296";
    const GY: &str = "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5";

    #[test]
    fn the_generator_is_on_the_curve_and_its_neighbours_are_not() {
        assert!(is_on_p256(&bytes(GX), &bytes(GY)));
        for bit in 0..256 {
            let mut y = bytes(GY);
            y[bit / 8] ^= 1 << (bit % 8);
            assert!(!is_on_p256(&bytes(GX), &y), "bit {bit}");
        }
        assert!(!is_on_p256(&bytes(GY), &bytes(GX)));
        assert!(!is_on_p256(&[0; 32], &[0; 32]));
        assert!(!is_on_p256(&[0xff; 32], &[0xff; 32]));
    }

    #[test]
    fn a_point_of_small_order_or_spelled_twice_is_no_ed25519_key() {
        use curve25519_dalek::{constants::EIGHT_TORSION, edwards::EdwardsPoint};
        for point in EIGHT_TORSION {
            let mut key = point.compress().0;
            for _sign in 0..2 {
                assert!(!is_proper_ed25519(&key), "{key:x?}");
                key[31] ^= 0x80;
            }
        }
        let (mut point, base) = (EdwardsPoint::mul_base(&7_u8.into()), EdwardsPoint::mul_base(&1_u8.into()));
        for _ in 0..64 {
            let key = point.compress().0;
            assert!(is_proper_ed25519(&key) && is_on_ed25519(&key));
            point += base;
        }
        // From the prime to 2²⁵⁵ − 1 each y has a second, smaller spelling.
        for low in 0..=u8::MAX {
            let mut key = [0xff; 32];
            (key[0], key[31]) = (low, 0x7f);
            assert_eq!(is_proper_ed25519(&key), low < 0xec, "{low:x}");
        }
        let mut two = [0; 32];
        two[0] = 2;
        assert!(is_proper_ed25519(&two) && !is_on_ed25519(&two), "no x has this y");
    }

    #[test]
    fn a_coordinate_is_not_reduced() {
        // x = 5 has a point; 5 + prime is the same field element in a second spelling.
        let mut x = [0; 32];
        x[31] = 5;
        let y = bytes("459243b9aa581806fe913bce99817ade11ca503c64d9a3c533415c083248fbcc");
        assert!(is_on_p256(&x, &y));
        let spelled_again = bytes("ffffffff00000001000000000000000000000001000000000000000000000004");
        assert!(!is_on_p256(&spelled_again, &y));
    }
}
