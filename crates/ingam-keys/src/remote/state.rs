use std::collections::VecDeque;

use ingam_jose::{CryptoProvider, KeySet, KeySetError, SignatureAlgorithm, SkippedKey};
use ingam_ports::TransportError;
use ingam_wire::{HttpUrl, Seconds, UnixTime};

use super::{KeyArchive, RemotePolicy};

/// One party's key set as a state machine: it says when to fetch, and what counts in the meantime. No I/O, no clock.
///
/// At most one fetch is under way, and at most one in an interval, whoever asks for what. A set that was once good
/// stays until a good one replaces it or its bound has passed; nothing that a message names can evict it.
#[derive(Debug)]
pub struct RemoteKeys {
    uri: HttpUrl,
    policy: RemotePolicy,
    held: Option<Held>,
    archive: KeyArchive,
    fetching: Option<u64>,
    attempts: u64,
    last_attempt: Option<UnixTime>,
    last_error: Option<FetchError>,
    unknown: VecDeque<(Box<str>, UnixTime)>,
}

#[derive(Debug)]
struct Held {
    keys: KeySet,
    skipped: Vec<SkippedKey>,
    fetched_at: UnixTime,
    fresh_until: UnixTime,
}

/// What to do about a message's key.
#[derive(Debug)]
#[must_use]
pub enum Lookup {
    /// Verify with these.
    Keys(KeySet),
    /// Fetch [`RemoteKeys::uri`], hand the answer to [`RemoteKeys::fetched`], and ask again.
    Fetch(FetchTicket),
    /// Somebody else is fetching: ask again when they are done.
    Wait,
    /// Refuse, for this reason.
    Refused(RemoteKeyError),
}

/// The right to fetch once; whoever drops it instead of handing it back must call [`RemoteKeys::abandoned`].
#[derive(Debug, Eq, PartialEq)]
pub struct FetchTicket(u64);

impl FetchTicket {
    pub(super) const fn number(&self) -> u64 {
        self.0
    }
}

/// Why there is no key to verify with.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum RemoteKeyError {
    /// The party's set does not hold such a key.
    #[error("the key is not in the party's key set")]
    UnknownKey,
    /// The set cannot be fetched and what was held is too old.
    #[error("the party's key set is not available")]
    KeysUnavailable,
    /// The party is not known here.
    #[error("no key set is known for the party")]
    UnknownParty,
    /// The address is not https.
    #[error("the address of the key set is not allowed")]
    UriNotAllowed,
    /// There are as many parties as there may be.
    #[error("too many parties")]
    TooMany,
}

impl RemoteKeyError {
    /// The variant's name, as the record prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownKey => "UnknownKey",
            Self::KeysUnavailable => "KeysUnavailable",
            Self::UnknownParty => "UnknownParty",
            Self::UriNotAllowed => "UriNotAllowed",
            Self::TooMany => "TooMany",
        }
    }
}

/// Why a fetch gave no set; what was held stays.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FetchError {
    /// There was no answer.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The answer is not 200; a redirect is never followed.
    #[error("the answer has status {0}")]
    Status(u16),
    /// The answer is not a usable key set.
    #[error(transparent)]
    Set(#[from] KeySetError),
    /// Whoever was fetching stopped.
    #[error("the fetch was abandoned")]
    Abandoned,
}

impl RemoteKeys {
    /// The keys at `uri`, not yet fetched.
    ///
    /// # Errors
    /// `UriNotAllowed` unless `uri` is https. Private addresses are the transport's business, since only it sees
    /// what a name resolves to.
    pub fn new(uri: HttpUrl, policy: RemotePolicy) -> Result<Self, RemoteKeyError> {
        if !uri.is_https() || uri.fragment().is_some() {
            return Err(RemoteKeyError::UriNotAllowed);
        }
        Ok(Self {
            uri,
            policy,
            held: None,
            archive: KeyArchive::default(),
            fetching: None,
            attempts: 0,
            last_attempt: None,
            last_error: None,
            unknown: VecDeque::new(),
        })
    }

    /// The address of the set.
    #[must_use]
    pub const fn uri(&self) -> &HttpUrl {
        &self.uri
    }

    /// Why the last fetch failed, if it did.
    #[must_use]
    pub const fn last_error(&self) -> Option<FetchError> {
        self.last_error
    }

    /// The keys of the set that cannot be used, and why.
    #[must_use]
    pub fn skipped(&self) -> &[SkippedKey] {
        self.held.as_ref().map_or(&[], |held| &held.skipped)
    }

    /// The set as last fetched, unless it is too old to count.
    #[must_use]
    pub fn held(&self, now: UnixTime) -> Option<&KeySet> {
        self.held.as_ref().filter(|held| now < held.fetched_at.plus(self.policy.times.stale)).map(|held| &held.keys)
    }

    /// Every key that was ever seen here, with the times it was seen.
    #[must_use]
    pub const fn archive(&self) -> &KeyArchive {
        &self.archive
    }

