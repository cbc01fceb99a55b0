use http::{HeaderMap, HeaderName};
use sfv::{Dictionary, Item, ListEntry, Parser};

use super::{DigestAlgorithm, DigestError};
use crate::{limits, signature::field::joined};

/// What the peer would like to see in the digest field of the answer, best first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted(Vec<(DigestAlgorithm, u8)>);

impl Wanted {
    /// The active algorithm the peer likes best; `None` when it wants none that is accepted here.
    #[must_use]
    pub fn preferred(&self) -> Option<DigestAlgorithm> {
        self.0.first().filter(|(_, weight)| *weight > 0).map(|(algorithm, _)| *algorithm)
    }

    /// The weight of an algorithm, 0 (not acceptable) to 10 (best), if the peer named it.
    #[must_use]
    pub fn weight(&self, algorithm: DigestAlgorithm) -> Option<u8> {
        self.0.iter().find(|(named, _)| *named == algorithm).map(|(_, weight)| *weight)
    }
}

/// The wishes in the field `name` (`Want-Content-Digest` or `Want-Repr-Digest`, RFC 9530 section 4).
///
/// # Errors
/// [`DigestError::Malformed`] when it is no dictionary of integers from 0 to 10. A wish binds nobody, so a server
/// may answer as if the field were absent.
pub fn wanted(headers: &HeaderMap, name: &HeaderName) -> Result<Wanted, DigestError> {
    let Some(field) = joined(headers, name) else { return Ok(Wanted::default()) };
    if field.len() > limits::DIGEST_FIELD {
        return Err(DigestError::Malformed);
    }
    let dictionary: Dictionary = Parser::new(&*field).parse().map_err(|_| DigestError::Malformed)?;
    let mut wanted = Vec::new();
    for (key, entry) in &dictionary {
        let ListEntry::Item(Item { bare_item, .. }) = entry else { return Err(DigestError::Malformed) };
        let weight = bare_item.as_integer().map(i64::from).and_then(|weight| u8::try_from(weight).ok());
        let weight = weight.filter(|weight| *weight <= 10).ok_or(DigestError::Malformed)?;
        wanted.extend(DigestAlgorithm::from_name(key.as_str()).map(|algorithm| (algorithm, weight)));
    }
    wanted.sort_by_key(|(_, weight)| core::cmp::Reverse(*weight));
    Ok(Wanted(wanted))
}
