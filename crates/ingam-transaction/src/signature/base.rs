use super::{
    component::{Component, ComponentError},
    input::SignatureInput,
    value,
};
use crate::head::Head;

/// The signature base of `input` over `head` (RFC 9421 section 2.5): one line per component, in the order received,
/// and the parameters last, without a final line end.
///
/// fapi: HS-2, HS-5
pub(crate) fn build(input: &SignatureInput<'_>, head: Head<'_>) -> Result<String, ComponentError> {
    // Most of a base are the values, and of these the token and the proof: room for both, so that it grows once at most.
    let mut base = String::with_capacity(input.text.len().saturating_mul(2).saturating_add(2048));
    for covered in &input.covered {
        line(&mut base, input.text.get(covered.identifier.clone()).unwrap_or_default(), &covered.component, head)?;
    }
    finish(&mut base, &input.text);
    Ok(base)
}

/// Appends the line of one component.
pub(crate) fn line(
    base: &mut String,
    identifier: &str,
    component: &Component<'_>,
    head: Head<'_>,
) -> Result<(), ComponentError> {
    base.push_str(identifier);
    base.push_str(": ");
    value::write(component, head, base)?;
    base.push('\n');
    Ok(())
}

/// Appends the last line.
pub(crate) fn finish(base: &mut String, parameters: &str) {
    base.push_str("\"@signature-params\": ");
    base.push_str(parameters);
}
