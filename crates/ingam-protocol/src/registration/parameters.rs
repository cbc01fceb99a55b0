use std::collections::BTreeMap;

use ingam_wire::form::Form;
use serde_json::{Map, Value};

/// The parameters of an authorization request, whether they came as a form or as claims of a request object.
///
/// Both go through the same reader, so that a rule cannot hold for one and not for the other. Empty text means
/// absent (RFC 6749 section 3.1).
#[derive(Default)]
pub struct Parameters(BTreeMap<Box<str>, Given>);

enum Given {
    Text(Box<str>),
    Texts(Vec<Box<str>>),
    Claim(Value),
}

/// A claim of the wrong JSON type.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct WrongType;

impl Parameters {
    /// The parameters of a form; a repeated one keeps all its values.
    #[must_use]
    pub fn from_form(form: &Form) -> Self {
        let mut parameters = Self::default();
        for (name, value) in form.iter().filter(|(_, value)| !value.is_empty()) {
            let given = match parameters.0.remove(name) {
                None => Given::Text(value.into()),
                Some(Given::Text(first)) => Given::Texts(vec![first, value.into()]),
                Some(Given::Texts(mut texts)) => {
                    texts.push(value.into());
                    Given::Texts(texts)
                }
                Some(claim) => claim,
            };
            parameters.0.insert(name.into(), given);
        }
        parameters
    }

    /// The claims of a verified request object (RFC 9101 section 4).
    #[must_use]
    pub fn from_claims(claims: Map<String, Value>) -> Self {
        let given = claims.into_iter().filter_map(|(name, value)| match value {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some((name.into(), Given::Text(text.into()))),
            other => Some((name.into(), Given::Claim(other))),
        });
        Self(given.collect())
    }

    /// Whether a parameter is there.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text parameter; one that is repeated is of the wrong type.
    pub(crate) fn text(&self, name: &str) -> Result<Option<&str>, WrongType> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Given::Text(text)) => Ok(Some(text)),
            Some(Given::Texts(_) | Given::Claim(_)) => Err(WrongType),
        }
    }

    /// A parameter that may be repeated in a form and an array among claims.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<&str>, WrongType> {
        match self.0.get(name) {
            None => Ok(Vec::new()),
            Some(Given::Text(text)) => Ok(vec![text]),
            Some(Given::Texts(texts)) => Ok(texts.iter().map(|text| &**text).collect()),
            Some(Given::Claim(Value::Array(values))) => {
                values.iter().map(|value| value.as_str().ok_or(WrongType)).collect()
            }
            Some(Given::Claim(_)) => Err(WrongType),
        }
    }

    /// A whole number: digits in a form, a JSON number (or digits) among claims.
    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, WrongType> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Given::Text(text)) if text.bytes().all(|b| b.is_ascii_digit()) => {
                text.parse().map(Some).map_err(|_| WrongType)
            }
            Some(Given::Claim(Value::Number(number))) => number.as_u64().map(Some).ok_or(WrongType),
            Some(_) => Err(WrongType),
        }
    }

    /// A JSON parameter: text in a form, the value itself (or text) among claims.
    pub(crate) fn json(&self, name: &str) -> Option<Json<'_>> {
        match self.0.get(name)? {
            Given::Text(text) => Some(Json::Text(text)),
            Given::Claim(value) => Some(Json::Value(value)),
            Given::Texts(_) => Some(Json::Repeated),
        }
    }
}

/// How a JSON parameter came.
pub(crate) enum Json<'a> {
    Text(&'a str),
    Value(&'a Value),
    Repeated,
}

impl core::fmt::Debug for Parameters {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}
