use ingam_jose::SignatureAlgorithm;
use ingam_wire::Seconds;

/// How much can be lost with one call; the riskier, the shorter an access key lives (3.1.16.3).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum RiskClass {
    /// Reading.
    Ordinary,
    /// Moving money.
    High,
}

/// Whether the operator demands its own nonce in proofs (RFC 9449 sections 8 and 9).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DpopNonce {
    /// None handed out, none demanded.
    Off,
    /// Each proof must carry a fresh one.
    Required,
}

/// Whether signed requests (JAR) and signed responses (JARM) are demanded of everybody (FAPI 2.0 Message Signing).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Signing {
    /// As each fintech's record says.
    PerFintech,
    /// Of every fintech.
    Required,
}

/// What an access key is on the wire.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AccessKeyFormat {
    /// A signed `at+jwt` (RFC 9068).
    Jwt,
    /// A random text, looked up by introspection (RFC 7662).
    Opaque,
}

/// The numbers of a policy, in the order of a flow; spans in seconds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccessKeySettings {
    /// Name and version of the policy, as every record prints it.
    pub version: &'static str,
    /// Life of a pushed request (RFC 9126 section 2.2).
    pub pushed: Seconds,
    /// Life of an authorization code.
    pub code: Seconds,
    /// Life of an access key for reading.
    pub access_key: Seconds,
    /// Life of an access key that moves money.
    pub access_key_high_risk: Seconds,
    /// What an access key is on the wire.
    pub format: AccessKeyFormat,
    /// Life of a refresh token, at most.
    pub refresh_token: Seconds,
    /// A refresh token unused for this long is dead (RFC 9700 section 4.14).
    pub refresh_idle: Seconds,
    /// How far `iat` and `nbf` may lie ahead.
    pub future_skew: Seconds,
    /// How old a DPoP proof may be.
    pub proof_window: Seconds,
    /// How far `exp` of a client assertion may lie ahead.
    pub assertion: Seconds,
    /// How old `nbf` of a request object may be, and how far `exp` after it.
    pub request_object: Seconds,
    /// Life of a JARM response.
    pub jarm: Seconds,
    /// Life of an ID token.
    pub id_token: Seconds,
    /// Whether server nonces are demanded in proofs.
    pub dpop_nonce: DpopNonce,
    /// How long a server nonce is good.
    pub nonce: Seconds,
    /// Permitted signature algorithms.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// Whether access keys may be bound by DPoP (RFC 9449).
    pub dpop: bool,
    /// Whether access keys may be bound by client certificate (RFC 8705).
    pub mtls: bool,
    /// Whether signed requests and responses are demanded of everybody.
    pub signing: Signing,
}

impl AccessKeySettings {
    /// FAPI 2.0 Security Profile Final, with the shortest lifetimes that its test plan and real networks bear.
    #[must_use]
    pub fn fapi2_security() -> Self {
        Self {
            version: "fapi2-security/1",
            pushed: Seconds::new(90),
            code: Seconds::new(60),
            access_key: Seconds::new(300),
            access_key_high_risk: Seconds::new(60),
            format: AccessKeyFormat::Jwt,
            refresh_token: Seconds::new(90 * 86_400),
            refresh_idle: Seconds::new(30 * 86_400),
            future_skew: Seconds::new(10),
            proof_window: Seconds::new(60),
            assertion: Seconds::new(600),
            request_object: Seconds::new(3600),
            jarm: Seconds::new(300),
            id_token: Seconds::new(300),
            dpop_nonce: DpopNonce::Off,
            nonce: Seconds::new(300),
            algorithms: vec![SignatureAlgorithm::Es256, SignatureAlgorithm::EdDsa, SignatureAlgorithm::Ps256],
            dpop: true,
            mtls: true,
            signing: Signing::PerFintech,
        }
    }
}
