use std::{collections::HashMap, sync::Mutex};

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use ingam_access_key::DPOP_NONCE;
use ingam_protocol::{Challenge, Challenges, ErrorBody, Issuer, OAuthError};

/// Whose nonces: an operator's authorization server and its resources have different ones (RFC 9449 section 9).
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Server {
    Authorization,
    Resource,
}

/// The newest nonce of each server, kept apart by operator and server.
///
/// fapi: SP-C-8, DP-15, X-C-5
#[derive(Debug, Default)]
pub(crate) struct Nonces(Mutex<HashMap<(Issuer, Server), Box<str>>>);

impl Nonces {
    pub(crate) fn newest(&self, issuer: &Issuer, server: Server) -> Option<String> {
        let nonces = self.0.lock().ok()?;
        nonces.get(&(issuer.clone(), server)).map(|nonce| nonce.to_string())
    }

    /// Keeps the nonce of an answer, if it offers one; each replaces the one before.
    pub(crate) fn learn(&self, issuer: &Issuer, server: Server, headers: &HeaderMap) {
        if let (Some(nonce), Ok(mut nonces)) = (offered_nonce(headers), self.0.lock()) {
            nonces.insert((issuer.clone(), server), nonce.into());
        }
    }
}

/// The nonce that an answer offers: exactly one field of 1 to 256 `NQCHAR` (RFC 9449 section 8.1).
///
/// fapi: DP-14
pub(crate) fn offered_nonce(headers: &HeaderMap) -> Option<&str> {
    let mut nonces = headers.get_all(DPOP_NONCE).iter();
    let (Some(nonce), None) = (nonces.next(), nonces.next()) else { return None };
    let nonce = nonce.to_str().ok()?;
    let allowed = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    ((1..=256).contains(&nonce.len()) && nonce.bytes().all(allowed)).then_some(nonce)
}

/// The DPoP challenge of a field line, else the Bearer one, in whatever case they are written.
///
/// fapi: OA-17, X-C-13
pub(crate) fn challenge_in(line: &HeaderValue) -> Option<Challenge> {
    let challenges = Challenges::parse(line.to_str().ok()?).ok()?;
    challenges.of("DPoP").or_else(|| challenges.of("Bearer")).cloned()
}

/// Whether the answer asks for another nonce and gives one: then the request is worth one more try.
///
/// fapi: DP-12, DP-13, X-C-5
pub(crate) fn nonce_challenge(response: &Response<Bytes>, server: Server) -> Option<&str> {
    let wanted = match server {
        Server::Authorization => {
            response.status() == StatusCode::BAD_REQUEST
                && ErrorBody::parse(response.body()).is_ok_and(|body| body.error.is(OAuthError::UseDpopNonce))
        }
        Server::Resource => {
            response.status() == StatusCode::UNAUTHORIZED
                && response.headers().get_all(header::WWW_AUTHENTICATE).iter().any(|line| {
                    let error = challenge_in(line).and_then(|challenge| challenge.error_code());
                    error.is_some_and(|error| error.is(OAuthError::UseDpopNonce))
                })
        }
    };
    offered_nonce(response.headers()).filter(|_| wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Bytes> {
        let mut builder = Response::builder().status(status);
        for (name, value) in headers {
            builder = builder.header(*name, *value);
        }
        builder.body(Bytes::from_static(body.as_bytes())).unwrap()
    }

    const ASKED: &str = r#"{"error":"use_dpop_nonce"}"#;

    /// fapi: DP-12, DP-13, DP-14, X-C-5, X-C-13
    #[test]
    fn only_a_challenge_with_one_readable_nonce_is_worth_another_try() {
        let good = answer(400, &[("dpop-nonce", "a!#-~")], ASKED);
        assert_eq!(nonce_challenge(&good, Server::Authorization), Some("a!#-~"));
        for refused in [
            answer(401, &[("dpop-nonce", "a")], ASKED),
            answer(400, &[], ASKED),
            answer(400, &[("dpop-nonce", "a"), ("dpop-nonce", "b")], ASKED),
            answer(400, &[("dpop-nonce", "a b")], ASKED),
            answer(400, &[("dpop-nonce", "")], ASKED),
            answer(400, &[("dpop-nonce", "a")], r#"{"error":"invalid_grant"}"#),
        ] {
            assert_eq!(nonce_challenge(&refused, Server::Authorization), None, "{refused:?}");
        }
        let odd = answer(
            401,
            &[("dpop-nonce", "n"), ("www-authenticate", "dPoP error=\"use_dpop_nonce\", algs=\"ES256\"")],
            "",
        );
        assert_eq!(nonce_challenge(&odd, Server::Resource), Some("n"));
        assert_eq!(nonce_challenge(&odd, Server::Authorization), None);
        let other = answer(401, &[("dpop-nonce", "n"), ("www-authenticate", "DPoP error=\"invalid_token\"")], "");
        assert_eq!(nonce_challenge(&other, Server::Resource), None);
    }

    /// fapi: DP-15, X-C-5
    #[test]
    fn nonces_of_the_two_servers_and_of_two_operators_are_kept_apart() {
        let nonces = Nonces::default();
        let (one, two): (Issuer, Issuer) = ("https://a.example".parse().unwrap(), "https://b.example".parse().unwrap());
        nonces.learn(&one, Server::Authorization, answer(200, &[("dpop-nonce", "1")], "").headers());
        nonces.learn(&one, Server::Resource, answer(200, &[("dpop-nonce", "2")], "").headers());
        nonces.learn(&one, Server::Resource, answer(200, &[("dpop-nonce", "3")], "").headers());
        nonces.learn(&one, Server::Resource, answer(200, &[], "").headers());
        assert_eq!(nonces.newest(&one, Server::Authorization).as_deref(), Some("1"));
        assert_eq!(nonces.newest(&one, Server::Resource).as_deref(), Some("3"));
        assert_eq!(nonces.newest(&two, Server::Resource), None);
    }
}
