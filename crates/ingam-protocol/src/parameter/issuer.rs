use core::{fmt, str::FromStr};

use ingam_wire::HttpUrl;

/// An operator's identifier (`iss`): an `https` URL without query and fragment (RFC 8414 section 2), kept byte by byte.
///
/// A trailing slash is part of it: `https://bank.example/` and `https://bank.example` are two issuers.
///
/// fapi: MD-1
#[derive(Clone, Debug, Eq, Hash, PartialEq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Issuer(HttpUrl);

/// The text is not an issuer identifier.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("not an issuer: an https URL without query and fragment")]
pub struct InvalidIssuer;

impl Issuer {
    /// The identifier as it was written; the only thing that `iss` and the assertion's `aud` are compared with.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The identifier as URL.
    #[must_use]
    pub const fn url(&self) -> &HttpUrl {
        &self.0
    }

    /// Where RFC 8414 section 3.1 puts the metadata: `/.well-known/oauth-authorization-server` between host and path.
    ///
    /// fapi: MD-2
    #[must_use]
    pub fn oauth_metadata_url(&self) -> String {
        let (authority, path) = self.split();
        let path = if path == "/" { "" } else { path };
        format!("{authority}/.well-known/oauth-authorization-server{path}")
    }

    /// Where OpenID Connect Discovery section 4.1 puts it: appended to the issuer, no slash doubled.
    ///
    /// fapi: MD-2
    #[must_use]
    pub fn openid_metadata_url(&self) -> String {
        let text = self.as_str();
        format!("{}/.well-known/openid-configuration", text.strip_suffix('/').unwrap_or(text))
    }

    fn of(url: HttpUrl) -> Result<Self, InvalidIssuer> {
        if url.is_https() && !url.as_str().contains(['?', '#']) { Ok(Self(url)) } else { Err(InvalidIssuer) }
    }

    /// `https://host[:port]` and the path, both as written.
    fn split(&self) -> (&str, &str) {
        let text = self.as_str();
        let after_scheme = text.find("://").map_or(0, |at| at + 3);
        let path_at =
            text.get(after_scheme..).and_then(|rest| rest.find('/')).map_or(text.len(), |at| after_scheme + at);
        text.split_at_checked(path_at).unwrap_or((text, ""))
    }
}

impl FromStr for Issuer {
    type Err = InvalidIssuer;

    fn from_str(text: &str) -> Result<Self, InvalidIssuer> {
        Self::of(text.parse().map_err(|_| InvalidIssuer)?)
    }
}

impl TryFrom<String> for Issuer {
    type Error = InvalidIssuer;

    fn try_from(text: String) -> Result<Self, InvalidIssuer> {
        Self::of(text.try_into().map_err(|_| InvalidIssuer)?)
    }
}

impl serde::Serialize for Issuer {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl From<Issuer> for String {
    fn from(issuer: Issuer) -> Self {
        issuer.0.into()
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// fapi: MD-1
    #[test]
    fn an_issuer_is_an_https_url_without_query_and_fragment() {
        for refused in
            ["http://a.example", "https://a.example?x", "https://a.example/#", "a.example", "", "https://u@a.example"]
        {
            assert_eq!(refused.parse::<Issuer>(), Err(InvalidIssuer), "{refused}");
        }
        assert_eq!("https://a.example/".parse::<Issuer>().unwrap().as_str(), "https://a.example/");
    }

    /// fapi: MD-2, X-C-2, X-C-3
    #[test]
    fn well_known_places_keep_the_slash_and_double_none() {
        let table = [
            (
                "https://a.example",
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example/",
                "https://a.example/.well-known/oauth-authorization-server",
                "https://a.example/.well-known/openid-configuration",
            ),
            (
                "https://a.example:8443/test/a/x/",
                "https://a.example:8443/.well-known/oauth-authorization-server/test/a/x/",
                "https://a.example:8443/test/a/x/.well-known/openid-configuration",
            ),
            (
                "https://a.example/t",
                "https://a.example/.well-known/oauth-authorization-server/t",
                "https://a.example/t/.well-known/openid-configuration",
            ),
        ];
        for (issuer, oauth, openid) in table {
            let issuer: Issuer = issuer.parse().unwrap();
            assert_eq!(issuer.oauth_metadata_url(), oauth);
            assert_eq!(issuer.openid_metadata_url(), openid);
        }
    }
}
