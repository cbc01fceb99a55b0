//! Lines of the record (3.1.16.9): made here, so that none is forgotten a field or given a secret.

use core::net::IpAddr;

use bytes::Bytes;
use http::{HeaderValue, Response};
use ingam_access_key::DPOP_NONCE;
use ingam_ports::{ControlItem, EventKind, Outcome, SecurityEvent, Step, Threat};
use ingam_wire::UnixTime;

use crate::{Operator, refusal::Refusal};

impl Operator {
    /// A line about something that was done.
    pub(crate) fn done(&self, kind: EventKind, control: ControlItem, now: UnixTime) -> SecurityEvent {
        SecurityEvent {
            at: now,
            kind,
            outcome: Outcome::Done,
            control,
            threat: None,
            policy: self.parts.profile.version(),
            key_id: None,
            fintech: None,
            user: None,
            reference: None,
            address: None,
        }
    }

    /// A line about something that was refused.
    pub(crate) fn refused(
        &self,
        kind: EventKind,
        reason: &'static str,
        (control, threat): (ControlItem, Option<Threat>),
        now: UnixTime,
    ) -> SecurityEvent {
        SecurityEvent { outcome: Outcome::Refused(reason), threat, ..self.done(kind, control, now) }
    }

    /// The steps that keep `events` in the commit they tell of, and the events that the sink keeps elsewhere: record those
    /// with [`Operator::record_committed`] when the commit is done.
    ///
    /// x1149: 3.1.16.9
    ///
    /// # Errors
    /// A refusal: what cannot be recorded is not done.
    pub(crate) fn event_steps(&self, events: Vec<SecurityEvent>) -> Result<(Vec<Step>, Vec<SecurityEvent>), Refusal> {
        let (mut steps, mut elsewhere) = (Vec::new(), Vec::new());
        for event in events {
            match self.parts.audit.step(&event).map_err(|_| Refusal::unavailable("Record"))? {
                Some(step) => steps.push(step),
                None => elsewhere.push(event),
            }
        }
        Ok((steps, elsewhere))
    }

    /// Records what was committed, where the sink keeps events elsewhere than in the store.
    pub(crate) async fn record_committed(&self, elsewhere: Vec<SecurityEvent>) {
        for event in elsewhere {
            // The change is committed; a sink that fails now has its own alarm, the answer must not change.
            let _ = self.parts.audit.record(event).await;
        }
    }

    /// Records a refusal and answers it: 503 when not even the record could be kept.
    pub(crate) async fn refuse(
        &self,
        refusal: Refusal,
        attempted: EventKind,
        about: About,
        now: UnixTime,
    ) -> Response<Bytes> {
        let event = self.refused(refusal.kind(attempted), refusal.reason, (refusal.control, refusal.threat), now);
        let event = SecurityEvent {
            fintech: about.fintech,
            user: about.user,
            reference: about.reference,
            address: about.address,
            ..event
        };
        let refusal = match self.parts.audit.record(event).await {
            Ok(()) => refusal,
            Err(_) => Refusal::unavailable("Record"),
        };
        self.with_nonce(refusal.answer(now), now)
    }

    /// Adds the server's nonce where nonces are demanded, to any answer (RFC 9449 section 8.2).
    ///
    /// fapi: DP-12, DP-14, DP-15
    pub(crate) fn with_nonce(&self, mut answer: Response<Bytes>, now: UnixTime) -> Response<Bytes> {
        if let Some(nonces) = &self.server_nonces
            && let Ok(nonce) = HeaderValue::try_from(nonces.mint(now))
        {
            answer.headers_mut().insert(DPOP_NONCE, nonce);
        }
        answer
    }
}

/// Whom a line is about, as far as it is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct About {
    pub(crate) fintech: Option<String>,
    pub(crate) user: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) address: Option<IpAddr>,
}
