use core::{fmt, str::FromStr};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Which resolved addresses a client connects to: public ones, and those that were configured.
///
/// Asked about the address that is then connected to, never about a name, so that rebinding changes nothing.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AddressPolicy(Vec<Network>);

impl AddressPolicy {
    /// Public addresses only: no loopback, private, link-local, shared, multicast, documentation or reserved ones,
    /// nor IPv6 forms that embed them.
    #[must_use]
    pub fn public_only() -> Self {
        Self::default()
    }

    /// Also loopback: for development and for peers on the same machine.
    #[must_use]
    pub fn public_and_loopback() -> Self {
        Self(vec![
            Network { base: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), prefix: 8 },
            Network { base: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix: 128 },
        ])
    }

    /// Also `network`.
    #[must_use]
    pub fn with(mut self, network: Network) -> Self {
        self.0.push(network);
        self
    }

    /// Whether `address` may be connected to.
    #[must_use]
    pub fn admits(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address)) || is_public(address)
    }
}

/// A range of addresses, written `10.1.0.0/16`, or one address.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Network {
    base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether `address` lies in the range; an IPv4 address mapped into IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (base, address, width) = match (self.base, address.to_canonical()) {
            (IpAddr::V4(base), IpAddr::V4(address)) => (u128::from(base.to_bits()), u128::from(address.to_bits()), 32),
            (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
            _ => return false,
        };
        let host_bits: u32 = width - u32::from(self.prefix).min(width);
        (base ^ address).checked_shr(host_bits).unwrap_or(0) == 0
    }
}

impl FromStr for Network {
    type Err = InvalidNetwork;

    fn from_str(text: &str) -> Result<Self, InvalidNetwork> {
        let (base, prefix) = match text.split_once('/') {
            Some((base, prefix)) => (base, Some(prefix.parse::<u8>().map_err(|_| InvalidNetwork)?)),
            None => (text, None),
        };
        let base: IpAddr = base.parse().map_err(|_| InvalidNetwork)?;
        // An IPv4 network is written as one; addresses are compared in that form.
        if base.to_canonical() != base {
            return Err(InvalidNetwork);
        }
        let width = if base.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(width);
        if prefix <= width { Ok(Self { base, prefix }) } else { Err(InvalidNetwork) }
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// The text is not an address or a range of them.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a network address")]
pub struct InvalidNetwork;

/// Whether the address is globally reachable by IANA's special-purpose registries (RFC 6890).
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let special = [
        (0x0000_0000, 8),  // 0.0.0.0/8 this network
        (0x0a00_0000, 8),  // 10.0.0.0/8 private
        (0x6440_0000, 10), // 100.64.0.0/10 shared
        (0x7f00_0000, 8),  // 127.0.0.0/8 loopback
        (0xa9fe_0000, 16), // 169.254.0.0/16 link-local, cloud metadata
        (0xac10_0000, 12), // 172.16.0.0/12 private
        (0xc000_0000, 24), // 192.0.0.0/24 protocol assignments
        (0xc000_0200, 24), // 192.0.2.0/24 documentation
        (0xc058_6300, 24), // 192.88.99.0/24 6to4 relays
        (0xc0a8_0000, 16), // 192.168.0.0/16 private
        (0xc612_0000, 15), // 198.18.0.0/15 benchmarking
        (0xc633_6400, 24), // 198.51.100.0/24 documentation
        (0xcb00_7100, 24), // 203.0.113.0/24 documentation
        (0xe000_0000, 3),  // 224.0.0.0/4 multicast, 240.0.0.0/4 reserved, broadcast
    ];
    !special.iter().any(|(base, prefix): &(u32, u32)| (address.to_bits() ^ base) >> (32 - prefix) == 0)
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(v4) = embedded_v4(address) {
        return is_public_v4(v4);
    }
    // Only 2000::/3 is given out; within it these are special.
    let special: [(u128, u32); 6] = [
        (0x2001_0000 << 96, 23),      // 2001::/23 protocol assignments, Teredo, benchmarking, ORCHID
        (0x2001_0db8 << 96, 32),      // 2001:db8::/32 documentation
        (0x2002_0000 << 96, 16),      // 2002::/16 6to4: embedded addresses that nobody routes any more
        (0x3ffe_0000 << 96, 16),      // 3ffe::/16 6bone
        (0x3fff_0000 << 96, 20),      // 3fff::/20 documentation
        (0x2620_004f_8000 << 80, 48), // 2620:4f:8000::/48 AS112
    ];
    let bits = address.to_bits();
    bits >> 125 == 0b001 && !special.iter().any(|(base, prefix)| (bits ^ base) >> (128 - prefix) == 0)
}

/// The IPv4 address inside a mapped (`::ffff:0:0/96`), NAT64 (`64:ff9b::/96`) or compatible (`::/96`) one.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let bits = address.to_bits();
    let low = u32::try_from(bits & 0xffff_ffff).ok()?;
    let high = bits >> 32;
    let mapped = high == 0xffff;
    let nat64 = high == 0x0064_ff9b_u128 << 64;
    let compatible = high == 0 && low > 0xffff;
    (mapped || nat64 || compatible).then(|| Ipv4Addr::from_bits(low))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_addresses_are_refused_whatever_their_form() {
        let refused = [
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "100.64.0.1",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.0.1",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.9",
            "224.0.0.1",
            "239.1.1.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::7f00:1",
            "64:ff9b::7f00:1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "fc00::1",
            "fd12:3456::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "3fff::1",
            "3ffe::1",
            "5f00::1",
            "4000::1",
        ];
        let policy = AddressPolicy::public_only();
        for address in refused {
            assert!(!policy.admits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn public_addresses_are_admitted() {
        let admitted = [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.1",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "2001:4860:4860::8888",
            "2606:4700::1111",
            "2a00:1450::1",
            "64:ff9b::808:808",
            "::ffff:8.8.8.8",
        ];
        let policy = AddressPolicy::public_only();
        for address in admitted {
            assert!(policy.admits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn a_configured_network_is_admitted_and_its_neighbours_are_not() {
        let policy = AddressPolicy::public_only().with("10.1.0.0/16".parse().unwrap());
        for (address, admitted) in [
            ("10.1.0.0", true),
            ("10.1.255.255", true),
            ("10.2.0.0", false),
            ("10.0.255.255", false),
            ("::ffff:10.1.2.3", true),
        ] {
            assert_eq!(policy.admits(address.parse().unwrap()), admitted, "{address}");
        }
        let loopback = AddressPolicy::public_and_loopback();
        assert!(loopback.admits("127.0.0.1".parse().unwrap()));
        assert!(loopback.admits("::1".parse().unwrap()));
        assert!(!loopback.admits("::2".parse().unwrap()));
        assert!(!loopback.admits("10.0.0.1".parse().unwrap()));
    }

    #[test]
    fn networks_parse_and_print() {
        for text in ["10.0.0.0/8", "0.0.0.0/0", "fd00::/8", "::/0", "::1/128"] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), text);
        }
        assert!("0.0.0.0/0".parse::<Network>().unwrap().contains("9.9.9.9".parse().unwrap()));
        assert!("::/0".parse::<Network>().unwrap().contains("fe80::1".parse().unwrap()));
        assert_eq!("10.1.2.3".parse::<Network>().unwrap().to_string(), "10.1.2.3/32");
        for text in
            ["", "10.0.0.0/33", "::/129", "10.0.0/8", "localhost", "10.0.0.0/-1", "10.0.0.0/8/8", "::ffff:10.0.0.0/104"]
        {
            assert_eq!(text.parse::<Network>(), Err(InvalidNetwork), "{text}");
        }
    }
}
