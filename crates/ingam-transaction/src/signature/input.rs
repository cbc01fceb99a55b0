use core::{cell::Cell, ops::Range};
use std::borrow::Cow;

use sfv::{
    BareItemFromInput, ItemSerializer, KeyRef, StringRef,
    visitor::{DictionaryVisitor, EntryVisitor, Ignored, InnerListVisitor, ItemVisitor, ParameterVisitor},
};

use super::component::{Component, ComponentError, Name};
use crate::limits;

/// One member of `Signature-Input`: what is covered, in which order, with which parameters (RFC 9421 section 4.1).
#[derive(Clone, Debug)]
pub(crate) struct SignatureInput<'a> {
    pub(crate) label: &'a str,
    /// The inner list with its parameters in the order received, serialised as section 2.3 says: for a sender that
    /// serialises strictly these are the bytes received; unknown parameters are kept.
    pub(crate) text: String,
    pub(crate) covered: Vec<Covered<'a>>,
    pub(crate) created: Option<i64>,
    pub(crate) expires: Option<i64>,
    pub(crate) nonce: Option<Cow<'a, str>>,
    pub(crate) alg: Option<Cow<'a, str>>,
    pub(crate) keyid: Option<Cow<'a, str>>,
    pub(crate) tag: Option<Cow<'a, str>>,
}

/// A covered component, and where its identifier stands in [`SignatureInput::text`].
#[derive(Clone, Debug)]
pub(crate) struct Covered<'a> {
    pub(crate) component: Component<'a>,
    pub(crate) identifier: Range<usize>,
}

/// Why the signature fields of a message were refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SignatureFieldError {
    /// A signature field is longer than its limit.
    #[error("a signature field is too long")]
    TooLarge,
    /// More labels, components or parameters than the limit.
    #[error("too many labels, components or parameters")]
    TooMany,
    /// `Signature-Input` is no dictionary of inner lists of strings, or a parameter has the wrong type.
    #[error("malformed Signature-Input")]
    MalformedSignatureInput,
    /// `Signature` is no dictionary of byte sequences.
    #[error("malformed Signature")]
    MalformedSignature,
    /// A label stands twice in one field (RFC 9421 section 4.1).
    #[error("a label is there twice")]
    DuplicateLabel,
    /// A parameter stands twice.
    #[error("a parameter is there twice")]
    DuplicateParameter,
    /// A label stands in one of the two fields only (RFC 9421 section 4).
    #[error("a label is in one field only")]
    LabelMismatch,
    /// A component that cannot be.
    #[error(transparent)]
    Component(#[from] ComponentError),
}

impl SignatureFieldError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge => "TooLarge",
            Self::TooMany => "TooMany",
            Self::MalformedSignatureInput => "MalformedSignatureInput",
            Self::MalformedSignature => "MalformedSignature",
            Self::DuplicateLabel => "DuplicateLabel",
            Self::DuplicateParameter => "DuplicateParameter",
            Self::LabelMismatch => "LabelMismatch",
            Self::Component(error) => error.name(),
        }
    }
}

/// Reads `Signature-Input`; a label, a parameter or a component twice is refused, although structured fields would let
/// the last one win: two readers must not see two signatures.
pub(crate) fn parse(field: &[u8]) -> Result<Vec<SignatureInput<'_>>, SignatureFieldError> {
    if field.len() > limits::SIGNATURE_FIELD {
        return Err(SignatureFieldError::TooLarge);
    }
    let fault = Cell::new(None);
    let visitor = Inputs { inputs: Vec::new(), fault: &fault, size: field.len() };
    sfv::Parser::new(field)
        .parse_dictionary_with_visitor(visitor)
        .map_err(|_| fault.take().unwrap_or(SignatureFieldError::MalformedSignatureInput))
}

type Fault<'f> = &'f Cell<Option<SignatureFieldError>>;

/// Keeps the reason, since the parser keeps only its text.
fn refuse<T>(fault: Fault<'_>, error: SignatureFieldError) -> Result<T, SignatureFieldError> {
    fault.set(Some(error));
    Err(error)
}

struct Inputs<'a, 'f> {
    inputs: Vec<SignatureInput<'a>>,
    fault: Fault<'f>,
    size: usize,
}

impl<'a> DictionaryVisitor<'a> for Inputs<'a, '_> {
    type Out = Vec<SignatureInput<'a>>;
    type Error = SignatureFieldError;

