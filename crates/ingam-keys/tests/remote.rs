//! Other parties' keys: fetched rarely, kept through outages, never at an attacker's bidding.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test fails where it must")]

mod support;

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use bytes::Bytes;
use http::{Request, Response};
use ingam_jose::{KeySet, KeySetError, RingProvider, SignatureAlgorithm, Signer as _, SigningKey};
use ingam_keys::{
    FetchError, KeyArchive, Lookup, Purpose, RemoteKeyError, RemoteKeySet, RemoteKeySets, RemoteKeys, RemotePolicy,
    RemoteTimes,
};
use ingam_ports::{Transport, TransportError};
use ingam_wire::{BoxFuture, HttpUrl, Seconds, UnixTime};
use support::{ACTIVE, NOW, PROPAGATION, at, vault};

const ES256: SignatureAlgorithm = SignatureAlgorithm::Es256;
const FRESH: u64 = 300;
const STALE: u64 = 3_600;
const INTERVAL: u64 = 10;
const NEGATIVE: u64 = 60;

/// A party that shows keys, or fails, and counts who asks.
#[derive(Debug)]
struct Party {
    answer: Mutex<Result<(u16, String, &'static str), TransportError>>,
    asked: AtomicUsize,
    slow: bool,
}

impl Party {
    fn showing(keys: &[&SigningKey]) -> Arc<Self> {
        Self::new(keys, false)
    }

    fn new(keys: &[&SigningKey], slow: bool) -> Arc<Self> {
        Arc::new(Self { answer: Mutex::new(Ok((200, set(keys), ""))), asked: AtomicUsize::new(0), slow })
    }

    fn now_shows(&self, keys: &[&SigningKey]) {
        *self.answer.lock().unwrap() = Ok((200, set(keys), ""));
    }

    fn now_answers(&self, answer: Result<(u16, String, &'static str), TransportError>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Transport for Party {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            assert_eq!(request.uri(), "https://fintech.example/jwks");
            self.asked.fetch_add(1, Ordering::SeqCst);
            for _ in 0..usize::from(self.slow) * 50 {
                tokio::task::yield_now().await;
            }
            let (status, body, cache) = self.answer.lock().unwrap().clone()?;
            let response = Response::builder().status(status).header("cache-control", cache);
            Ok(response.body(Bytes::from(body)).unwrap())
        })
    }
}

fn set(keys: &[&SigningKey]) -> String {
    KeySet::new(keys.iter().map(|key| key.public().clone()).collect()).to_json().to_string()
}

fn key() -> SigningKey {
    SigningKey::generate(ES256, &RingProvider).unwrap()
}

fn policy() -> RemotePolicy {
    RemotePolicy::new(RemoteTimes {
        fresh: Seconds::new(FRESH),
        stale: Seconds::new(STALE),
        interval: Seconds::new(INTERVAL),
        negative: Seconds::new(NEGATIVE),
    })
    .unwrap()
}

fn uri() -> HttpUrl {
    "https://fintech.example/jwks".parse().unwrap()
}

fn remote(party: &Arc<Party>) -> RemoteKeySet {
    RemoteKeySet::new(uri(), policy(), party.clone(), Arc::new(RingProvider)).unwrap()
}

async fn knows(remote: &RemoteKeySet, key: &SigningKey, now: UnixTime) -> Result<bool, RemoteKeyError> {
    let id = key.key_id().as_str();
    let keys = remote.keys(Some(id), ES256, now).await?;
    Ok(keys.keys().iter().any(|known| known.thumbprint() == key.public().thumbprint()))
}

#[tokio::test]
async fn sr_63_ten_thousand_unknown_key_ids_cause_one_fetch_and_good_keys_keep_verifying() {
    let good = key();
    let party = Party::showing(&[&good]);
    let remote = remote(&party);
    assert_eq!(knows(&remote, &good, NOW).await, Ok(true));
    assert_eq!(party.asked(), 1);
    for n in 0..10_000 {
        let invented = format!("invented-{n}");
        let refused = remote.keys(Some(&invented), ES256, NOW).await.unwrap_err();
        assert_eq!(refused, RemoteKeyError::UnknownKey);
        assert_eq!(knows(&remote, &good, NOW).await, Ok(true));
    }
    assert_eq!(party.asked(), 1, "the interval has not passed");
    for n in 0..1_000 {
        let refused = remote.keys(Some(&format!("later-{n}")), ES256, at(INTERVAL)).await.unwrap_err();
        assert_eq!(refused, RemoteKeyError::UnknownKey);
    }
    assert_eq!(party.asked(), 2, "one per interval");
    assert_eq!(knows(&remote, &good, at(INTERVAL)).await, Ok(true));
}

