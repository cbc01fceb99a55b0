use http::Method;

/// What a request is for, by path; the method is checked by [`Route::methods`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Route<'a> {
    /// RFC 8414 and OpenID Connect discovery metadata.
    Metadata,
    /// The public keys.
    Jwks,
    /// Pushed authorization requests (RFC 9126).
    Push,
    /// The user's pages.
    Authorize,
    /// RFC 6749 section 3.2.
    Token,
    /// RFC 7662, RFC 9701.
    Introspect,
    /// RFC 7009.
    Revoke,
    /// A resource of the usage phase, with its path below the base.
    Resource(&'a str),
}

/// Finds the route of `path`, seen from the external base path `base` (no final slash).
///
/// fapi: MD-2
pub(crate) fn route<'a>(path: &'a str, base: &str) -> Option<Route<'a>> {
    if let Some(rest) = path.strip_prefix("/.well-known/oauth-authorization-server") {
        return (rest.trim_end_matches('/') == base).then_some(Route::Metadata);
    }
    let below = path.strip_prefix(base)?;
    match below {
        "/.well-known/openid-configuration" => Some(Route::Metadata),
        "/jwks" => Some(Route::Jwks),
        "/par" => Some(Route::Push),
        "/authorize" => Some(Route::Authorize),
        "/token" => Some(Route::Token),
        "/introspect" => Some(Route::Introspect),
        "/revoke" => Some(Route::Revoke),
        "/accounts" | "/payments" => Some(Route::Resource(below)),
        _ if below.starts_with("/accounts/") || below.starts_with("/payments/") => Some(Route::Resource(below)),
        _ => None,
    }
}

impl Route<'_> {
    /// The methods that the route answers; anything else is 405 with these in `Allow`.
    ///
    /// fapi: PA-5, X-AS-18
    pub(crate) fn methods(&self) -> &'static [Method] {
        match self {
            Self::Metadata | Self::Jwks => &[Method::GET, Method::HEAD],
            Self::Authorize => &[Method::GET, Method::POST],
            Self::Push | Self::Token | Self::Introspect | Self::Revoke => &[Method::POST],
            Self::Resource("/payments") => &[Method::POST],
            Self::Resource(_) => &[Method::GET],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Route, route};

    /// fapi: MD-2
    #[test]
    fn the_well_known_paths_of_an_issuer_with_a_path_are_both_found() {
        assert_eq!(route("/.well-known/oauth-authorization-server/bank", "/bank"), Some(Route::Metadata));
        assert_eq!(route("/.well-known/oauth-authorization-server/bank/", "/bank"), Some(Route::Metadata));
        assert_eq!(route("/bank/.well-known/openid-configuration", "/bank"), Some(Route::Metadata));
        assert_eq!(route("/.well-known/oauth-authorization-server", "/bank"), None);
        assert_eq!(route("/.well-known/oauth-authorization-server", ""), Some(Route::Metadata));
    }

    #[test]
    fn only_known_paths_are_routes() {
        assert_eq!(route("/accounts/a/balance", ""), Some(Route::Resource("/accounts/a/balance")));
        for path in ["/", "", "/accountsx", "/PAR", "/par/", "/bank/par"] {
            assert_eq!(route(path, ""), None, "{path}");
        }
    }
}