    /// What to do about a message that names `key_id` and `algorithm`.
    ///
    /// A set that is no longer fresh is fetched again by the first who asks; the others go on with what is held.
    pub fn look_up(&mut self, key_id: Option<&str>, algorithm: SignatureAlgorithm, now: UnixTime) -> Lookup {
        self.heed_clock(now);
        let usable = self.held.as_ref().filter(|held| now < held.fetched_at.plus(self.policy.times.stale));
        let Some(held) = usable else {
            return match (self.fetching, self.may_fetch(now)) {
                (Some(_), _) => Lookup::Wait,
                (None, true) => self.fetch(now),
                (None, false) => Lookup::Refused(RemoteKeyError::KeysUnavailable),
            };
        };
        let found = held.keys.select(key_id, algorithm).next().is_some();
        let fresh = now < held.fresh_until;
        if found {
            return if !fresh && self.fetching.is_none() && self.may_fetch(now) {
                self.fetch(now)
            } else {
                Lookup::Keys(held.keys.clone())
            };
        }
        let denied = key_id.is_some_and(|id| self.unknown.iter().any(|(known, until)| &**known == id && now < *until));
        match (self.fetching, denied, self.may_fetch(now)) {
            (_, true, _) => Lookup::Refused(RemoteKeyError::UnknownKey),
            (Some(_), false, _) => Lookup::Wait,
            (None, false, true) => self.fetch(now),
            (None, false, false) => {
                self.deny(key_id, now);
                Lookup::Refused(RemoteKeyError::UnknownKey)
            }
        }
    }

    /// Whether a background task should fetch now, so that no message has to wait for it.
    pub fn refresh(&mut self, now: UnixTime) -> Option<FetchTicket> {
        self.heed_clock(now);
        let due = self.held.as_ref().is_none_or(|held| held.fresh_until <= now);
        if !due || self.fetching.is_some() || !self.may_fetch(now) {
            return None;
        }
        match self.fetch(now) {
            Lookup::Fetch(ticket) => Some(ticket),
            _ => None,
        }
    }

    /// Takes the answer to a fetch: its status, its body, and the `max-age` it states.
    ///
    /// # Errors
    /// [`FetchError`]; what was held before then stays.
    pub fn fetched(
        &mut self,
        ticket: FetchTicket,
        answer: Result<(u16, &[u8], Option<Seconds>), TransportError>,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<(), FetchError> {
        if self.fetching != Some(ticket.0) {
            return Err(FetchError::Abandoned); // the ticket of another set
        }
        self.fetching = None;
        let outcome = self.take(answer, provider, now);
        self.last_error = outcome.err();
        outcome
    }

    /// Gives a ticket back without an answer, so that others may fetch after the interval.
    pub fn abandoned(&mut self, ticket: FetchTicket) {
        self.abandon(ticket.0);
    }

    pub(super) fn abandon(&mut self, ticket: u64) {
        if self.fetching == Some(ticket) {
            self.fetching = None;
            self.last_error = Some(FetchError::Abandoned);
        }
    }

    fn take(
        &mut self,
        answer: Result<(u16, &[u8], Option<Seconds>), TransportError>,
        provider: &dyn CryptoProvider,
        now: UnixTime,
    ) -> Result<(), FetchError> {
        let (status, body, max_age) = answer?;
        if status != 200 {
            return Err(FetchError::Status(status));
        }
        let (keys, skipped) = KeySet::parse_foreign(body, None, provider)?;
        let times = &self.policy.times;
        let fresh = max_age.map_or(times.fresh, |age| age.clamp(times.interval, times.fresh));
        self.archive.saw(&keys, now);
        self.held = Some(Held { keys, skipped, fetched_at: now, fresh_until: now.plus(fresh) });
        Ok(())
    }

    /// A clock that was ahead and went back must not keep a set, or what was not found in it, for as long as it was ahead:
    /// what is held counts as fetched now and is fetched again. Times that differ by less than the interval are those of
    /// callers who read the clock one after the other.
    fn heed_clock(&mut self, now: UnixTime) {
        let latest = now.plus(self.policy.times.interval);
        let fetched = self.held.as_ref().map(|held| held.fetched_at);
        if self.last_attempt.into_iter().chain(fetched).all(|time| time <= latest) {
            return;
        }
        self.last_attempt = None;
        self.unknown.clear();
        if let Some(held) = &mut self.held {
            held.fetched_at = held.fetched_at.min(now);
            held.fresh_until = held.fresh_until.min(now);
        }
    }

    fn may_fetch(&self, now: UnixTime) -> bool {
        self.last_attempt.is_none_or(|last| last.plus(self.policy.times.interval) <= now)
    }

    fn fetch(&mut self, now: UnixTime) -> Lookup {
        self.attempts = self.attempts.wrapping_add(1);
        self.fetching = Some(self.attempts);
        self.last_attempt = Some(now);
        Lookup::Fetch(FetchTicket(self.attempts))
    }

    /// Remembers an identifier that the set does not hold; the oldest is forgotten, never a key.
    fn deny(&mut self, key_id: Option<&str>, now: UnixTime) {
        let Some(id) = key_id else { return };
        self.unknown.retain(|(_, until)| now < *until);
        if self.unknown.len() >= UNKNOWN {
            self.unknown.pop_front();
        }
        self.unknown.push_back((id.into(), now.plus(self.policy.times.negative)));
    }
}

/// Unknown identifiers remembered: more than honest senders cause, few enough that forgetting them costs nothing,
/// since the interval bounds the fetches anyway.
const UNKNOWN: usize = 64;
