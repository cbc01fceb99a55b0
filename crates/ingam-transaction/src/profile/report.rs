use core::fmt;

use ingam_wire::Seconds;

use super::{Profile, Protection};
use crate::policy::{Content, CoveragePolicy, Errors, MessagePolicy, Of, Payload, Shape, Unsigned, When};

/// What a profile asks, as an auditor reads it; `Display` prints it as lines of text.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ProfileReport {
    /// The profile's name.
    pub name: &'static str,
    /// Its validity, as RFC 3339 times.
    pub valid: (String, Option<String>),
    /// The text it follows.
    pub source: &'static str,
    /// Requests.
    pub request: DirectionReport,
    /// Answers.
    pub response: DirectionReport,
    /// What happens when the peer ignores all of it.
    pub when_ignored: &'static str,
}

/// What a profile asks of one direction.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DirectionReport {
    /// The policy's name and version.
    pub policy: &'static str,
    /// The algorithms, by their JOSE names.
    pub algorithms: Vec<&'static str>,
    /// What is covered, and when.
    pub coverage: Vec<String>,
    /// How long after its creation a message is accepted.
    pub window: Seconds,
    /// How far its creation may lie in the future.
    pub skew: Seconds,
    /// How long a one-time id stays taken, counted from the creation; zero where nothing is claimed.
    pub replay: Seconds,
    /// Whether answers that report an error are signed.
    pub errors_signed: bool,
    /// Whether an unsigned message passes.
    pub unsigned_permitted: bool,
}

impl ProfileReport {
    pub(super) fn of(profile: &Profile) -> Self {
        Self {
            name: profile.name,
            valid: (profile.from.to_rfc3339(), profile.until.map(ingam_wire::UnixTime::to_rfc3339)),
            source: profile.source,
            request: DirectionReport::of(&profile.request, true),
            response: DirectionReport::of(&profile.response, false),
            when_ignored: profile.when_ignored,
        }
    }
}

impl DirectionReport {
    fn of(protection: &Protection, is_request: bool) -> Self {
        match protection {
            Protection::Fields(policy) => Self::of_fields(policy, is_request),
            Protection::Message(policy) => Self::of_message(policy, is_request),
        }
    }

    fn of_fields(policy: &CoveragePolicy, is_request: bool) -> Self {
        let required = policy.required.iter().map(|required| {
            let of = if required.of == Of::Request { ";req" } else { "" };
            let when = match required.when {
                When::Always => "",
                When::IfBody => " if there is a body",
                When::IfPresent => " if present",
                When::IfRequestUnsigned => " if present and the request is unsigned",
            };
            format!("{}{of}{when}", required.component)
        });
        let replay = if is_request { policy.remembered() } else { Seconds::new(0) };
        Self {
            policy: policy.name,
            algorithms: policy.algorithms.iter().map(|algorithm| algorithm.name()).collect(),
            coverage: required.collect(),
            window: policy.window,
            skew: policy.skew,
            replay,
            errors_signed: policy.errors == Errors::Signed,
            unsigned_permitted: policy.unsigned == Unsigned::Permitted,
        }
    }

    fn of_message(policy: &MessagePolicy, is_request: bool) -> Self {
        let mut coverage = vec![match policy.shape {
            Shape::Detached { field, payload: Payload::Raw } => format!("the body, by {field} (b64=false)"),
            Shape::Detached { field, payload: Payload::Encoded } => format!("the body, by {field}"),
            Shape::Jwt { media_type, content: Content::Beside } => format!("the body, as {media_type}"),
            Shape::Jwt { media_type, content: Content::Member(member) } => {
                format!("the body, as member {member} of {media_type}")
            }
        }];
        let claims = &policy.claims;
        let reply = claims.in_reply_to.filter(|_| !is_request);
        let named = [Some(claims.issuer), Some(claims.issued), claims.audience, claims.id, claims.expires];
        coverage.extend(named.into_iter().chain([claims.method, reply]).flatten().map(str::to_owned));
        Self {
            policy: policy.name,
            algorithms: policy.algorithms.iter().map(|algorithm| algorithm.name()).collect(),
            coverage,
            window: policy.window,
            skew: policy.skew,
            replay: policy.remembered(),
            errors_signed: policy.errors == Errors::Signed,
            unsigned_permitted: policy.unsigned == Unsigned::Permitted,
        }
    }
}

impl fmt::Display for ProfileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let until = self.valid.1.as_deref().unwrap_or("further notice");
        writeln!(f, "message profile {}: from {} until {until}", self.name, self.valid.0)?;
        writeln!(f, "  source: {}", self.source)?;
        writeln!(f, "  requests: {}", self.request)?;
        writeln!(f, "  answers: {}", self.response)?;
        write!(f, "  if the peer ignores it: {}", self.when_ignored)
    }
}

impl fmt::Display for DirectionReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}; algorithms {}; covers {}; accepted from {} s before to {} s after its creation; ids remembered {} s; \
             errors {}; unsigned {}",
            self.policy,
            self.algorithms.join(", "),
            self.coverage.join(", "),
            self.skew.get(),
            self.window.get(),
            self.replay.get(),
            if self.errors_signed { "signed" } else { "not signed" },
            if self.unsigned_permitted { "permitted" } else { "refused" },
        )
    }
}
