use std::{
    collections::HashMap,
    net::{IpAddr, Ipv4Addr},
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
pub(super) struct Crowd(Mutex<HashMap<Site, usize>>);

#[derive(Debug)]
pub(super) struct Seat {
    crowd: Arc<Crowd>,
    site: Site,
}

/// Where a client sits: one IPv4 address, or the 64 bits of an IPv6 address that it cannot choose (RFC 4291 section 2.5.4).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
enum Site {
    V4(Ipv4Addr),
    V6(u128),
}

impl From<IpAddr> for Site {
    fn from(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self::V4(address),
            IpAddr::V6(address) => Self::V6(address.to_bits() >> 64),
        }
    }
}

impl Crowd {
    /// Takes a seat for `address`, none where it holds `most` already.
    pub(super) fn enter(self: &Arc<Self>, address: IpAddr, most: usize) -> Option<Seat> {
        let site = Site::from(address);
        let mut crowd = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let held = crowd.entry(site).or_insert(0);
        if *held >= most {
            return None;
        }
        *held = held.saturating_add(1);
        Some(Seat { crowd: Arc::clone(self), site })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut crowd = self.crowd.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(held) = crowd.get_mut(&self.site) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                crowd.remove(&self.site);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ipv6_network_counts_as_one_address() {
        let crowd = Arc::new(Crowd::default());
        let enter = |address: &str| crowd.enter(address.parse().unwrap(), 2);
        let seats = [enter("2001:db8::1"), enter("2001:db8::ffff:0:0:2")];
        assert!(seats.iter().all(Option::is_some));
        assert!(enter("2001:db8::3").is_none(), "the same network");
        assert!(enter("2001:db8:0:1::3").is_some(), "the next network");
        let mapped = [enter("::ffff:192.0.2.1"), enter("192.0.2.1")];
        assert!(mapped.iter().all(Option::is_some));
        assert!(enter("192.0.2.1").is_none(), "one address, however it is written");
        assert!(enter("192.0.2.2").is_some());
        drop(seats);
        assert!(enter("2001:db8::3").is_some(), "given back");
        drop(mapped);
        assert!(crowd.0.lock().unwrap().is_empty(), "nobody is remembered");
    }
}
