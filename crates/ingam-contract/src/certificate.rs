use ingam_ports::PeerIdentity;
use ingam_wire::UnixTime;

/// A client certificate as a channel saw it; another one for each `number`.
#[must_use]
pub fn certificate(number: u8) -> PeerIdentity {
    PeerIdentity {
        certificate_sha256: [number; 32],
        spki_sha256: [number; 32],
        subject_dn: format!("CN=fintech-{number}.example"),
        san_dns: vec![],
        san_uri: vec![],
        san_ip: vec![],
        san_email: vec![],
        serial_number: None,
        not_after: UnixTime::from_secs(i64::MAX),
        chain: vec![vec![number]],
    }
}
