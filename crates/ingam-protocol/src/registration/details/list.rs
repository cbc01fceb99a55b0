use serde_json::{Map, Value};

use super::{
    AccountInformation, AccountReference, DetailFault, IngamService, InvalidAuthorizationDetails, Members,
    PaymentInitiation,
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
#[derive(Clone, Debug, Eq, PartialEq, serde::Deserialize)]
#[serde(try_from = "Value")]
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

    fn from_value(value: &Value) -> Result<Self, DetailFault> {
        let mut members = Members::of(value.as_object().ok_or(DetailFault::NotAnObject)?);
        let kind = members.take("type").and_then(Value::as_str).ok_or(DetailFault::NoType)?;
        match kind {
            AccountInformation::TYPE => AccountInformation::read(members).map(Self::AccountInformation),
            PaymentInitiation::TYPE => PaymentInitiation::read(members).map(Self::PaymentInitiation),
            IngamService::TYPE => IngamService::read(members).map(Self::IngamService),
            _ => Err(DetailFault::UnknownType),
        }
    }

    fn to_value(&self) -> Value {
        let mut members = Map::new();
        let kind = match self {
            Self::AccountInformation(detail) => {
                detail.write(&mut members);
                AccountInformation::TYPE
            }
            Self::PaymentInitiation(detail) => {
                detail.write(&mut members);
                PaymentInitiation::TYPE
            }
            Self::IngamService(detail) => {
                detail.write(&mut members);
                IngamService::TYPE
            }
        };
        members.insert("type".to_owned(), kind.into());
        Value::Object(members)
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
        let value: Value = ingam_wire::json::parse(text.as_bytes(), &limits::DETAILS)
            .map_err(|_| InvalidAuthorizationDetails::NotJson)?;
        Self::from_value(&value)
    }

    /// Reads the claim of a request object, whose JSON was already checked for duplicates.
    ///
    /// # Errors
    /// [`InvalidAuthorizationDetails`].
    pub fn from_value(value: &Value) -> Result<Self, InvalidAuthorizationDetails> {
        let values = value.as_array().ok_or(InvalidAuthorizationDetails::NotAnArray)?;
        if values.len() > limits::DETAILS_COUNT {
            return Err(InvalidAuthorizationDetails::TooMany);
        }
        let details = values.iter().enumerate().map(|(index, value)| {
            AuthorizationDetail::from_value(value).map_err(|fault| InvalidAuthorizationDetails::Detail { index, fault })
        });
        Self::new(details.collect::<Result<_, _>>()?)
    }

    /// As JSON value: members in one order, absent ones left out.
    #[must_use]
    pub fn to_value(&self) -> Value {
        Value::Array(self.0.iter().map(AuthorizationDetail::to_value).collect())
    }

    /// As JSON text; the same details always print the same bytes.
    #[must_use]
    pub fn to_json(&self) -> String {
        self.to_value().to_string()
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

impl TryFrom<Value> for AuthorizationDetails {
    type Error = InvalidAuthorizationDetails;

    fn try_from(value: Value) -> Result<Self, InvalidAuthorizationDetails> {
        Self::from_value(&value)
    }
}

impl serde::Serialize for AuthorizationDetails {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_value().serialize(serializer)
    }
}

impl From<AuthorizationDetails> for Value {
    fn from(details: AuthorizationDetails) -> Self {
        details.to_value()
    }
}

pub(crate) fn write_locations(locations: &[Resource], members: &mut Map<String, Value>) {
    if !locations.is_empty() {
        members.insert("locations".to_owned(), locations.iter().map(|l| Value::from(l.as_str())).collect());
    }
}

pub(crate) fn write_accounts(accounts: &[AccountReference], members: &mut Map<String, Value>) {
    if !accounts.is_empty() {
        members.insert("accounts".to_owned(), accounts.iter().map(AccountReference::to_value).collect());
    }
}
