use core::fmt;

use crate::{ErrorCode, OAuthError};

/// One challenge of a `WWW-Authenticate` field (RFC 9110 section 11.6.1): a scheme and its parameters.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Challenge {
    scheme: Box<str>,
    parameters: Vec<(Box<str>, Box<str>)>,
}

/// The challenges of one or more `WWW-Authenticate` field lines.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Challenges(Vec<Challenge>);

/// The field is not a list of challenges, or longer than 4,096 bytes.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("malformed WWW-Authenticate field")]
pub struct MalformedChallenge;

/// Field lines longer than this are not read: real ones stay under 500 bytes.
const LIMIT: usize = 4096;

impl Challenge {
    /// A challenge of a scheme (`DPoP`, `Bearer`) without parameters; for requests without credentials.
    ///
    /// fapi: OA-18
    #[must_use]
    pub fn new(scheme: &str) -> Self {
        Self { scheme: scheme.into(), parameters: Vec::new() }
    }

    /// With the error of RFC 6750 section 3.
    #[must_use]
    pub fn error(self, error: OAuthError) -> Self {
        self.with("error", error.code())
    }

    /// With one more parameter, printed quoted; characters that cannot stand in a field are dropped.
    ///
    /// fapi: X-AS-10
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        let value: String = value.chars().filter(|c| matches!(c, ' '..='~')).collect();
        self.parameters.push((name.into(), value.into()));
        self
    }

    /// The scheme as it came.
    #[must_use]
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// Whether the scheme is this one, in whatever case.
    ///
    /// fapi: OA-17, X-C-13
    #[must_use]
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The value of a parameter; names are compared without regard to case.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }

    /// The error code, if one is named.
    #[must_use]
    pub fn error_code(&self) -> Option<ErrorCode> {
        self.get("error").and_then(|code| code.parse().ok())
    }
}

impl fmt::Display for Challenge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scheme)?;
        for (at, (name, value)) in self.parameters.iter().enumerate() {
            let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
            write!(f, "{} {name}=\"{escaped}\"", if at > 0 { "," } else { "" })?;
        }
        Ok(())
    }
}

impl Challenges {
    /// Reads one field line.
    ///
    /// # Errors
    /// [`MalformedChallenge`].
    pub fn parse(line: &str) -> Result<Self, MalformedChallenge> {
        if line.len() > LIMIT {
            return Err(MalformedChallenge);
        }
        let mut challenges: Vec<Challenge> = Vec::new();
        let mut rest = line.trim();
        while !rest.is_empty() {
            let (name, after) = token(rest)?;
            if let Some(value) = after.trim_start().strip_prefix('=') {
                let (value, after) = parameter_value(value.trim_start())?;
                let challenge = challenges.last_mut().ok_or(MalformedChallenge)?;
                if challenge.get(name).is_some() {
                    return Err(MalformedChallenge);
                }
                challenge.parameters.push((name.into(), value.into()));
                rest = next(after)?;
            } else {
                challenges.push(Challenge::new(name));
                let trimmed = after.trim_start();
                rest = if trimmed.starts_with(',') || trimmed.is_empty() {
                    next(after)?
                } else {
                    token68_skipped(trimmed)?
                };
            }
        }
        Ok(Self(challenges))
    }

    /// The challenges in order.
    pub fn iter(&self) -> impl Iterator<Item = &Challenge> {
        self.0.iter()
    }

    /// The first challenge of a scheme, in whatever case.
    #[must_use]
    pub fn of(&self, scheme: &str) -> Option<&Challenge> {
        self.0.iter().find(|challenge| challenge.is(scheme))
    }
}

/// What follows the comma; nothing at the end.
fn next(rest: &str) -> Result<&str, MalformedChallenge> {
    let rest = rest.trim_start();
    if rest.is_empty() {
        return Ok("");
    }
    let mut rest = rest.strip_prefix(',').ok_or(MalformedChallenge)?.trim_start();
    while let Some(more) = rest.strip_prefix(',') {
        rest = more.trim_start();
    }
    Ok(rest)
}

