use core::str::FromStr;
use std::borrow::Cow;

use super::Given;
use crate::{Resource, limits};

/// Why authorization details were refused: all are `invalid_authorization_details` to the peer (RFC 9396 section 5).
///
/// fapi: RAR-3
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InvalidAuthorizationDetails {
    /// Not JSON, or over its limits in bytes, depth or members, or a member twice.
    #[error("not JSON within the limits")]
    NotJson,
    /// Not an array.
    #[error("not an array")]
    NotAnArray,
    /// An empty array.
    #[error("empty")]
    Empty,
    /// More than 16 details.
    #[error("too many details")]
    TooMany,
    /// The same detail twice.
    #[error("the same detail twice")]
    Repeated,
    /// One detail is at fault.
    #[error("detail {index}: {fault}")]
    Detail {
        /// Which, from 0.
        index: usize,
        /// What is wrong with it.
        fault: DetailFault,
    },
}

/// What is wrong with one detail.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum DetailFault {
    /// Not an object.
    #[error("not an object")]
    NotAnObject,
    /// No text member `type`.
    #[error("no type")]
    NoType,
    /// A type that is not offered.
    #[error("unknown type")]
    UnknownType,
    /// A member that the type does not have.
    #[error("unknown member")]
    UnknownMember,
    /// A required member is missing.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// A member has the wrong JSON type.
    #[error("{0} has the wrong type")]
    WrongType(&'static str),
    /// An action that the type does not have.
    #[error("unknown action")]
    UnknownAction,
    /// A member's value is not allowed.
    #[error("{0} is not valid")]
    InvalidValue(&'static str),
    /// A list is empty or has more than 64 entries or one twice.
    #[error("{0} is empty, too long or holds an entry twice")]
    BadList(&'static str),
}

impl InvalidAuthorizationDetails {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NotJson => "NotJson",
            Self::NotAnArray => "NotAnArray",
            Self::Empty => "Empty",
            Self::TooMany => "TooMany",
            Self::Repeated => "Repeated",
            Self::Detail { fault, .. } => match fault {
                DetailFault::NotAnObject => "NotAnObject",
                DetailFault::NoType => "NoType",
                DetailFault::UnknownType => "UnknownType",
                DetailFault::UnknownMember => "UnknownMember",
                DetailFault::Missing(_) => "Missing",
                DetailFault::WrongType(_) => "WrongType",
                DetailFault::UnknownAction => "UnknownAction",
                DetailFault::InvalidValue(_) => "InvalidValue",
                DetailFault::BadList(_) => "BadList",
            },
        }
    }
}

/// Takes members out of an object one by one; what is left at the end is unknown.
pub(super) struct Members<'a> {
    left: Vec<(Cow<'a, str>, Given<'a>)>,
}

impl<'a> Members<'a> {
    pub(super) fn of(given: Given<'a>) -> Option<Self> {
        if let Given::Object(left) = given { Some(Self { left }) } else { None }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<Given<'a>> {
        let at = self.left.iter().position(|(n, _)| *n == name)?;
        Some(self.left.swap_remove(at).1)
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<Option<Cow<'a, str>>, DetailFault> {
        self.take(name).map(|given| given.into_text().ok_or(DetailFault::WrongType(name))).transpose()
    }

    pub(super) fn required<T>(name: &'static str, value: Option<T>) -> Result<T, DetailFault> {
        value.ok_or(DetailFault::Missing(name))
    }

    /// A text member through its one parser.
    pub(super) fn parsed<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, DetailFault> {
        self.text(name)?.map(|text| text.parse().map_err(|_| DetailFault::InvalidValue(name))).transpose()
    }

    /// Text for people: not blank, no control characters, at most `bytes` long.
    pub(super) fn readable(&mut self, name: &'static str, bytes: usize) -> Result<Option<Box<str>>, DetailFault> {
        match self.text(name)? {
            None => Ok(None),
            Some(text) if readable(&text, bytes) => Ok(Some(text.into())),
            Some(_) => Err(DetailFault::InvalidValue(name)),
        }
    }

    /// A list of objects or texts, each through `read`; not empty, bounded, no entry twice.
    pub(super) fn list<T: PartialEq>(
        &mut self,
        name: &'static str,
        read: impl Fn(Given<'a>) -> Result<T, DetailFault>,
    ) -> Result<Option<Vec<T>>, DetailFault> {
        let Some(value) = self.take(name) else { return Ok(None) };
        let values = value.into_list().ok_or(DetailFault::WrongType(name))?;
        if values.is_empty() || values.len() > limits::LIST {
            return Err(DetailFault::BadList(name));
        }
        let mut list = Vec::with_capacity(values.len());
        for value in values {
            let entry = read(value)?;
            if list.contains(&entry) {
                return Err(DetailFault::BadList(name));
            }
            list.push(entry);
        }
        Ok(Some(list))
    }

    /// The common member `locations` (RFC 9396 section 2.2).
    pub(super) fn locations(&mut self) -> Result<Vec<Resource>, DetailFault> {
        let list = self.list("locations", |value| {
            let text = value.into_text().ok_or(DetailFault::WrongType("locations"))?;
            text.parse().map_err(|_| DetailFault::InvalidValue("locations"))
        })?;
        Ok(list.unwrap_or_default())
    }

    /// Nothing may be left.
    pub(super) fn finish(self) -> Result<(), DetailFault> {
        if self.left.is_empty() { Ok(()) } else { Err(DetailFault::UnknownMember) }
    }
}

/// Text that a page can show as it is: no control or direction-changing characters (RFC 9396 section 12).
///
/// fapi: RAR-8
pub(crate) fn readable(text: &str, bytes: usize) -> bool {
    let foreign = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    !text.trim().is_empty() && text.len() <= bytes && !text.chars().any(foreign)
}