    fn entry(&mut self, key: &'a KeyRef) -> Result<impl EntryVisitor<'a>, Self::Error> {
        if self.inputs.iter().any(|input| input.label == key.as_str()) {
            return refuse(self.fault, SignatureFieldError::DuplicateLabel);
        }
        if self.inputs.len() >= limits::LABELS {
            return refuse(self.fault, SignatureFieldError::TooMany);
        }
        let input = self.inputs.push_mut(SignatureInput {
            label: key.as_str(),
            text: String::with_capacity(self.size),
            covered: Vec::with_capacity(12),
            created: None,
            expires: None,
            nonce: None,
            alg: None,
            keyid: None,
            tag: None,
        });
        Ok(Member { input, fault: self.fault })
    }

    fn finish(self) -> Result<Self::Out, Self::Error> {
        Ok(self.inputs)
    }
}

struct Member<'v, 'a, 'f> {
    input: &'v mut SignatureInput<'a>,
    fault: Fault<'f>,
}

impl<'a> EntryVisitor<'a> for Member<'_, 'a, '_> {
    type Error = SignatureFieldError;

    fn item(self) -> Result<impl ItemVisitor<'a>, Self::Error> {
        refuse::<Ignored>(self.fault, SignatureFieldError::MalformedSignatureInput)
    }

    fn inner_list(self) -> Result<impl InnerListVisitor<'a>, Self::Error> {
        self.input.text.push('(');
        Ok(self)
    }
}

impl<'a> InnerListVisitor<'a> for Member<'_, 'a, '_> {
    type Error = SignatureFieldError;

    fn item(&mut self) -> Result<impl ItemVisitor<'a>, Self::Error> {
        if self.input.covered.len() >= limits::COMPONENTS {
            return refuse(self.fault, SignatureFieldError::TooMany);
        }
        if !self.input.covered.is_empty() {
            self.input.text.push(' ');
        }
        Ok(Identifier { input: &mut *self.input, fault: self.fault })
    }

    fn finish(self) -> Result<impl ParameterVisitor<'a>, Self::Error> {
        self.input.text.push(')');
        Ok(Parameters { input: self.input, fault: self.fault, seen: [""; limits::PARAMETERS], count: 0 })
    }
}

struct Identifier<'v, 'a, 'f> {
    input: &'v mut SignatureInput<'a>,
    fault: Fault<'f>,
}

impl<'a> ItemVisitor<'a> for Identifier<'_, 'a, '_> {
    type Out = ();
    type Error = SignatureFieldError;

    fn bare_item(self, item: BareItemFromInput<'a>) -> Result<impl ParameterVisitor<'a, Out = ()>, Self::Error> {
        // A component name never needs an escape, so the parser lends it.
        let BareItemFromInput::String(Cow::Borrowed(name)) = item else {
            return refuse(self.fault, SignatureFieldError::MalformedSignatureInput);
        };
        match Name::parse(name.as_str()) {
            Ok(parsed) => {
                let start = self.input.text.len();
                print(&mut self.input.text, &item);
                Ok(ComponentParameters {
                    input: self.input,
                    fault: self.fault,
                    component: Component::new(parsed),
                    start,
                    count: 0,
                })
            }
            Err(error) => refuse(self.fault, error.into()),
        }
    }
}

struct ComponentParameters<'v, 'a, 'f> {
    input: &'v mut SignatureInput<'a>,
    fault: Fault<'f>,
    component: Component<'a>,
    start: usize,
    count: usize,
}

