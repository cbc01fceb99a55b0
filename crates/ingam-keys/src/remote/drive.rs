//! The driver: fetches over a [`Transport`]. It belongs to no runtime; whoever polls it drives it.

use core::{
    fmt,
    future::poll_fn,
    task::{Poll, Waker},
};
use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use bytes::Bytes;
use http::{Request, Response, header};
use ingam_jose::{CryptoProvider, KeySet, SignatureAlgorithm, VerifyingKey};
use ingam_ports::{Transport, TransportError};
use ingam_wire::{BoxFuture, HttpUrl, Seconds, UnixTime};

use super::{FetchError, FetchTicket, KeyArchive, Lookup, RemoteKeyError, RemoteKeys, RemotePolicy};

/// One party's keys, fetched when they are needed.
pub struct RemoteKeySet {
    transport: Arc<dyn Transport>,
    provider: Arc<dyn CryptoProvider>,
    shared: Mutex<Shared>,
}

struct Shared {
    keys: RemoteKeys,
    /// A fetch that was begun and whose caller went away: the next one goes on with it.
    left: Option<Fetch>,
    waiting: Vec<Waker>,
}

/// A fetch under way.
struct Fetch {
    ticket: FetchTicket,
    begun: UnixTime,
    answer: BoxFuture<'static, Result<Response<Bytes>, TransportError>>,
}

/// What whoever asks for keys does next.
enum Next {
    Answer(Result<KeySet, RemoteKeyError>),
    Fetch(FetchTicket),
    Finish(Fetch),
}

impl fmt::Debug for RemoteKeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RemoteKeySet").field("uri", self.lock().keys.uri()).finish_non_exhaustive()
    }
}

impl RemoteKeySet {
    /// The keys at `uri`, not yet fetched.
    ///
    /// # Errors
    /// `UriNotAllowed`.
    pub fn new(
        uri: HttpUrl,
        policy: RemotePolicy,
        transport: Arc<dyn Transport>,
        provider: Arc<dyn CryptoProvider>,
    ) -> Result<Self, RemoteKeyError> {
        let keys = RemoteKeys::new(uri, policy)?;
        Ok(Self { transport, provider, shared: Mutex::new(Shared { keys, left: None, waiting: Vec::new() }) })
    }

    /// The keys for a message that names `key_id` and `algorithm`; fetches if it must and may.
    ///
    /// # Errors
    /// `UnknownKey` or `KeysUnavailable`.
    pub async fn keys(
        &self,
        key_id: Option<&str>,
        algorithm: SignatureAlgorithm,
        now: UnixTime,
    ) -> Result<KeySet, RemoteKeyError> {
        loop {
            // Looking and waiting under one lock: a fetch that ends in between wakes whoever waits for it.
            let next = poll_fn(|context| {
                let mut shared = self.lock();
                if let Some(fetch) = shared.left.take() {
                    return Poll::Ready(Next::Finish(fetch));
                }
                match shared.keys.look_up(key_id, algorithm, now) {
                    Lookup::Keys(keys) => Poll::Ready(Next::Answer(Ok(keys))),
                    Lookup::Refused(reason) => Poll::Ready(Next::Answer(Err(reason))),
                    Lookup::Fetch(ticket) => Poll::Ready(Next::Fetch(ticket)),
                    Lookup::Wait => {
                        shared.waiting.push(context.waker().clone());
                        Poll::Pending
                    }
                }
            });
            // What a fetch brought shows in the next look.
            let _ = match next.await {
                Next::Answer(answer) => return answer,
                Next::Fetch(ticket) => self.fetch(ticket, now).await,
                Next::Finish(fetch) => self.finish(fetch).await,
            };
        }
    }

    /// The whole set, fetched if it is no longer fresh and that is permitted now; for a message not yet read.
    ///
    /// # Errors
    /// `KeysUnavailable`.
    pub async fn held(&self, now: UnixTime) -> Result<KeySet, RemoteKeyError> {
        let _ = self.refresh(now).await; // what it brought shows in what is held
        self.lock().keys.held(now).cloned().ok_or(RemoteKeyError::KeysUnavailable)
    }

    /// Fetches if the set is no longer fresh; for a background task, so that no message has to wait.
    ///
    /// # Errors
    /// [`FetchError`].
    pub async fn refresh(&self, now: UnixTime) -> Result<(), FetchError> {
        let left = self.lock().left.take();
        if let Some(fetch) = left {
            return self.finish(fetch).await;
        }
        let ticket = self.lock().keys.refresh(now);
        match ticket {
            Some(ticket) => self.fetch(ticket, now).await,
            None => Ok(()),
        }
    }

    /// The key that checks a signature made at `at`, although it may have been rotated away since.
    #[must_use]
    pub fn key_at(&self, key_id: &str, algorithm: SignatureAlgorithm, at: UnixTime) -> Option<VerifyingKey> {
        self.lock().keys.archive().key_at(key_id, algorithm, at).cloned()
    }

    /// A copy of the archive, to be kept.
    #[must_use]
    pub fn archive(&self) -> KeyArchive {
        self.lock().keys.archive().clone()
    }

