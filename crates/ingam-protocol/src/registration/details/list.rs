use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::SerializeMap};
use serde_json::Value;

use super::{
    AccountInformation, DetailFault, Given, IngamService, InvalidAuthorizationDetails, Members, PaymentInitiation,
};
use crate::{Resource, limits};

/// One element of `authorization_details`.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AuthorizationDetail {
    /// Reading of accounts.
    AccountInformation(AccountInformation),
    /// One payment.
    PaymentInitiation(PaymentInitiation),
    /// A service with everything the statute asks for.
    IngamService(IngamService),
}

/// `authorization_details`: 1 to 16 details, each of a known type, none twice.
///
/// fapi: RAR-1, RAR-3
#[doc(alias = "authorization_details")]
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct AuthorizationDetails(Vec<AuthorizationDetail>);

impl AuthorizationDetail {
    /// The types that are offered, for `authorization_details_types_supported`.
    pub const TYPES: [&'static str; 3] = [AccountInformation::TYPE, PaymentInitiation::TYPE, IngamService::TYPE];

    /// Whether this asks no more than `granted`, by the rules of its type: fewer actions, items or accounts; all else equal.
    ///
    /// fapi: RAR-9
    #[must_use]
    pub fn is_within(&self, granted: &Self) -> bool {
        match (self, granted) {
            (Self::AccountInformation(asked), Self::AccountInformation(granted)) => asked.is_within(granted),
            (Self::IngamService(asked), Self::IngamService(granted)) => asked.is_within(granted),
            // One payment is that payment.
            (asked, granted) => asked == granted,
        }
    }

    fn read(given: Given<'_>) -> Result<Self, DetailFault> {
        let mut members = Members::of(given).ok_or(DetailFault::NotAnObject)?;
        let kind = members.take("type").and_then(Given::into_text).ok_or(DetailFault::NoType)?;
        match &*kind {
            AccountInformation::TYPE => AccountInformation::read(members).map(Self::AccountInformation),
            PaymentInitiation::TYPE => PaymentInitiation::read(members).map(Self::PaymentInitiation),
            IngamService::TYPE => IngamService::read(members).map(Self::IngamService),
            _ => Err(DetailFault::UnknownType),
        }
    }

    /// Its `type`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::AccountInformation(_) => AccountInformation::TYPE,
            Self::PaymentInitiation(_) => PaymentInitiation::TYPE,
            Self::IngamService(_) => IngamService::TYPE,
        }
    }

    /// Where it is to be used.
    #[must_use]
    pub fn locations(&self) -> &[Resource] {
        match self {
            Self::AccountInformation(detail) => &detail.locations,
            Self::PaymentInitiation(detail) => &detail.locations,
            Self::IngamService(detail) => &detail.locations,
        }
    }
}

impl AuthorizationDetails {
    /// The list of these details.
    ///
    /// # Errors
    /// `Empty`, `TooMany` or `Repeated`.
    pub fn new(details: Vec<AuthorizationDetail>) -> Result<Self, InvalidAuthorizationDetails> {
        if details.is_empty() {
            return Err(InvalidAuthorizationDetails::Empty);
        }
        if details.len() > limits::DETAILS_COUNT {
            return Err(InvalidAuthorizationDetails::TooMany);
        }
        let repeated = details.iter().enumerate().any(|(at, detail)| details.iter().take(at).any(|d| d == detail));
        if repeated { Err(InvalidAuthorizationDetails::Repeated) } else { Ok(Self(details)) }
    }

    /// Reads the form parameter.
    ///
    /// # Errors
    /// [`InvalidAuthorizationDetails`].
    pub fn parse(text: &str) -> Result<Self, InvalidAuthorizationDetails> {
        let given = ingam_wire::json::parse_borrowed(text.as_bytes(), &limits::DETAILS)
            .map_err(|_| InvalidAuthorizationDetails::NotJson)?;
        Self::read(given)
    }

    /// Reads the claim of a request object, whose JSON was already checked for duplicates.
    ///
    /// # Errors
    /// [`InvalidAuthorizationDetails`].
    pub fn from_value(value: &Value) -> Result<Self, InvalidAuthorizationDetails> {
        Self::read(Given::deserialize(value).map_err(|_| InvalidAuthorizationDetails::NotJson)?)
    }

    fn read(given: Given<'_>) -> Result<Self, InvalidAuthorizationDetails> {
        let list = given.into_list().ok_or(InvalidAuthorizationDetails::NotAnArray)?;
        if list.len() > limits::DETAILS_COUNT {
            return Err(InvalidAuthorizationDetails::TooMany);
        }
        let details = list.into_iter().enumerate().map(|(index, given)| {
            AuthorizationDetail::read(given).map_err(|fault| InvalidAuthorizationDetails::Detail { index, fault })
        });
        Self::new(details.collect::<Result<_, _>>()?)
    }

    /// As JSON value: members in one order, absent ones left out.
    #[must_use]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("texts and numbers are JSON")
    }

    /// As JSON text; the same details always print the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).expect("texts and numbers are JSON")
    }

    /// The details in order.
    pub fn iter(&self) -> impl Iterator<Item = &AuthorizationDetail> {
        self.0.iter()
    }

    /// Whether every detail of this list asks no more than one of `other` (used to narrow, RFC 9396 section 6.1).
    #[must_use]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.0.iter().all(|asked| other.0.iter().any(|granted| asked.is_within(granted)))
    }
}

impl<'de> Deserialize<'de> for AuthorizationDetails {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(Given::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Serialize for AuthorizationDetail {
    /// Members by their names, `type` last, absent ones left out.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        match self {
            Self::AccountInformation(detail) => detail.write(&mut members)?,
            Self::PaymentInitiation(detail) => detail.write(&mut members)?,
            Self::IngamService(detail) => detail.write(&mut members)?,
        }
        members.serialize_entry("type", self.kind())?;
        members.end()
    }
}

impl From<AuthorizationDetails> for Value {
    fn from(details: AuthorizationDetails) -> Self {
        details.to_value()
    }
}

/// Prints a list unless it is empty: absent, on the wire.
pub(super) fn write_list<M: SerializeMap>(
    members: &mut M,
    name: &'static str,
    list: &[impl Serialize],
) -> Result<(), M::Error> {
    if list.is_empty() { Ok(()) } else { members.serialize_entry(name, list) }
}
