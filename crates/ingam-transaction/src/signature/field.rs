use core::cell::Cell;
use std::borrow::Cow;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderName};
use sfv::{
    BareItemFromInput, KeyRef,
    visitor::{DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor},
};

use super::input::SignatureFieldError;
use crate::limits;

/// `Signature-Input` (RFC 9421 section 4.1).
pub(crate) const SIGNATURE_INPUT: HeaderName = HeaderName::from_static("signature-input");

/// `Signature` (RFC 9421 section 4.2).
pub(crate) const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// The bytes between optional white space (RFC 9110 section 5.6.3).
pub(crate) fn trim(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The lines of a field, joined as RFC 9110 section 5.2 says; lent where there is one.
pub(crate) fn joined<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<Cow<'a, [u8]>> {
    let mut lines = headers.get_all(name).iter().map(|value| trim(value.as_bytes()));
    let first = lines.next()?;
    let mut all = Cow::Borrowed(first);
    for line in lines {
        let all = all.to_mut();
        all.extend_from_slice(b", ");
        all.extend_from_slice(line);
    }
    Some(all)
}

/// Reads `Signature`: labels and the bytes of each, a label twice refused.
pub(crate) fn signatures(field: &[u8]) -> Result<Vec<(&str, Vec<u8>)>, SignatureFieldError> {
    if field.len() > limits::SIGNATURE_FIELD {
        return Err(SignatureFieldError::TooLarge);
    }
    let fault = Cell::new(None);
    let signatures = sfv::Parser::new(field)
        .parse_dictionary_with_visitor(Signatures { signatures: Vec::new(), fault: &fault })
        .map_err(|_| fault.take().unwrap_or(SignatureFieldError::MalformedSignature))?;
    if signatures.iter().all(|(_, bytes)| is_written_in(field, bytes)) {
        Ok(signatures)
    } else {
        Err(SignatureFieldError::MalformedSignature)
    }
}

/// Whether `field` writes `bytes` the one way base64 has. The parser lets stray trailing bits and missing padding pass
/// (RFC 9651 section 4.2.7 allows it), and then one signature could be written in several ways.
fn is_written_in(field: &[u8], bytes: &[u8]) -> bool {
    let mut canonical = [0; ENCODED];
    let Ok(length) = STANDARD.encode_slice(bytes, &mut canonical) else { return true };
    let canonical = canonical.get(..length).unwrap_or_default();
    let mut between_colons = field.split(|byte| *byte == b':');
    between_colons.any(|piece| piece == canonical)
}

/// Bytes of our own signatures in base64, at most: RSA-4096. Longer ones are of other labels, and nobody here verifies them.
const ENCODED: usize = 684;

struct Signatures<'a, 'f> {
    signatures: Vec<(&'a str, Vec<u8>)>,
    fault: &'f Cell<Option<SignatureFieldError>>,
}

impl<'a> DictionaryVisitor<'a> for Signatures<'a, '_> {
    type Out = Vec<(&'a str, Vec<u8>)>;
    type Error = SignatureFieldError;

    fn entry(&mut self, key: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Self::Error> {
        let error = if self.signatures.iter().any(|(label, _)| *label == key.as_str()) {
            SignatureFieldError::DuplicateLabel
        } else if self.signatures.len() >= limits::LABELS {
            SignatureFieldError::TooMany
        } else {
            return Ok(Bytes(&mut self.signatures.push_mut((key.as_str(), Vec::new())).1));
        };
        self.fault.set(Some(error));
        Err(error)
    }

    fn finish(self) -> Result<Self::Out, Self::Error> {
        Ok(self.signatures)
    }
}

struct Bytes<'v>(&'v mut Vec<u8>);

impl<'a> EntryVisitor<'a> for Bytes<'_> {
    type Error = SignatureFieldError;

    fn item(self) -> Result<impl ItemVisitor<'a>, Self::Error> {
        Ok(self)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Self::Error> {
        Err::<Ignored, _>(SignatureFieldError::MalformedSignature)
    }
}

impl<'a> ItemVisitor<'a> for Bytes<'_> {
    type Out = ();
    type Error = SignatureFieldError;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Self::Error> {
        match item {
            BareItemFromInput::ByteSequence(bytes) if !bytes.is_empty() => {
                *self.0 = bytes;
                Ok(Ignored)
            }
            _ => Err(SignatureFieldError::MalformedSignature),
        }
    }
}