    /// Why the last fetch failed, if it did.
    #[must_use]
    pub fn last_error(&self) -> Option<FetchError> {
        self.lock().keys.last_error()
    }

    async fn fetch(&self, ticket: FetchTicket, now: UnixTime) -> Result<(), FetchError> {
        let (request, transport) = (self.request(), Arc::clone(&self.transport));
        let answer = Box::pin(async move { transport.exchange(request?).await });
        self.finish(Fetch { ticket, begun: now, answer }).await
    }

    async fn finish(&self, fetch: Fetch) -> Result<(), FetchError> {
        let mut caller = Caller { set: self, ticket: fetch.ticket.number(), fetch: Some(fetch) };
        let (fetch, answer) = poll_fn(|context| {
            let Some(mut fetch) = caller.fetch.take() else { return Poll::Pending };
            match fetch.answer.as_mut().poll(context) {
                Poll::Ready(answer) => Poll::Ready((fetch, answer)),
                Poll::Pending => {
                    caller.fetch = Some(fetch);
                    Poll::Pending
                }
            }
        })
        .await;
        let answer = match &answer {
            Ok(answer) => Ok((answer.status().as_u16(), &answer.body()[..], max_age(answer.headers()))),
            Err(error) => Err(*error),
        };
        self.lock().keys.fetched(fetch.ticket, answer, &*self.provider, fetch.begun)
    }

    fn request(&self) -> Result<Request<Bytes>, TransportError> {
        let uri = self.lock().keys.uri().as_str().to_owned();
        Request::get(uri)
            .header(header::ACCEPT, "application/jwk-set+json, application/json")
            .body(Bytes::new())
            .map_err(|_| TransportError::AddressNotAllowed)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whoever drives a fetch. When they go away half way, whoever asks next goes on with the same fetch, so that nobody can
/// keep a set from being fetched, or have it fetched more often, by asking and hanging up.
struct Caller<'a> {
    set: &'a RemoteKeySet,
    ticket: u64,
    /// `None` once there is an answer, and where the transport panicked.
    fetch: Option<Fetch>,
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        let waiting = {
            let mut shared = self.set.lock();
            match self.fetch.take() {
                Some(fetch) => shared.left = Some(fetch),
                None => shared.keys.abandon(self.ticket),
            }
            core::mem::take(&mut shared.waiting)
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

/// `max-age` of `Cache-Control` (RFC 9111 section 5.2.2.1); zero where it says not to store.
fn max_age(headers: &http::HeaderMap) -> Option<Seconds> {
    let values = headers.get_all(header::CACHE_CONTROL).into_iter().filter_map(|value| value.to_str().ok());
    let directives = values.flat_map(|value| value.split(',')).map(str::trim);
    directives
        .filter_map(|directive| match directive.split_once('=') {
            Some((name, age)) if name.eq_ignore_ascii_case("max-age") => age.trim_matches('"').parse().ok(),
            None if directive.eq_ignore_ascii_case("no-store") || directive.eq_ignore_ascii_case("no-cache") => Some(0),
            _ => None,
        })
        .min()
        .map(Seconds::new)
}

/// The keys of many parties, by issuer or client id.
#[derive(Debug)]
pub struct RemoteKeySets {
    transport: Arc<dyn Transport>,
    provider: Arc<dyn CryptoProvider>,
    policy: RemotePolicy,
    parties: Mutex<BTreeMap<Box<str>, Arc<RemoteKeySet>>>,
}

impl RemoteKeySets {
    /// Parties kept at most: every licensed fintech of a country, several times.
    pub const MAX: usize = 10_000;

    /// No party yet.
    #[must_use]
    pub fn new(transport: Arc<dyn Transport>, provider: Arc<dyn CryptoProvider>, policy: RemotePolicy) -> Self {
        Self { transport, provider, policy, parties: Mutex::default() }
    }

    /// Makes a party known, or gives it another address; its keys are then fetched anew.
    ///
    /// Parties are registered by onboarding, never by a message.
    ///
    /// # Errors
    /// `UriNotAllowed` or `TooMany`.
    pub fn register(&self, party: &str, uri: HttpUrl) -> Result<(), RemoteKeyError> {
        let mut parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        if parties.get(party).is_some_and(|set| *set.lock().keys.uri() == uri) {
            return Ok(());
        }
        if !parties.contains_key(party) && parties.len() >= Self::MAX {
            return Err(RemoteKeyError::TooMany);
        }
        let set = RemoteKeySet::new(uri, self.policy, Arc::clone(&self.transport), Arc::clone(&self.provider))?;
        parties.insert(party.into(), Arc::new(set));
        Ok(())
    }

    /// Forgets a party.
    pub fn remove(&self, party: &str) {
        self.parties.lock().unwrap_or_else(PoisonError::into_inner).remove(party);
    }

    /// The keys of one party.
    ///
    /// # Errors
    /// `UnknownParty`.
    pub fn of(&self, party: &str) -> Result<Arc<RemoteKeySet>, RemoteKeyError> {
        let parties = self.parties.lock().unwrap_or_else(PoisonError::into_inner);
        parties.get(party).cloned().ok_or(RemoteKeyError::UnknownParty)
    }
}
