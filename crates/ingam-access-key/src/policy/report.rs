use super::{AccessKeyFormat, AccessKeyPolicy, DpopNonce, Signing};

impl AccessKeyPolicy {
    /// The policy in words, one line a rule, for the start-up report and the auditor.
    #[must_use]
    pub fn report(&self) -> Vec<String> {
        let s = self.settings();
        let format = match s.format {
            AccessKeyFormat::Jwt => "jwt",
            AccessKeyFormat::Opaque => "opaque",
        };
        let nonce = match s.dpop_nonce {
            DpopNonce::Off => "off".to_owned(),
            DpopNonce::Required => format!("required, good for {} s", s.nonce.get()),
        };
        let bindings: Vec<_> = [(s.dpop, "dpop"), (s.mtls, "mtls")].iter().filter(|b| b.0).map(|b| b.1).collect();
        let algorithms: Vec<_> = s.algorithms.iter().map(|algorithm| algorithm.name()).collect();
        let signing = match s.signing {
            Signing::PerFintech => "as each fintech's record says",
            Signing::Required => "required of every fintech",
        };
        vec![
            format!("access key policy: {}", s.version),
            format!("pushed request: {} s", s.pushed.get()),
            format!("authorization code: {} s", s.code.get()),
            format!("access key: {} s, high risk {} s, {format}", s.access_key.get(), s.access_key_high_risk.get()),
            format!("refresh token: {} s, idle {} s, not rotated", s.refresh_token.get(), s.refresh_idle.get()),
            format!("iat and nbf may lie ahead: {} s", s.future_skew.get()),
            format!("proof may be old: {} s", s.proof_window.get()),
            format!("client assertion may live: {} s", s.assertion.get()),
            format!("request object may live: {} s", s.request_object.get()),
            format!("JARM response: {} s", s.jarm.get()),
            format!("ID token: {} s", s.id_token.get()),
            format!("server nonce in proofs: {nonce}"),
            format!("algorithms: {}", algorithms.join(", ")),
            format!("bindings: {}", bindings.join(", ")),
            format!("signed requests and responses: {signing}"),
            format!("a verifier without the store learns of a revocation within: {} s", s.access_key.get()),
        ]
    }
}
