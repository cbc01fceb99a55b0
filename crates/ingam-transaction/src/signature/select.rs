use std::borrow::Cow;

use http::HeaderMap;
use ingam_jose::{KeySet, VerifyingKey};
use ingam_wire::UnixTime;

use super::{
    algorithm, base,
    component::{Component, Name},
    field::{SIGNATURE, SIGNATURE_INPUT, joined, signatures},
    input::{self, SignatureFieldError, SignatureInput},
};
use crate::{
    head::{Head, ResponseHead},
    limits,
    policy::{CoveragePolicy, Of, Required, When},
};

/// Why a signature does not stand for the message, in the order of the checks.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureError {
    /// The signature fields, or a covered component, cannot be read.
    #[error(transparent)]
    Field(#[from] SignatureFieldError),
    /// No signature has the tag of the policy (RFC 9421 section 3.2).
    #[error("no signature has the expected tag")]
    WrongTag,
    /// Several signatures have the tag; one message has one meaning.
    #[error("several signatures have the expected tag")]
    SeveralSignatures,
    /// A component the policy requires is not covered, or not in the message.
    #[error("{component} is required and not covered")]
    RequiredComponentMissing {
        /// Its name.
        component: &'static str,
    },
    /// `created` is required.
    #[error("the signature has no time of creation")]
    CreatedMissing,
    /// `created` lies further ahead than the skew.
    #[error("the signature was created in the future")]
    CreatedInFuture,
    /// `created` lies further back than the window.
    #[error("the signature is too old")]
    TooOld,
    /// `expires` has passed, or lies before `created`.
    #[error("the signature has expired")]
    Expired,
    /// `nonce` is required.
    #[error("the signature has no nonce")]
    NonceMissing,
    /// `alg` names an algorithm, or the key has one, that the policy does not admit.
    #[error("algorithm not allowed")]
    AlgorithmNotAllowed,
    /// No key fits `keyid`.
    #[error("unknown key")]
    UnknownKey,
    /// `alg` is not the key's algorithm.
    #[error("the message's algorithm is not the key's")]
    KeyAlgorithmMismatch,
    /// The signature is not the key's over this message.
    #[error("bad signature")]
    BadSignature,
}

impl SignatureError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Field(error) => error.name(),
            Self::WrongTag => "WrongTag",
            Self::SeveralSignatures => "SeveralSignatures",
            Self::RequiredComponentMissing { .. } => "RequiredComponentMissing",
            Self::CreatedMissing => "CreatedMissing",
            Self::CreatedInFuture => "CreatedInFuture",
            Self::TooOld => "TooOld",
            Self::Expired => "Expired",
            Self::NonceMissing => "NonceMissing",
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::UnknownKey => "UnknownKey",
            Self::KeyAlgorithmMismatch => "KeyAlgorithmMismatch",
            Self::BadSignature => "BadSignature",
        }
    }
}

/// A signature that was verified, and what it covers.
pub(crate) struct Proven<'f> {
    pub(crate) covered: Coverings,
    pub(crate) key: VerifyingKey,
    pub(crate) created: UnixTime,
    pub(crate) nonce: Option<Cow<'f, str>>,
    /// The bytes that were signed.
    pub(crate) base: String,
}

/// The identifiers of the covered components, as they stood in `Signature-Input`: an inner list with its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Coverings(String);

impl Coverings {
    /// The identifiers: what stands between the spaces that are in no string, up to the end of the list.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut rest = self.0.strip_prefix('(').unwrap_or_default();
        let identifiers = core::iter::from_fn(move || {
            let (mut quoted, mut escaped) = (false, false);
            let end = rest.bytes().position(|byte| {
                let ended = !quoted && matches!(byte, b' ' | b')');
                quoted ^= byte == b'"' && !escaped;
                escaped = byte == b'\\' && !escaped;
                ended
            })?;
            let (identifier, after) = rest.split_at_checked(end)?;
            rest = after.strip_prefix(' ').unwrap_or_default();
            Some(identifier)
        });
        identifiers.filter(|identifier| !identifier.is_empty())
    }

    /// Whether the field `name` of the message itself is covered as it stands there. `sf` covers what the field means, and
    /// its lines may say other things besides: of a key that is there twice only the last is meant.
    pub(crate) fn covers_field(&self, name: &str) -> bool {
        self.iter().any(|identifier| {
            identifier
                .strip_prefix('"')
                .and_then(|rest| rest.strip_prefix(name))
                .is_some_and(|rest| matches!(rest, "\"" | "\";bs"))
        })
    }
}

