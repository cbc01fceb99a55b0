use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OwnedSemaphorePermit;

/// A connection's share of the bounds, given back when it ends.
#[derive(Debug)]
pub(super) struct Place {
    _permit: OwnedSemaphorePermit,
    _seat: Seat,
}

impl Place {
    pub(super) const fn new(permit: OwnedSemaphorePermit, seat: Seat) -> Self {
        Self { _permit: permit, _seat: seat }
    }
}

/// How many connections each address holds.
#[derive(Debug, Default)]
pub(super) struct Crowd(Mutex<HashMap<IpAddr, usize>>);

#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    address: IpAddr,
}

impl Crowd {
    /// Takes a seat for `address`, none where it holds `most` already.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Seat> {
        let mut crowd = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = crowd.entry(address).or_insert(0);
        if *held >= most {
            return None;
        }
        *held = held.saturating_add(1);
        Some(Seat { crowd: Arc::clone(self), address })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut crowd = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = crowd.get_mut(&self.address) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                crowd.remove(&self.address);
            }
        }
    }
}
