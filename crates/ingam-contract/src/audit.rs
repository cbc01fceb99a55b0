//! What every [`AuditSink`] must hold whose records can be read back.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use ingam_ports::{AuditSink, ControlItem, EventKind, Outcome, RecordError, SecurityEvent, Threat};
use ingam_wire::{BoxFuture, Seconds, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_767_323_045);

/// A sink to be tested, and how its record is read back.
pub trait Audited: Send + Sync {
    /// The sink.
    fn sink(&self) -> &dyn AuditSink;

    /// Makes everything taken so far readable and reads it, oldest first.
    fn trail(&self) -> BoxFuture<'_, Vec<Line>>;
}

/// What must be kept of an event.
#[derive(Clone, Debug, Eq, PartialEq)]
#[expect(missing_docs, reason = "the fields of a security event, by name")]
pub struct Line {
    pub at: UnixTime,
    pub kind: String,
    pub refused: Option<String>,
    pub control: String,
    pub threat: Option<String>,
    pub policy: String,
    pub key_id: Option<String>,
    pub fintech: Option<String>,
    pub user: Option<String>,
    pub reference: Option<String>,
    pub address: Option<IpAddr>,
    /// How many events the record stands for.
    pub count: u64,
}

/// Runs every law on fresh sinks from `make`.
///
/// # Panics
/// When a law does not hold; the message names it.
pub async fn suite(make: impl AsyncFn() -> Arc<dyn Audited>) {
    every_field_reads_back(&*make().await).await;
    events_of_one_second_keep_their_order(&*make().await).await;
    refusals_of_unknown_peers_are_counted(&*make().await).await;
    a_crowd_of_unknown_peers_takes_few_records(&*make().await).await;
}

/// What a sink must hold whose store never answers: it refuses at the latest when its queue is full.
///
/// # Panics
/// When it takes events without end.
pub async fn failure_suite(failing: &dyn AuditSink) {
    let mut taken = 0_u32;
    while taken < 1_000_000 {
        match failing.record(done(0)).await {
            Ok(()) => taken += 1,
            Err(RecordError) => return,
        }
    }
    assert_eq!(taken, 0, "a sink that keeps nothing takes events without end");
}

async fn every_field_reads_back(audited: &dyn Audited) {
    let event = SecurityEvent {
        at: NOW,
        kind: EventKind::AccessKeyPresented,
        outcome: Outcome::Refused("ProofReplayed"),
        control: ControlItem::LEAK,
        threat: Some(Threat::UnauthorizedAccess),
        policy: "fapi2-security/1",
        key_id: Some("key-1".into()),
        fintech: Some("client-1".into()),
        user: Some("alice".into()),
        reference: Some("grant-1\nforged line".into()),
        address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
    };
    assert_eq!(audited.sink().record(event).await, Ok(()));
    let line = Line {
        at: NOW,
        kind: "AccessKeyPresented".into(),
        refused: Some("ProofReplayed".into()),
        control: "3.1.16.7".into(),
        threat: Some("UnauthorizedAccess".into()),
        policy: "fapi2-security/1".into(),
        key_id: Some("key-1".into()),
        fintech: Some("client-1".into()),
        user: Some("alice".into()),
        reference: Some("grant-1\nforged line".into()),
        address: Some(IpAddr::V4(Ipv4Addr::LOCALHOST)),
        count: 1,
    };
    assert_eq!(audited.trail().await, [line]);
}

async fn events_of_one_second_keep_their_order(audited: &dyn Audited) {
    for number in 0..1_500 {
        assert_eq!(audited.sink().record(done(number)).await, Ok(()));
    }
    let numbers = audited.trail().await.into_iter().map(|line| line.reference).collect::<Vec<_>>();
    assert_eq!(numbers, (0..1_500).map(|number| Some(number.to_string())).collect::<Vec<_>>());
}

async fn refusals_of_unknown_peers_are_counted(audited: &dyn Audited) {
    for nth in 0..1_000 {
        let address = Ipv4Addr::new(192, 0, 2, if nth % 10 == 0 { 2 } else { 1 });
        assert_eq!(audited.sink().record(unknown(IpAddr::V4(address))).await, Ok(()));
    }
    let known = SecurityEvent { fintech: Some("client-1".into()), ..unknown(IpAddr::V4(Ipv4Addr::LOCALHOST)) };
    for _ in 0..3 {
        assert_eq!(audited.sink().record(known.clone()).await, Ok(()));
    }
    let mut counts = audited.trail().await.into_iter().map(|line| (line.fintech, line.count)).collect::<Vec<_>>();
    counts.sort();
    let one = || (Some("client-1".to_owned()), 1);
    assert_eq!(counts, [(None, 100), (None, 900), one(), one(), one()], "by source; known peers one by one");
}

async fn a_crowd_of_unknown_peers_takes_few_records(audited: &dyn Audited) {
    for nth in 0..20_000 {
        let address = IpAddr::V4(Ipv4Addr::from_bits(0x0a00_0000 + nth));
        assert_eq!(audited.sink().record(unknown(address)).await, Ok(()));
    }
    let trail = audited.trail().await;
    assert!(trail.len() <= 2_000, "{} records", trail.len());
    assert_eq!(trail.iter().map(|line| line.count).sum::<u64>(), 20_000, "and none is lost");
}

fn done(number: u32) -> SecurityEvent {
    SecurityEvent {
        at: NOW.plus(Seconds::new(u64::from(number / 1_000))),
        kind: EventKind::Transaction,
        outcome: Outcome::Done,
        control: ControlItem::AUTHORITY,
        threat: None,
        policy: "fapi2-security/1",
        key_id: None,
        fintech: Some("client-1".into()),
        user: None,
        reference: Some(number.to_string()),
        address: None,
    }
}

fn unknown(address: IpAddr) -> SecurityEvent {
    let outcome = Outcome::Refused("MissingKey");
    let threat = Some(Threat::VulnerabilityScanning);
    SecurityEvent { outcome, threat, fintech: None, address: Some(address), reference: None, ..done(0) }
}