/// Whether the message carries any signature field.
pub(crate) fn is_signed(headers: &HeaderMap) -> bool {
    headers.contains_key(SIGNATURE_INPUT) || headers.contains_key(SIGNATURE)
}

/// What the coverage rules depend on.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) has_body: bool,
}

/// The two signature fields of a message.
pub(crate) struct SignatureFields<'h> {
    input: Cow<'h, [u8]>,
    signature: Cow<'h, [u8]>,
}

impl<'h> SignatureFields<'h> {
    /// The fields, if either is there.
    pub(crate) fn of(headers: &'h HeaderMap) -> Option<Self> {
        match (joined(headers, &SIGNATURE_INPUT), joined(headers, &SIGNATURE)) {
            (None, None) => None,
            (input, signature) => {
                Some(Self { input: input.unwrap_or_default(), signature: signature.unwrap_or_default() })
            }
        }
    }

    /// Verifies the one signature of `head` that carries the policy's tag.
    pub(crate) fn verify(
        &self,
        head: Head<'_>,
        facts: Facts,
        policy: &CoveragePolicy,
        keys: &KeySet,
        now: UnixTime,
    ) -> Result<Proven<'_>, SignatureError> {
        let inputs = input::parse(&self.input)?;
        let signatures = signatures(&self.signature)?;
        let paired = inputs.iter().all(|input| signatures.iter().any(|(label, _)| *label == input.label));
        if !paired || inputs.len() != signatures.len() {
            return Err(SignatureFieldError::LabelMismatch.into());
        }
        let mut ours = inputs.into_iter().filter(|input| input.tag.as_deref() == Some(policy.tag));
        let input = ours.next().ok_or(SignatureError::WrongTag)?;
        if ours.next().is_some() {
            return Err(SignatureError::SeveralSignatures);
        }
        let signature = signatures
            .iter()
            .find_map(|(label, bytes)| (*label == input.label).then_some(bytes.as_slice()))
            .ok_or(SignatureFieldError::LabelMismatch)?;

        check_coverage(&input, head, facts, policy)?;
        let created = check_times(&input, policy, now)?;
        if policy.nonce_required && input.nonce.is_none() {
            return Err(SignatureError::NonceMissing);
        }
        let candidates = candidates(&input, policy, keys)?;
        let base = base::build(&input, head).map_err(SignatureFieldError::from)?;
        let key = candidates
            .into_iter()
            .flatten()
            .find(|key| key.verify(base.as_bytes(), signature).is_ok())
            .ok_or(SignatureError::BadSignature)?
            .clone();
        Ok(Proven { covered: Coverings(input.text), key, created, nonce: input.nonce, base })
    }
}

/// What no policy can do without: a verified message shows these without asking whether they were covered.
const REQUEST_FLOOR: &[Required] = &[
    Required { component: "@method", of: Of::Message, when: When::Always },
    Required { component: "@target-uri", of: Of::Message, when: When::Always },
    Required { component: "content-digest", of: Of::Message, when: When::IfBody },
];

/// As [`REQUEST_FLOOR`], of an answer.
const RESPONSE_FLOOR: &[Required] = &[
    Required { component: "@status", of: Of::Message, when: When::Always },
    Required { component: "content-digest", of: Of::Message, when: When::IfBody },
];

