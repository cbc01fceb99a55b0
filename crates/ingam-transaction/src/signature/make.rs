use core::fmt::Write as _;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use http::{HeaderMap, HeaderValue};
use ingam_jose::{SignError, Signer};
use ingam_wire::UnixTime;

use super::{
    algorithm, base,
    component::{Component, ComponentError, Name},
    field::{SIGNATURE, SIGNATURE_INPUT},
    select::{applies, floor, has, is_present},
};
use crate::{
    head::Head,
    policy::{CoveragePolicy, Of, Required, When},
};

/// Why a message was not signed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SigningError {
    /// The message already carries a signature field.
    #[error("the message is signed already")]
    AlreadySigned,
    /// The message lacks what the policy requires to be covered.
    #[error("{component} is required and not in the message")]
    RequiredComponentMissing {
        /// Its name.
        component: &'static str,
    },
    /// A value cannot be covered.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// The signing key's algorithm is not one of the policy's.
    #[error("the policy does not admit the signing key's algorithm")]
    AlgorithmNotAllowed,
    /// The request's URI is not absolute http(s).
    #[error("the request has no absolute target")]
    NoTarget,
    /// The signing key gave no signature.
    #[error(transparent)]
    Signer(#[from] SignError),
    /// The fields cannot be printed: the key id or the nonce holds something no string may.
    #[error("the signature fields cannot be printed")]
    Unprintable,
}

impl SigningError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::AlreadySigned => "AlreadySigned",
            Self::RequiredComponentMissing { .. } => "RequiredComponentMissing",
            Self::Component(error) => error.name(),
            Self::AlgorithmNotAllowed => "AlgorithmNotAllowed",
            Self::NoTarget => "NoTarget",
            Self::Signer(_) => "Signer",
            Self::Unprintable => "Unprintable",
        }
    }
}

/// The two fields of a new signature over `head`.
pub(crate) async fn fields(
    head: Head<'_>,
    has_body: bool,
    policy: &CoveragePolicy,
    signer: &dyn Signer,
    nonce: Option<&str>,
    now: UnixTime,
) -> Result<[HeaderValue; 2], SigningError> {
    let key_algorithm = signer.verifying_key().algorithm();
    if !policy.algorithms.contains(&key_algorithm) {
        return Err(SigningError::AlgorithmNotAllowed);
    }
    // Label and `=` first, so that the field is printed once; the base takes what follows them.
    let mut field = String::with_capacity(512);
    field.push_str(policy.label);
    field.push('=');
    let start = field.len();
    let mut base = String::with_capacity(4096);
    field.push('(');
    for (index, required) in covered(head, has_body, policy).enumerate() {
        let required = required?;
        let mut component = Component::new(Name::parse(required.component)?);
        component.of_request = required.of == Of::Request;
        if index > 0 {
            field.push(' ');
        }
        let identifier = field.len();
        component.print(&mut field);
        base::line(&mut base, field.get(identifier..).unwrap_or_default(), &component, head)?;
    }
    write!(field, ");created={}", now.secs()).map_err(|_| SigningError::Unprintable)?;
    quoted(&mut field, "keyid", signer.key_id().as_str())?;
    if let Some(nonce) = nonce {
        quoted(&mut field, "nonce", nonce)?;
    }
    if let Some(alg) = algorithm::registered(key_algorithm) {
        quoted(&mut field, "alg", alg)?;
    }
    quoted(&mut field, "tag", policy.tag)?;
    base::finish(&mut base, field.get(start..).unwrap_or_default());

    let bytes = signer.sign(base.as_bytes()).await?;
    let mut signature = String::with_capacity(bytes.len().saturating_mul(4) / 3 + 16);
    signature.push_str(policy.label);
    signature.push_str("=:");
    STANDARD.encode_string(&bytes, &mut signature);
    signature.push(':');
    let printed = |text: String| HeaderValue::try_from(text).map_err(|_| SigningError::Unprintable);
    Ok([printed(field)?, printed(signature)?])
}

/// Puts the two fields into `headers`.
pub(crate) fn insert(headers: &mut HeaderMap, [input, signature]: [HeaderValue; 2]) {
    headers.insert(SIGNATURE_INPUT, input);
    headers.insert(SIGNATURE, signature);
}

/// What a new signature covers: what no policy can do without, all that this one requires of such a message, and what it
/// covers besides; each once.
fn covered<'h>(
    head: Head<'h>,
    has_body: bool,
    policy: &CoveragePolicy,
) -> impl Iterator<Item = Result<Required, SigningError>> + 'h {
    let required: &'static [Required] = policy.required;
    let also: &'static [&'static str] = policy.also;
    let named = |list: &[Required], component: &str| {
        list.iter().any(|required| required.component == component && required.of == Of::Message)
    };
    let floor = floor(head);
    let also = also.iter().filter(move |field| !named(required, field) && !named(floor, field));
    let floor = floor.iter().filter(move |least| !named(required, least.component));
    let required = floor.chain(required).filter_map(move |required| {
        let present = has(head, required.of, required.component);
        match (applies(required.when, head, has_body, present), present) {
            (false, _) => None,
            (true, true) => Some(Ok(*required)),
            (true, false) => Some(Err(SigningError::RequiredComponentMissing { component: required.component })),
        }
    });
    let also = also.filter(move |field| is_present(head, Of::Message, field));
    required.chain(also.map(|component| Ok(Required { component, of: Of::Message, when: When::IfPresent })))
}

/// Appends `;name="value"`; what a string may hold is printable ASCII (RFC 9651 section 4.1.6).
fn quoted(out: &mut String, name: &str, value: &str) -> Result<(), SigningError> {
    if !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Err(SigningError::Unprintable);
    }
    out.push(';');
    out.push_str(name);
    out.push_str("=\"");
    if value.contains(['"', '\\']) {
        for character in value.chars() {
            if matches!(character, '"' | '\\') {
                out.push('\\');
            }
            out.push(character);
        }
    } else {
        out.push_str(value);
    }
    out.push('"');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_string_is_escaped_so_that_it_reads_back_or_is_refused() {
        let printed = |value: &str| {
            let mut out = String::new();
            quoted(&mut out, "keyid", value).map(|()| out)
        };
        assert_eq!(printed("key-1").as_deref(), Ok(";keyid=\"key-1\""));
        assert_eq!(printed(r#"a"b\c"#).as_deref(), Ok(r#";keyid="a\"b\\c""#));
        for value in ["\u{e9}", "a\tb", "\u{7f}"] {
            assert_eq!(printed(value), Err(SigningError::Unprintable), "{value:?}");
        }
    }
}
