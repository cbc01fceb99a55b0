use core::cell::Cell;

use http::{HeaderMap, HeaderName};
use ingam_jose::CryptoProvider;
use ingam_wire::same_bytes;
use sfv::{
    BareItemFromInput, KeyRef,
    visitor::{DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor},
};

use super::DigestAlgorithm;
use crate::{limits, signature::field::joined};

/// The digests of one field whose algorithms are active; those of other algorithms are left out.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Digests {
    sha256: Option<[u8; 32]>,
    sha512: Option<[u8; 64]>,
}

/// Why bytes are not those a digest field speaks of.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DigestError {
    /// The field is longer than its limit, no dictionary, or an active digest is no byte sequence of its length.
    #[error("malformed digest field")]
    Malformed,
    /// One algorithm is there twice.
    #[error("a digest algorithm is there twice")]
    DuplicateAlgorithm,
    /// There is no digest of an active algorithm (RFC 9530 section 5).
    #[error("no digest of an accepted algorithm")]
    NoActiveAlgorithm,
    /// The bytes are others.
    #[error("the digest is of other bytes")]
    Mismatch,
}

impl DigestError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Malformed => "DigestMalformed",
            Self::DuplicateAlgorithm => "DuplicateDigestAlgorithm",
            Self::NoActiveAlgorithm => "NoActiveDigestAlgorithm",
            Self::Mismatch => "DigestMismatch",
        }
    }
}

impl Digests {
    /// The digests in the field `name`, or `None` where the field is absent.
    ///
    /// # Errors
    /// [`DigestError`], but never `Mismatch`.
    pub fn of_field(headers: &HeaderMap, name: &HeaderName) -> Result<Option<Self>, DigestError> {
        joined(headers, name).map(|field| Self::parse(&field)).transpose()
    }

    /// The digests in a field value.
    ///
    /// # Errors
    /// [`DigestError`], but never `Mismatch`.
    pub fn parse(field: &[u8]) -> Result<Self, DigestError> {
        if field.len() > limits::DIGEST_FIELD {
            return Err(DigestError::Malformed);
        }
        let fault = Cell::new(None);
        let members = Members { digests: Self::default(), fault: &fault };
        let digests = sfv::Parser::new(field)
            .parse_dictionary_with_visitor(members)
            .map_err(|_| fault.take().unwrap_or(DigestError::Malformed))?;
        if digests == Self::default() { Err(DigestError::NoActiveAlgorithm) } else { Ok(digests) }
    }

    /// Whether every digest is of `bytes`, compared in constant time.
    ///
    /// # Errors
    /// [`DigestError::Mismatch`].
    pub fn check(&self, bytes: &[u8], provider: &dyn CryptoProvider) -> Result<(), DigestError> {
        let sha256 = self.sha256.is_none_or(|stated| same_bytes(&stated, &provider.sha256(&[bytes])));
        let sha512 = self.sha512.is_none_or(|stated| same_bytes(&stated, &provider.sha512(&[bytes])));
        if sha256 && sha512 { Ok(()) } else { Err(DigestError::Mismatch) }
    }

    /// The algorithms there are digests of.
    pub fn algorithms(&self) -> impl Iterator<Item = DigestAlgorithm> {
        let sha256 = self.sha256.is_some().then_some(DigestAlgorithm::Sha256);
        let sha512 = self.sha512.is_some().then_some(DigestAlgorithm::Sha512);
        sha256.into_iter().chain(sha512)
    }
}

struct Members<'f> {
    digests: Digests,
    fault: &'f Cell<Option<DigestError>>,
}

impl<'a> DictionaryVisitor<'a> for Members<'_> {
    type Out = Digests;
    type Error = DigestError;

    fn entry(&mut self, key: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Self::Error> {
        let algorithm = DigestAlgorithm::from_name(key.as_str());
        let twice = match algorithm {
            Some(DigestAlgorithm::Sha256) => self.digests.sha256.is_some(),
            Some(DigestAlgorithm::Sha512) => self.digests.sha512.is_some(),
            // What is left out may stand there as often as it likes.
            None => false,
        };
        if twice {
            self.fault.set(Some(DigestError::DuplicateAlgorithm));
            return Err(DigestError::DuplicateAlgorithm);
        }
        Ok(algorithm.map(|algorithm| Member { algorithm, digests: &mut self.digests }))
    }

    fn finish(self) -> Result<Digests, Self::Error> {
        Ok(self.digests)
    }
}

struct Member<'v> {
    algorithm: DigestAlgorithm,
    digests: &'v mut Digests,
}

impl<'a> EntryVisitor<'a> for Member<'_> {
    type Error = DigestError;

    fn item(self) -> Result<impl ItemVisitor<'a>, Self::Error> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Self::Error> {
        Err::<Ignored, _>(DigestError::Malformed)
    }
}

impl<'a> ItemVisitor<'a> for Member<'_> {
    type Out = ();
    type Error = DigestError;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Self::Error> {
        let BareItemFromInput::ByteSequence(bytes) = item else { return Err(DigestError::Malformed) };
        let malformed = |_| DigestError::Malformed;
        match self.algorithm {
            DigestAlgorithm::Sha256 => self.digests.sha256 = Some(bytes.try_into().map_err(malformed)?),
            DigestAlgorithm::Sha512 => self.digests.sha512 = Some(bytes.try_into().map_err(malformed)?),
        }
        Ok(Ignored)
    }
}
