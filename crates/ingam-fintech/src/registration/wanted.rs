use core::{fmt, str::FromStr};

use ingam_protocol::{
    Acr, KnownScope, Prompt, RegistrationRequest, Resource, Scopes,
    details::{AuthorizationDetails, InvalidAuthorizationDetails},
};
use ingam_wire::Seconds;

/// What a fintech asks an operator for: by scope, in detail, or both, and nothing that is not needed.
///
/// fapi: SP-C-13
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Wanted {
    /// By scope, in this order.
    pub scope: Option<Scopes>,
    /// In detail.
    pub authorization_details: Option<AuthorizationDetails>,
    /// Where the access key is to be used, for operators with several resource servers.
    pub resources: Vec<Resource>,
    /// How the user should be authenticated, best first (RFC 9470 section 4).
    pub acr_values: Vec<Acr>,
    /// The oldest authentication that is good enough (RFC 9470 section 4).
    pub max_age: Option<Seconds>,
    /// What the operator's pages must do.
    pub prompt: Vec<Prompt>,
}

impl Wanted {
    /// By scope alone.
    #[must_use]
    pub fn scopes(scope: Scopes) -> Self {
        Self { scope: Some(scope), ..Self::default() }
    }

    /// In detail alone.
    #[must_use]
    pub fn details(details: AuthorizationDetails) -> Self {
        Self { authorization_details: Some(details), ..Self::default() }
    }

    /// What a user asked for (A①), in our own type of authorization details.
    ///
    /// # Errors
    /// [`InvalidAuthorizationDetails`].
    pub fn service(request: &RegistrationRequest) -> Result<Self, InvalidAuthorizationDetails> {
        request.authorization_details().map(Self::details)
    }

    /// Whether an ID token is wanted.
    pub(crate) fn openid(&self) -> bool {
        self.scope.as_ref().is_some_and(|scope| scope.contains(KnownScope::Openid))
    }
}

/// A user as the fintech knows them: 1 to 255 visible characters; never sent to an operator.
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct LocalUser(Box<str>);

/// The text is not 1 to 255 visible characters.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not a user's name")]
pub struct InvalidLocalUser;

impl LocalUser {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LocalUser {
    type Err = InvalidLocalUser;

    fn from_str(text: &str) -> Result<Self, InvalidLocalUser> {
        if (1..=255).contains(&text.len()) && text.bytes().all(|b| matches!(b, 0x21..=0x7e)) {
            Ok(Self(text.into()))
        } else {
            Err(InvalidLocalUser)
        }
    }
}

impl TryFrom<String> for LocalUser {
    type Error = InvalidLocalUser;

    fn try_from(text: String) -> Result<Self, InvalidLocalUser> {
        text.parse()
    }
}

impl From<LocalUser> for String {
    fn from(user: LocalUser) -> Self {
        user.0.into()
    }
}

impl fmt::Display for LocalUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
