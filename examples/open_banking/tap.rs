//! The attacker's place: whoever sits here sees every request and answer in the clear, and can put another in its place.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::{Request, Response};
use ingam::{
    ports::{Transport, TransportError},
    wire::BoxFuture,
};

/// A transport with an ear and a hand in it.
#[derive(Debug)]
pub(crate) struct Tap {
    below: Arc<dyn Transport>,
    heard: Mutex<Vec<(Request<Bytes>, Response<Bytes>)>>,
    planted: Mutex<Option<Planted>>,
    holding: Mutex<Hold>,
}

/// What happens to the next answer.
#[derive(Debug)]
enum Planted {
    /// Another comes in its place.
    Instead(Box<Response<Bytes>>),
    /// Each of these in its body becomes that.
    Changed(&'static str, &'static str),
}

/// Whether the next request is held back.
#[derive(Debug, Default)]
enum Hold {
    #[default]
    Nothing,
    Next,
    Held(Box<Request<Bytes>>),
}

impl Tap {
    pub(crate) fn on(below: Arc<dyn Transport>) -> Self {
        Self { below, heard: Mutex::default(), planted: Mutex::default(), holding: Mutex::default() }
    }

    /// The last request whose path ends in `path`, with its answer.
    pub(crate) fn last(&self, path: &str) -> Option<(Request<Bytes>, Response<Bytes>)> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.iter().rev().find(|(request, _)| request.uri().path().ends_with(path)).cloned()
    }

    /// Answers the next request with `response` instead of the operator.
    pub(crate) fn plant(&self, response: Response<Bytes>) {
        *self.planted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Planted::Instead(Box::new(response)));
    }

    /// Lets the next answer pass with `from` in its body turned into `to`, of the same length.
    pub(crate) fn change(&self, from: &'static str, to: &'static str) {
        *self.planted.lock().unwrap_or_else(PoisonError::into_inner) = Some(Planted::Changed(from, to));
    }

    /// Holds the next request back: it never arrives.
    pub(crate) fn hold(&self) {
        *self.holding.lock().unwrap_or_else(PoisonError::into_inner) = Hold::Next;
    }

    /// The request that was held back.
    pub(crate) fn held(&self) -> Option<Request<Bytes>> {
        match std::mem::take(&mut *self.holding.lock().unwrap_or_else(PoisonError::into_inner)) {
            Hold::Held(request) => Some(*request),
            Hold::Nothing | Hold::Next => None,
        }
    }

    /// Whether `request` is the one to be held back.
    fn holds(&self, request: &Request<Bytes>) -> bool {
        let mut holding = self.holding.lock().unwrap_or_else(PoisonError::into_inner);
        let holds = matches!(*holding, Hold::Next);
        if holds {
            *holding = Hold::Held(Box::new(request.clone()));
        }
        holds
    }

    /// Sends a request of the attacker's own.
    pub(crate) async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        self.below.exchange(request).await
    }
}

impl Transport for Tap {
    fn exchange(&self, request: Request<Bytes>) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        Box::pin(async move {
            if self.holds(&request) {
                return Err(TransportError::TimedOut);
            }
            let planted = self.planted.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(Planted::Instead(planted)) = planted {
                return Ok(*planted);
            }
            let mut response = self.below.exchange(request.clone()).await?;
            if let Some(Planted::Changed(from, to)) = planted {
                let body = String::from_utf8_lossy(response.body()).replace(from, to);
                *response.body_mut() = Bytes::from(body);
            }
            self.heard.lock().unwrap_or_else(PoisonError::into_inner).push((request, response.clone()));
            Ok(response)
        })
    }
}