#[tokio::test]
async fn sr_63_stale_keys_are_served_until_their_bound_and_then_none() {
    let good = key();
    let party = Party::showing(&[&good]);
    let remote = remote(&party);
    assert_eq!(knows(&remote, &good, NOW).await, Ok(true));
    for failure in [
        Err(TransportError::TimedOut),
        Ok((500, String::new(), "")),
        Ok((302, set(&[&key()]), "")),
        Ok((200, "{".into(), "")),
        Ok((200, r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA","d":"AA"}]}"#.into(), "")),
    ] {
        party.now_answers(failure);
        let later = at(FRESH + u64::try_from(party.asked()).unwrap() * INTERVAL);
        let before = party.asked();
        assert_eq!(knows(&remote, &good, later).await, Ok(true), "what was held stays");
        assert_eq!(party.asked(), before + 1);
        assert!(remote.last_error().is_some());
    }
    assert_eq!(knows(&remote, &good, at(STALE - 1)).await, Ok(true));
    assert_eq!(knows(&remote, &good, at(STALE)).await, Err(RemoteKeyError::KeysUnavailable));
    party.now_shows(&[&good]);
    assert_eq!(knows(&remote, &good, at(STALE + INTERVAL)).await, Ok(true), "and recovers");
    assert_eq!(remote.last_error(), None);
}

#[tokio::test]
async fn an_endpoint_that_never_answered_is_asked_once_in_an_interval() {
    let good = key();
    let party = Party::showing(&[&good]);
    party.now_answers(Err(TransportError::Connect));
    let remote = remote(&party);
    for _ in 0..100 {
        assert_eq!(knows(&remote, &good, NOW).await, Err(RemoteKeyError::KeysUnavailable));
    }
    assert_eq!(party.asked(), 1);
    assert_eq!(remote.last_error(), Some(FetchError::Transport(TransportError::Connect)));
}

#[tokio::test]
async fn all_who_ask_at_once_wait_for_one_fetch() {
    let good = key();
    let party = Party::new(&[&good], true);
    let remote = Arc::new(remote(&party));
    let good = Arc::new(good);
    let asking: Vec<_> = (0..200)
        .map(|_| {
            let (remote, good) = (remote.clone(), good.clone());
            tokio::spawn(async move { knows(&remote, &good, NOW).await })
        })
        .collect();
    for asked in asking {
        assert_eq!(asked.await.unwrap(), Ok(true));
    }
    assert_eq!(party.asked(), 1);
}

#[tokio::test]
async fn whoever_stops_half_way_leaves_the_fetch_to_those_who_wait_or_come_next() {
    let good = Arc::new(key());
    let party = Party::new(&[&good], true);
    let remote = Arc::new(remote(&party));
    let ask = || {
        let (remote, good) = (remote.clone(), good.clone());
        tokio::spawn(async move { knows(&remote, &good, NOW).await })
    };
    for _ in 0..10 {
        let leaves = ask();
        while party.asked() == 0 {
            tokio::task::yield_now().await;
        }
        tokio::task::yield_now().await;
        leaves.abort();
        assert!(leaves.await.is_err(), "gone before the answer");
    }
    let (leaves, waits) = (ask(), ask());
    tokio::task::yield_now().await;
    leaves.abort();
    assert_eq!(waits.await.unwrap(), Ok(true));
    assert_eq!(party.asked(), 1, "whoever hangs up neither ends the fetch nor causes another");
}

/// A transport with a fault that shows once.
#[derive(Debug)]
struct Faulty(AtomicUsize, String);

impl Transport for Faulty {
    fn exchange(&self, _: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            assert!(self.0.fetch_add(1, Ordering::SeqCst) > 0, "the fault");
            Ok(Response::new(Bytes::from(self.1.clone())))
        })
    }
}

#[tokio::test]
async fn a_transport_that_panics_once_does_not_end_all_fetches() {
    let good = Arc::new(key());
    let transport = Arc::new(Faulty(AtomicUsize::new(0), set(&[&good])));
    let remote = Arc::new(RemoteKeySet::new(uri(), policy(), transport, Arc::new(RingProvider)).unwrap());
    let (asking, wanted) = (remote.clone(), good.clone());
    let panicked = tokio::spawn(async move { knows(&asking, &wanted, NOW).await });
    assert!(panicked.await.unwrap_err().is_panic());
    assert_eq!(knows(&remote, &good, NOW).await, Err(RemoteKeyError::KeysUnavailable), "not before the interval");
    assert_eq!(remote.last_error(), Some(FetchError::Abandoned));
    assert_eq!(knows(&remote, &good, at(INTERVAL)).await, Ok(true));
}