/// The floor of such a message.
pub(crate) const fn floor(head: Head<'_>) -> &'static [Required] {
    match head {
        Head::Request(_) => REQUEST_FLOOR,
        Head::Response(_) => RESPONSE_FLOOR,
    }
}

/// Whether every component is covered that the policy requires of such a message.
fn check_coverage(
    input: &SignatureInput<'_>,
    head: Head<'_>,
    facts: Facts,
    policy: &CoveragePolicy,
) -> Result<(), SignatureError> {
    for required in floor(head).iter().chain(policy.required) {
        let present = has(head, required.of, required.component);
        let covered = input.covered.iter().any(|covered| {
            let component = &covered.component;
            component.name.as_str() == required.component
                && (component.is_whole() || is_signature_of_request(component, head))
                && component.of_request == (required.of == Of::Request)
        });
        // Named but not there: said as what it is, before the base would fail on it.
        let missing = if covered { !present } else { applies(required.when, head, facts.has_body, present) };
        if missing {
            return Err(SignatureError::RequiredComponentMissing { component: required.component });
        }
    }
    Ok(())
}

/// Whether `component` is the one signature of the request, by its label: `"signature";req;key="sig1"`, as RFC 9421
/// section 2.4 binds an answer and some operators do. Of several signatures it would be a part.
fn is_signature_of_request(component: &Component<'_>, head: Head<'_>) -> bool {
    let Head::Response(ResponseHead { request: Some(request), .. }) = head else { return false };
    if component.key.is_none() || !matches!(component.name, Name::Field("signature" | "signature-input")) {
        return false;
    }
    let Some(field) = joined(&request.headers, &SIGNATURE_INPUT) else { return false };
    // That the label is this key is found when the base is built.
    input::parse(&field).is_ok_and(|inputs| inputs.len() == 1)
}

/// Whether a component must be covered `when` it says so, in a message that has it or not.
pub(crate) fn applies(when: When, head: Head<'_>, has_body: bool, present: bool) -> bool {
    match when {
        When::Always => true,
        When::IfBody => has_body,
        When::IfPresent => present,
        When::IfRequestUnsigned => present && !is_present(head, Of::Request, "signature"),
    }
}

/// Whether the message has the component: a derived one always.
pub(crate) fn has(head: Head<'_>, of: Of, component: &str) -> bool {
    component.starts_with('@') || is_present(head, of, component)
}

pub(crate) fn is_present(head: Head<'_>, of: Of, field: &str) -> bool {
    match (head, of) {
        (Head::Request(request), Of::Message) => request.headers.contains_key(field),
        (Head::Request(_), Of::Request) => false,
        (Head::Response(response), Of::Message) => response.headers.contains_key(field),
        (Head::Response(response), Of::Request) => {
            response.request.is_some_and(|request| request.headers.contains_key(field))
        }
    }
}

/// Whether the signature is fresh at `now`; the age counts from `created`, `expires` can only shorten it.
fn check_times(input: &SignatureInput<'_>, policy: &CoveragePolicy, now: UnixTime) -> Result<UnixTime, SignatureError> {
    let created = UnixTime::from_secs(input.created.ok_or(SignatureError::CreatedMissing)?);
    if created > now.plus(policy.skew) {
        return Err(SignatureError::CreatedInFuture);
    }
    if created < now.minus(policy.window) {
        return Err(SignatureError::TooOld);
    }
    match input.expires.map(UnixTime::from_secs) {
        Some(expires) if expires <= now || expires < created => Err(SignatureError::Expired),
        _ => Ok(created),
    }
}

/// The keys that may have signed: those `keyid` names, whose own algorithm the policy admits and `alg` does not contradict.
fn candidates<'k>(
    input: &SignatureInput<'_>,
    policy: &CoveragePolicy,
    keys: &'k KeySet,
) -> Result<[Option<&'k VerifyingKey>; limits::CANDIDATES], SignatureError> {
    let alg = input.alg.as_deref();
    if alg.is_some_and(|alg| !algorithm::is_registered(alg)) {
        return Err(SignatureError::AlgorithmNotAllowed);
    }
    let (mut known, mut admitted) = (false, false);
    let mut candidates = [None; limits::CANDIDATES];
    let mut places = candidates.iter_mut();
    for key in keys.keys() {
        let named =
            input.keyid.as_deref().is_none_or(|keyid| key.key_id().is_some_and(|known| known.as_str() == keyid));
        let allowed = named && policy.algorithms.contains(&key.algorithm());
        known |= named;
        admitted |= allowed;
        if allowed && (alg.is_none() || alg == algorithm::registered(key.algorithm())) {
            let Some(place) = places.next() else { break };
            *place = Some(key);
        }
    }
    match candidates {
        [Some(_), ..] => Ok(candidates),
        _ if admitted => Err(SignatureError::KeyAlgorithmMismatch),
        _ if known => Err(SignatureError::AlgorithmNotAllowed),
        _ => Err(SignatureError::UnknownKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_string_or_behind_the_list_is_no_identifier() {
        let identifiers = [r#""@method""#, r#""@query-param";name="a \" b) \"dpop\"""#, r#""digest";req"#, r#""x\\""#];
        let covered = Coverings(format!(r#"({});created=1;nonce=") \"dpop\" ("#, identifiers.join(" ")));
        assert_eq!(covered.iter().collect::<Vec<_>>(), identifiers);
        assert!(!covered.covers_field("dpop"));
        assert!(!covered.covers_field("digest"));
        assert_eq!(Coverings("();created=1".to_owned()).iter().count(), 0);
    }
}
