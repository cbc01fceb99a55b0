use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::SendRequest;
use tokio::time::{Duration, Instant, timeout};

use crate::limits;

pub(super) type Sender = SendRequest<Full<Bytes>>;

/// What a connection is good for: they are never shared between names, nor between channels.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub(super) struct Origin {
    /// In lower case, as it is verified.
    pub(super) host: String,
    pub(super) port: u16,
    /// Which channel it was made over.
    pub(super) channel: u64,
}

/// Connections that are open and unused.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<HashMap<Origin, Vec<Kept>>>);

#[derive(Debug)]
struct Kept {
    sender: Sender,
    since: Instant,
}

impl Pool {
    /// A connection to `origin` that was used last and is still open.
    pub(super) async fn take(&self, origin: &Origin) -> Option<Sender> {
        while let Some(mut kept) = self.pop(origin) {
            if kept.since.elapsed() < limits::POOL_IDLE
                && matches!(timeout(SETTLING, kept.sender.ready()).await, Ok(Ok(())))
            {
                return Some(kept.sender);
            }
        }
        None
    }

    /// Keeps `sender`, whose last answer has been read to its end.
    pub(super) fn keep(&self, origin: Origin, sender: Sender) {
        let mut origins = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for connections in origins.values_mut() {
            connections.retain(|kept| kept.since.elapsed() < limits::POOL_IDLE && !kept.sender.is_closed());
        }
        origins.retain(|_, connections| !connections.is_empty());
        if origins.len() >= limits::POOL_ORIGINS && !origins.contains_key(&origin) {
            return;
        }
        let connections = origins.entry(origin).or_default();
        if connections.len() < limits::POOL_PER_ORIGIN {
            connections.push(Kept { sender, since: Instant::now() });
        }
    }

    fn pop(&self, origin: &Origin) -> Option<Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get_mut(origin)?.pop()
    }
}

/// What hyper needs to notice that an answer was read to its end.
const SETTLING: Duration = Duration::from_millis(50);