#[tokio::test]
async fn a_clock_that_goes_back_neither_keeps_old_keys_nor_keeps_new_ones_out() {
    let (old, new) = (key(), key());
    let ahead = at(100_000);
    let fetched_ahead = async || {
        let party = Party::showing(&[&old]);
        let remote = remote(&party);
        assert_eq!(knows(&remote, &old, ahead).await, Ok(true));
        assert_eq!(knows(&remote, &new, ahead).await, Err(RemoteKeyError::UnknownKey));
        assert_eq!(knows(&remote, &old, ahead.minus(Seconds::new(INTERVAL))).await, Ok(true));
        assert_eq!(party.asked(), 1, "callers read the clock one after the other: that is no step back");
        (party, remote)
    };
    let (party, remote) = fetched_ahead().await;
    party.now_shows(&[&new]);
    assert_eq!(knows(&remote, &new, NOW).await, Ok(true), "what was not found then is looked for again");
    assert_eq!(knows(&remote, &old, NOW).await, Err(RemoteKeyError::UnknownKey));
    assert_eq!(party.asked(), 2, "and once is enough");
    assert!(remote.key_at(new.key_id().as_str(), ES256, NOW).is_some());

    let (party, remote) = fetched_ahead().await;
    party.now_shows(&[&new]);
    assert_eq!(knows(&remote, &old, NOW).await, Err(RemoteKeyError::UnknownKey), "what was fresh then is not now");

    let (party, remote) = fetched_ahead().await;
    party.now_shows(&[&new]);
    remote.refresh(NOW).await.unwrap();
    assert_eq!(party.asked(), 2, "nor to a background task");

    let (_party, remote) = fetched_ahead().await;
    assert_eq!(knows(&remote, &old, NOW).await, Ok(true));
    assert!(remote.key_at(old.key_id().as_str(), ES256, NOW).is_some(), "seen now, it counts now");

    let (party, remote) = fetched_ahead().await;
    party.now_answers(Err(TransportError::Connect));
    assert_eq!(knows(&remote, &old, NOW).await, Ok(true));
    assert_eq!(knows(&remote, &old, at(STALE - 1)).await, Ok(true));
    assert_eq!(knows(&remote, &old, at(STALE)).await, Err(RemoteKeyError::KeysUnavailable), "counted from the step");
}

#[tokio::test]
async fn others_use_what_is_held_while_one_fetches() {
    let good = key();
    let mut core = RemoteKeys::new(uri(), policy()).unwrap();
    let id = Some(good.key_id().as_str());
    let Lookup::Fetch(ticket) = core.look_up(id, ES256, NOW) else { panic!("nothing is held") };
    assert!(matches!(core.look_up(id, ES256, NOW), Lookup::Wait));
    core.fetched(ticket, Ok((200, set(&[&good]).as_bytes(), None)), &RingProvider, NOW).unwrap();
    let Lookup::Fetch(ticket) = core.look_up(id, ES256, at(FRESH)) else { panic!("no longer fresh") };
    assert!(matches!(core.look_up(id, ES256, at(FRESH)), Lookup::Keys(_)), "no waiting for what is held");
    assert!(core.refresh(at(FRESH + INTERVAL)).is_none(), "one at a time");
    core.abandoned(ticket);
    assert_eq!(core.last_error(), Some(FetchError::Abandoned));
    assert!(core.refresh(at(FRESH + INTERVAL)).is_some());
}