impl<'a> ParameterVisitor<'a> for ComponentParameters<'_, 'a, '_> {
    type Out = ();
    type Error = SignatureFieldError;

    fn parameter(&mut self, key: &'a KeyRef, value: BareItemFromInput<'a>) -> Result<(), Self::Error> {
        self.count = self.count.saturating_add(1);
        if self.count > limits::PARAMETERS {
            return refuse(self.fault, SignatureFieldError::TooMany);
        }
        print_parameter(&mut self.input.text, key, &value);
        let component = &mut self.component;
        let twice = match (key.as_str(), value) {
            ("sf", BareItemFromInput::Boolean(true)) => core::mem::replace(&mut component.structured, true),
            ("bs", BareItemFromInput::Boolean(true)) => core::mem::replace(&mut component.wrapped, true),
            ("tr", BareItemFromInput::Boolean(true)) => core::mem::replace(&mut component.trailer, true),
            ("req", BareItemFromInput::Boolean(true)) => core::mem::replace(&mut component.of_request, true),
            ("key", BareItemFromInput::String(text)) => component.key.replace(lend(text)).is_some(),
            ("name", BareItemFromInput::String(text)) => component.parameter.replace(lend(text)).is_some(),
            _ => return refuse(self.fault, ComponentError::UnknownComponentParameter.into()),
        };
        if twice { refuse(self.fault, SignatureFieldError::DuplicateParameter) } else { Ok(()) }
    }

    fn finish(self) -> Result<(), Self::Error> {
        if !self.component.fits() {
            return refuse(self.fault, ComponentError::UnknownComponentParameter.into());
        }
        // The order of parameters does not make another component (section 2), so the parsed forms are compared.
        if self.input.covered.iter().any(|covered| covered.component == self.component) {
            return refuse(self.fault, ComponentError::DuplicateComponent.into());
        }
        let identifier = self.start..self.input.text.len();
        self.input.covered.push(Covered { component: self.component, identifier });
        Ok(())
    }
}

struct Parameters<'v, 'a, 'f> {
    input: &'v mut SignatureInput<'a>,
    fault: Fault<'f>,
    /// A parameter's key is never empty, so the rest of the array matches none.
    seen: [&'a str; limits::PARAMETERS],
    count: usize,
}

impl<'a> ParameterVisitor<'a> for Parameters<'_, 'a, '_> {
    type Out = ();
    type Error = SignatureFieldError;

    fn parameter(&mut self, key: &'a KeyRef, value: BareItemFromInput<'a>) -> Result<(), Self::Error> {
        let key_text = key.as_str();
        if self.seen.contains(&key_text) {
            return refuse(self.fault, SignatureFieldError::DuplicateParameter);
        }
        let Some(place) = self.seen.get_mut(self.count) else {
            return refuse(self.fault, SignatureFieldError::TooMany);
        };
        *place = key_text;
        self.count = self.count.saturating_add(1);
        print_parameter(&mut self.input.text, key, &value);
        match (key_text, value) {
            ("created", BareItemFromInput::Integer(time)) => self.input.created = Some(time.into()),
            ("expires", BareItemFromInput::Integer(time)) => self.input.expires = Some(time.into()),
            ("nonce", BareItemFromInput::String(text)) => self.input.nonce = Some(self.bounded(text)?),
            ("alg", BareItemFromInput::String(text)) => self.input.alg = Some(self.bounded(text)?),
            ("keyid", BareItemFromInput::String(text)) => self.input.keyid = Some(self.bounded(text)?),
            ("tag", BareItemFromInput::String(text)) => self.input.tag = Some(self.bounded(text)?),
            ("created" | "expires" | "nonce" | "alg" | "keyid" | "tag", _) => {
                return refuse(self.fault, SignatureFieldError::MalformedSignatureInput);
            }
            // An unknown parameter is signed like any other and means nothing here.
            _ => {}
        }
        Ok(())
    }

    fn finish(self) -> Result<(), Self::Error> {
        Ok(())
    }
}

impl<'a> Parameters<'_, 'a, '_> {
    fn bounded(&self, text: Cow<'a, StringRef>) -> Result<Cow<'a, str>, SignatureFieldError> {
        if text.as_str().len() > limits::PARAMETER {
            return refuse(self.fault, SignatureFieldError::TooLarge);
        }
        Ok(lend(text))
    }
}

fn lend(text: Cow<'_, StringRef>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.as_str()),
        Cow::Owned(text) => Cow::Owned(text.into()),
    }
}

fn print(out: &mut String, item: &BareItemFromInput<'_>) {
    match item {
        // The parser lends what was written without an escape, so none is needed to write it again.
        BareItemFromInput::String(Cow::Borrowed(text)) => {
            out.push('"');
            out.push_str(text.as_str());
            out.push('"');
        }
        item => drop(ItemSerializer::with_buffer(out).bare_item(item).finish()),
    }
}

fn print_parameter(out: &mut String, key: &KeyRef, value: &BareItemFromInput<'_>) {
    out.push(';');
    out.push_str(key.as_str());
    if !matches!(value, BareItemFromInput::Boolean(true)) {
        out.push('=');
        print(out, value);
    }
}