/// A scheme may be followed by `token68` instead of parameters; it is skipped, as no scheme here uses it.
fn token68_skipped(rest: &str) -> Result<&str, MalformedChallenge> {
    let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
    let (candidate, after) = rest.split_at_checked(end).ok_or(MalformedChallenge)?;
    let body = candidate.trim_end_matches('=');
    let is_token68 =
        body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~' | b'+' | b'/'))
            && (after.trim_start().is_empty() || after.trim_start().starts_with(','));
    if is_token68 && !body.is_empty() { next(after) } else { Ok(rest) }
}

fn token(text: &str) -> Result<(&str, &str), MalformedChallenge> {
    let end = text
        .bytes()
        .position(|b| !(b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b)))
        .unwrap_or(text.len());
    match text.split_at_checked(end) {
        Some((token, rest)) if !token.is_empty() => Ok((token, rest)),
        _ => Err(MalformedChallenge),
    }
}

fn parameter_value(text: &str) -> Result<(String, &str), MalformedChallenge> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => {
                value.push(c);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((value, quoted.get(at + 1..).unwrap_or_default())),
            c if c.is_control() && c != '\t' => return Err(MalformedChallenge),
            c => value.push(c),
        }
    }
    Err(MalformedChallenge)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: X-AS-10, DP-13
    #[test]
    fn a_nonce_challenge_is_printed_quoted() {
        let challenge = Challenge::new("DPoP").error(OAuthError::UseDpopNonce).with("algs", "ES256 EdDSA");
        assert_eq!(challenge.to_string(), r#"DPoP error="use_dpop_nonce", algs="ES256 EdDSA""#);
        let read = Challenges::parse(&challenge.to_string()).unwrap();
        assert_eq!(read.of("dpop"), Some(&challenge));
    }

    /// fapi: OA-18
    #[test]
    fn a_request_without_credentials_is_told_the_scheme_and_no_error() {
        assert_eq!(Challenge::new("DPoP").with("algs", "ES256").to_string(), r#"DPoP algs="ES256""#);
        assert_eq!(Challenge::new("DPoP").error_code(), None);
    }

    /// fapi: OA-17, X-C-13
    #[test]
    fn challenges_are_read_whatever_their_case_and_spacing() {
        let line = r#"dPoP  error = use_dpop_nonce ,algs="ES256, \"x\"", bEARER realm="a,b",,Negotiate abc==, Basic"#;
        let read = Challenges::parse(line).unwrap();
        let dpop = read.of("DPoP").unwrap();
        assert_eq!(dpop.error_code(), Some(ErrorCode::Known(OAuthError::UseDpopNonce)));
        assert_eq!(dpop.get("ALGS"), Some("ES256, \"x\""));
        assert_eq!(read.of("Bearer").unwrap().get("realm"), Some("a,b"));
        assert!(read.of("negotiate").is_some() && read.of("basic").is_some());
        assert_eq!(read.iter().count(), 4);
    }

    #[test]
    fn what_is_no_challenge_is_refused() {
        for line in [
            "=x",
            "DPoP a=1, error=",
            "DPoP error=\"x",
            "DPoP error=\"x\" algs=\"y\"",
            "a=b",
            "DPoP e=\"1\", e=\"2\"",
            "\"x\"",
            &"x ".repeat(3000),
        ] {
            assert_eq!(Challenges::parse(line), Err(MalformedChallenge), "{line}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_printed_challenge_is_read_back(value in "[ -~]{0,40}", other in "[ -~]{0,40}") {
            let challenge = Challenge::new("DPoP").with("error", &value).with("algs", &other);
            let read = Challenges::parse(&challenge.to_string()).unwrap();
            proptest::prop_assert_eq!(read.of("DPoP"), Some(&challenge));
        }

        #[test]
        fn no_line_breaks_the_reader(line in "\\PC{0,80}") {
            let _ = Challenges::parse(&line);
        }
    }
}