#[tokio::test]
async fn an_answer_to_another_set_s_ticket_or_that_is_no_set_changes_nothing() {
    let (old, new) = (key(), key());
    let mut other = RemoteKeys::new(uri(), policy()).unwrap();
    let Lookup::Fetch(another) = other.look_up(None, ES256, NOW) else { panic!("nothing is held") };
    let mut core = RemoteKeys::new(uri(), policy()).unwrap();
    let Lookup::Fetch(first) = core.look_up(None, ES256, NOW) else { panic!("nothing is held") };
    core.abandoned(first);
    let Lookup::Fetch(second) = core.look_up(None, ES256, at(INTERVAL)) else { panic!("nothing is held") };
    core.fetched(second, Ok((200, set(&[&new]).as_bytes(), None)), &RingProvider, at(INTERVAL)).unwrap();
    let foreign = core.fetched(another, Ok((200, set(&[&old]).as_bytes(), None)), &RingProvider, at(INTERVAL));
    assert_eq!(foreign, Err(FetchError::Abandoned));
    let Lookup::Fetch(third) = core.look_up(Some("x"), ES256, at(2 * INTERVAL)) else { panic!("unknown") };
    let error = core.fetched(third, Ok((200, b"[]", None)), &RingProvider, at(2 * INTERVAL)).unwrap_err();
    assert_eq!(error, FetchError::Set(KeySetError::Malformed));
    assert!(matches!(core.look_up(Some(new.key_id().as_str()), ES256, at(2 * INTERVAL)), Lookup::Keys(_)));
    assert!(matches!(
        core.look_up(Some(old.key_id().as_str()), ES256, at(2 * INTERVAL)),
        Lookup::Refused(RemoteKeyError::UnknownKey)
    ));
}

#[tokio::test]
async fn a_new_key_is_found_when_it_is_first_named_and_an_old_one_goes() {
    let (old, new) = (key(), key());
    let party = Party::showing(&[&old]);
    let remote = remote(&party);
    assert_eq!(knows(&remote, &old, NOW).await, Ok(true));
    party.now_shows(&[&new]);
    assert_eq!(knows(&remote, &new, at(INTERVAL)).await, Ok(true));
    assert_eq!(knows(&remote, &old, at(INTERVAL)).await, Err(RemoteKeyError::UnknownKey));
    assert!(remote.key_at(old.key_id().as_str(), ES256, at(5)).is_some(), "what it signed before can be checked");
    assert!(remote.key_at(old.key_id().as_str(), ES256, at(INTERVAL + 1)).is_none(), "and nothing after");
    assert!(remote.key_at(old.key_id().as_str(), SignatureAlgorithm::EdDsa, at(5)).is_none());
    assert!(remote.key_at(new.key_id().as_str(), ES256, at(1_000)).is_some());
    assert!(remote.key_at(new.key_id().as_str(), ES256, at(5)).is_none());
    let printed = remote.archive().to_json().to_string();
    let mut archive = KeyArchive::from_json(printed.as_bytes(), &RingProvider).unwrap();
    assert_eq!(archive.to_json().to_string(), printed);
    archive.forget(old.key_id().as_str());
    assert!(archive.key_at(old.key_id().as_str(), ES256, at(5)).is_none(), "a compromised key is good for nothing");
}

#[tokio::test]
async fn an_unknown_key_id_is_not_asked_for_again_until_its_time() {
    let (good, late) = (key(), key());
    let party = Party::showing(&[&good]);
    let remote = remote(&party);
    assert_eq!(knows(&remote, &late, NOW).await, Err(RemoteKeyError::UnknownKey));
    assert_eq!(party.asked(), 1);
    assert_eq!(knows(&remote, &late, at(NEGATIVE - 1)).await, Err(RemoteKeyError::UnknownKey));
    assert_eq!(party.asked(), 1);
    party.now_shows(&[&good, &late]);
    assert_eq!(knows(&remote, &late, at(NEGATIVE)).await, Ok(true));
}

#[tokio::test]
async fn of_unknown_key_ids_the_latest_are_remembered() {
    let party = Party::showing(&[&key()]);
    let remote = remote(&party);
    let ask = async |n: u32, now| remote.keys(Some(&format!("invented-{n}")), ES256, now).await.map(drop);
    for n in 0..65 {
        assert_eq!(ask(n, NOW).await, Err(RemoteKeyError::UnknownKey));
    }
    assert_eq!(ask(64, at(INTERVAL)).await, Err(RemoteKeyError::UnknownKey));
    assert_eq!(party.asked(), 1, "known to be unknown");
    assert_eq!(ask(0, at(INTERVAL)).await, Err(RemoteKeyError::UnknownKey));
    assert_eq!(party.asked(), 2, "forgotten, so that a flood takes no memory");
}

