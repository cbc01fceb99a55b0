use http::{HeaderMap, Method, header::AUTHORIZATION};
use ingam_ports::PeerIdentity;
use ingam_wire::HttpUrl;

use super::AccessRefused;

/// The scheme under which an access key came.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum AuthScheme {
    /// `DPoP` (RFC 9449 section 7.1).
    Dpop,
    /// `Bearer` (RFC 6750 section 2.1), for certificate-bound access keys.
    Bearer,
}

/// A request with an access key as it arrived; nothing proven.
#[derive(Clone, Copy)]
pub struct PresentedAccessKey<'a> {
    pub(super) scheme: AuthScheme,
    pub(super) token: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) method: &'a Method,
    pub(super) target: &'a HttpUrl,
    pub(super) peer: Option<&'a PeerIdentity>,
}

impl core::fmt::Debug for PresentedAccessKey<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PresentedAccessKey")
            .field("scheme", &self.scheme)
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

impl<'a> PresentedAccessKey<'a> {
    /// Finds the access key of a request: in the `Authorization` field and nowhere else.
    ///
    /// `target` is the URL as the outside knows it (configured base and the path and query that came), never a URL
    /// made of the request's own `Host` or `Forwarded` fields.
    ///
    /// fapi: SP-RS-1, SP-RS-2, OA-17, OA-19, X-AS-27, X-AS-28
    ///
    /// # Errors
    /// `InQuery`, `Missing`, `TooManyAccessKeys` or `Malformed`.
    pub fn read(
        headers: &'a HeaderMap,
        method: &'a Method,
        target: &'a HttpUrl,
        peer: Option<&'a PeerIdentity>,
    ) -> Result<Self, AccessRefused> {
        if target.query().is_some_and(names_access_token) {
            return Err(AccessRefused::InQuery);
        }
        let mut fields = headers.get_all(AUTHORIZATION).iter();
        let field = fields.next().ok_or(AccessRefused::Missing)?;
        if fields.next().is_some() {
            return Err(AccessRefused::TooManyAccessKeys);
        }
        let field = core::str::from_utf8(field.as_bytes()).map_err(|_| AccessRefused::Malformed)?;
        let (scheme, token) = field.split_once(' ').ok_or(AccessRefused::Malformed)?;
        let scheme = match scheme {
            _ if scheme.eq_ignore_ascii_case("DPoP") => AuthScheme::Dpop,
            _ if scheme.eq_ignore_ascii_case("Bearer") => AuthScheme::Bearer,
            _ => return Err(AccessRefused::Missing), // another scheme's credentials are none here
        };
        let token = token.trim_matches(' ');
        // All bytes are looked at, without leaving early: that takes a twentieth of the time.
        if token.is_empty() || !token.bytes().fold(true, |good, byte| good & is_b64token(byte)) {
            return Err(AccessRefused::Malformed);
        }
        Ok(Self { scheme, token, headers, method, target, peer })
    }

    /// The access key as it came, to be looked up when it is no JWT.
    #[must_use]
    pub const fn token(&self) -> &'a str {
        self.token
    }

    /// Whether it has the form of a JWT, not of an opaque access key.
    #[must_use]
    pub fn is_jwt(&self) -> bool {
        self.token.contains('.')
    }

    /// The scheme it came under, in which the challenge is answered.
    #[must_use]
    pub const fn scheme(&self) -> AuthScheme {
        self.scheme
    }
}

/// A character of `b64token` (RFC 6750 section 2.1).
const fn is_b64token(byte: u8) -> bool {
    // `-` `.` `/` and the digits stand in one row; `|` not `||`, so that the compiler may look at many bytes at once.
    (byte.wrapping_sub(b'-') < 13)
        | ((byte | 0x20).wrapping_sub(b'a') < 26)
        | (byte == b'_')
        | (byte == b'~')
        | (byte == b'+')
        | (byte == b'=')
}

/// Whether a query holds a parameter `access_token`, however its name is escaped.
fn names_access_token(query: &str) -> bool {
    query.split('&').any(|pair| {
        let name = pair.split('=').next().unwrap_or_default();
        name == "access_token" || (name.contains('%') && unescaped(name) == b"access_token")
    })
}

fn unescaped(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let escape = tail.first_chunk::<2>().filter(|_| *first == b'%');
        let decoded =
            escape.and_then(|hex| core::str::from_utf8(hex).ok()).and_then(|h| u8::from_str_radix(h, 16).ok());
        match decoded {
            Some(byte) => {
                out.push(byte);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                out.push(*first);
                rest = tail;
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::is_b64token;

    /// fapi: OA-13
    #[test]
    fn exactly_the_characters_of_b64token_are_taken() {
        for byte in 0..=u8::MAX {
            let listed = byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
            assert_eq!(is_b64token(byte), listed, "{byte}");
        }
    }
}
