use serde::ser::SerializeMap;

use super::{AccountReference, DetailFault, Members, list::write_list};
use crate::{Date, Resource, Service, limits};

/// How often data is fetched (정기전송 주기): what the user agrees to.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Cycle {
    /// Only when the user asks.
    OnRequest,
    /// Once a day, too.
    Daily,
    /// Once a week, too.
    Weekly,
    /// Once a month, too.
    Monthly,
}

impl Cycle {
    /// All, from the least to the rarest.
    pub const ALL: [Self; 4] = [Self::OnRequest, Self::Daily, Self::Weekly, Self::Monthly];

    /// The name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OnRequest => "on_request",
            Self::Daily => "daily",
            Self::Weekly => "weekly",
            Self::Monthly => "monthly",
        }
    }
}

/// `ingam_service`: what the statute wants a user to agree to (신용정보법 제33조의2): items, purpose, cycle, end, retention.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct IngamService {
    /// The items; at least one.
    pub items: Vec<Service>,
    /// What they are for, as the user reads it, at most 420 bytes.
    pub purpose: Box<str>,
    /// How often they are fetched.
    pub cycle: Cycle,
    /// The last day of the service.
    pub end_date: Date,
    /// How long the fintech keeps what it fetched, in days, 1 to 3,650.
    pub retention_days: u16,
    /// The accounts; empty: the user chooses.
    pub accounts: Vec<AccountReference>,
    /// Where it is to be used.
    pub locations: Vec<Resource>,
}

/// Ten years: the longest retention that Korean law asks of financial records (상법 제33조).
const LONGEST_RETENTION: u16 = 3_650;

impl IngamService {
    /// The value of `type`.
    pub const TYPE: &'static str = "ingam_service";

    pub(super) fn is_within(&self, granted: &Self) -> bool {
        let rest = |service: &Self| Self { items: Vec::new(), accounts: Vec::new(), ..service.clone() };
        self.items.iter().all(|item| granted.items.contains(item))
            && AccountReference::are_within(&self.accounts, &granted.accounts)
            && rest(self) == rest(granted)
    }

    pub(super) fn read(mut members: Members<'_>) -> Result<Self, DetailFault> {
        let items = members.list("items", |value| {
            let text = value.into_text().ok_or(DetailFault::WrongType("items"))?;
            Service::ALL.into_iter().find(|s| s.as_str() == text).ok_or(DetailFault::UnknownAction)
        })?;
        let purpose = members.readable("purpose", limits::TEXT)?;
        let cycle = members.text("cycle")?.map(|text| {
            Cycle::ALL.into_iter().find(|cycle| cycle.as_str() == text).ok_or(DetailFault::InvalidValue("cycle"))
        });
        let retention = members.take("retention_days");
        let retention = Members::required("retention_days", retention)?;
        let retention = retention.as_whole().ok_or(DetailFault::WrongType("retention_days"))?;
        let detail = Self {
            items: Members::required("items", items)?,
            purpose: Members::required("purpose", purpose)?,
            cycle: Members::required("cycle", cycle)??,
            end_date: Members::required("end_date", members.parsed("end_date")?)?,
            retention_days: u16::try_from(retention)
                .ok()
                .filter(|days| (1..=LONGEST_RETENTION).contains(days))
                .ok_or(DetailFault::InvalidValue("retention_days"))?,
            accounts: members.list("accounts", |given| AccountReference::read("accounts", given))?.unwrap_or_default(),
            locations: members.locations()?,
        };
        members.finish()?;
        Ok(detail)
    }

    pub(super) fn write<M: SerializeMap>(&self, members: &mut M) -> Result<(), M::Error> {
        write_list(members, "accounts", &self.accounts)?;
        members.serialize_entry("cycle", self.cycle.as_str())?;
        members.serialize_entry("end_date", &self.end_date)?;
        members.serialize_entry("items", &self.items.iter().map(|s| s.as_str()).collect::<Vec<_>>())?;
        write_list(members, "locations", &self.locations)?;
        members.serialize_entry("purpose", &self.purpose)?;
        members.serialize_entry("retention_days", &self.retention_days)
    }
}