#[tokio::test]
async fn the_answer_s_max_age_shortens_freshness_within_bounds() {
    let good = key();
    for (cache, still_fresh, fetched_again) in [
        ("max-age=60", 59, 60),
        ("public, max-age=60", 59, 60),
        ("max-age=0", INTERVAL - 1, INTERVAL),
        ("no-store", INTERVAL - 1, INTERVAL),
        ("max-age=99999999", FRESH - 1, FRESH),
        ("max-age=nonsense", FRESH - 1, FRESH),
    ] {
        let party = Party::showing(&[&good]);
        party.now_answers(Ok((200, set(&[&good]), cache)));
        let remote = remote(&party);
        assert_eq!(knows(&remote, &good, NOW).await, Ok(true));
        assert_eq!(knows(&remote, &good, at(still_fresh)).await, Ok(true));
        assert_eq!(party.asked(), 1, "{cache}");
        assert_eq!(knows(&remote, &good, at(fetched_again)).await, Ok(true));
        assert_eq!(party.asked(), 2, "{cache}");
    }
}

#[test]
fn sr_62_only_https_addresses_are_taken() {
    for text in ["http://fintech.example/jwks", "http://127.0.0.1/jwks", "https://fintech.example/jwks#x"] {
        let refused = RemoteKeys::new(text.parse().unwrap(), policy()).unwrap_err();
        assert_eq!(refused, RemoteKeyError::UriNotAllowed, "{text}");
    }
}

#[tokio::test]
async fn an_unusable_key_is_skipped_and_the_rest_is_used() {
    let good = key();
    let mut core = RemoteKeys::new(uri(), policy()).unwrap();
    let Lookup::Fetch(ticket) = core.look_up(None, ES256, NOW) else { panic!("nothing is held") };
    let mut value: serde_json::Value = serde_json::from_str(&set(&[&good])).unwrap();
    value["keys"].as_array_mut().unwrap().push(serde_json::json!({ "kty": "EC", "crv": "P-521", "kid": "odd" }));
    core.fetched(ticket, Ok((200, value.to_string().as_bytes(), None)), &RingProvider, NOW).unwrap();
    assert_eq!(core.skipped().len(), 1);
    assert!(matches!(core.look_up(None, ES256, NOW), Lookup::Keys(keys) if keys.keys().len() == 1));
}

#[tokio::test]
async fn parties_are_kept_apart() {
    let (one, two) = (key(), key());
    let party = Party::showing(&[&one]);
    let sets = RemoteKeySets::new(party.clone(), Arc::new(RingProvider), policy());
    sets.register("one", uri()).unwrap();
    assert_eq!(sets.of("two").unwrap_err(), RemoteKeyError::UnknownParty);
    assert_eq!(sets.register("bad", "http://x.example/".parse().unwrap()), Err(RemoteKeyError::UriNotAllowed));
    let first = sets.of("one").unwrap();
    assert_eq!(knows(&first, &one, NOW).await, Ok(true));
    sets.register("one", uri()).unwrap();
    assert!(Arc::ptr_eq(&first, &sets.of("one").unwrap()), "the same address keeps what is held");
    party.now_shows(&[&two]);
    sets.register("two", uri()).unwrap();
    assert_eq!(knows(&sets.of("two").unwrap(), &one, NOW).await, Err(RemoteKeyError::UnknownKey));
    sets.remove("one");
    assert_eq!(sets.of("one").unwrap_err(), RemoteKeyError::UnknownParty);
}

#[test]
fn the_archive_is_bounded_and_keeps_what_is_current() {
    let mut archive = KeyArchive::default();
    let current = key();
    for n in 0..300 {
        archive.saw(&KeySet::new(vec![current.public().clone(), key().public().clone()]), at(n));
    }
    assert_eq!(archive.len(), KeyArchive::MAX);
    assert!(archive.key_at(current.key_id().as_str(), ES256, at(0)).is_some());
    for malformed in ["", "{}", "[{}]", "[1]", r#"[{"jwk":{},"from":1,"until":2}]"#] {
        assert!(KeyArchive::from_json(malformed.as_bytes(), &RingProvider).is_err(), "{malformed}");
    }
}

#[tokio::test]
async fn our_own_old_signatures_can_be_checked_after_their_key_is_gone() {
    let vault = vault();
    let ring = vault.advance(NOW).await.unwrap();
    let signer = ring.signer(Purpose::SignAccessKeys, NOW).unwrap();
    let signature = signer.sign(b"receipt").await.unwrap();
    vault.advance(at(ACTIVE - PROPAGATION)).await.unwrap();
    let ring = vault.advance(at(3 * ACTIVE)).await.unwrap();
    let id = signer.key_id().as_str();
    let archive = ring.archive(&RingProvider).unwrap();
    assert_eq!(archive.key_at(id, ES256, at(1)).unwrap().verify(b"receipt", &signature), Ok(()));
    assert!(archive.key_at(id, ES256, at(ACTIVE + 1)).is_none(), "it signed nothing then");
}
