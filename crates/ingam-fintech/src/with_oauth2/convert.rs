use ingam_protocol::{
    AccessToken, AuthorizationCode, ClientId, CodeVerifier, RedirectUri, RefreshToken, Scope, State, TokenType,
};
use ingam_wire::UnixTime;
use oauth2::{PkceCodeVerifier, TokenResponse, basic::BasicTokenResponse, url::Url};

use crate::{Access, LocalUser, Membership, RedeemError};

/// The text is good for one of the two crates only.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0} cannot be converted")]
pub struct NotConvertible(pub &'static str);

/// Conversions of one pair of types, both ways.
macro_rules! both_ways {
    ($ours:ty, $theirs:ty, $what:literal, |$o:ident| $text:expr, |$t:ident| $their_text:expr, |$s:ident| $made:expr) => {
        impl Convert<$theirs> for $ours {
            fn to_oauth2(&self) -> Result<$theirs, NotConvertible> {
                let $o = self;
                let $s: String = $text.to_owned();
                $made
            }

            fn from_oauth2($t: &$theirs) -> Result<Self, NotConvertible> {
                $their_text.parse().map_err(|_| NotConvertible($what))
            }
        }
    };
}

/// A type of ours that stands for one of `oauth2`'s.
pub trait Convert<Theirs>: Sized {
    /// As `oauth2`'s.
    ///
    /// # Errors
    /// [`NotConvertible`].
    fn to_oauth2(&self) -> Result<Theirs, NotConvertible>;

    /// From `oauth2`'s, through our one parser.
    ///
    /// # Errors
    /// [`NotConvertible`].
    fn from_oauth2(theirs: &Theirs) -> Result<Self, NotConvertible>;
}

both_ways!(ClientId, oauth2::ClientId, "client_id", |o| o.as_str(), |t| t.as_str(), |s| Ok(oauth2::ClientId::new(s)));
both_ways!(Scope, oauth2::Scope, "scope", |o| o.as_str(), |t| t.as_str(), |s| Ok(oauth2::Scope::new(s)));
both_ways!(State, oauth2::CsrfToken, "state", |o| o.as_str(), |t| t.secret(), |s| Ok(oauth2::CsrfToken::new(s)));
both_ways!(CodeVerifier, PkceCodeVerifier, "code_verifier", |o| o.expose(), |t| t.secret(), |s| Ok(
    PkceCodeVerifier::new(s)
));
both_ways!(AuthorizationCode, oauth2::AuthorizationCode, "code", |o| o.expose(), |t| t.secret(), |s| Ok(
    oauth2::AuthorizationCode::new(s)
));
both_ways!(AccessToken, oauth2::AccessToken, "access_token", |o| o.expose(), |t| t.secret(), |s| Ok(
    oauth2::AccessToken::new(s)
));
both_ways!(RefreshToken, oauth2::RefreshToken, "refresh_token", |o| o.expose(), |t| t.secret(), |s| Ok(
    oauth2::RefreshToken::new(s)
));
both_ways!(RedirectUri, oauth2::RedirectUrl, "redirect_uri", |o| o.as_str(), |t| t.as_str(), |s| {
    // `oauth2` normalises URLs; a redirect URI is compared byte by byte, so one that would change is refused.
    let url = oauth2::RedirectUrl::new(s.clone()).map_err(|_| NotConvertible("redirect_uri"))?;
    if url.as_str() == s && Url::parse(&s).is_ok() { Ok(url) } else { Err(NotConvertible("redirect_uri")) }
});

impl Access {
    /// The access key of an answer that `oauth2` read, if it is bound as agreed: then our services work with it.
    ///
    /// # Errors
    /// `WrongTokenType`, or `Answer` when the key could not be presented.
    pub fn from_oauth2(
        answer: &BasicTokenResponse,
        membership: &Membership,
        user: LocalUser,
        now: UnixTime,
    ) -> Result<Self, RedeemError> {
        use ingam_protocol::TokenResponseError as Malformed;
        let token_type = TokenType::from_name(answer.token_type().as_ref()).ok_or(Malformed::TokenType)?;
        if token_type != membership.token_type() {
            return Err(RedeemError::WrongTokenType);
        }
        let refresh = answer.refresh_token().map(RefreshToken::from_oauth2).transpose();
        let scope = answer.scopes().map(|scopes| scopes.iter().map(Scope::from_oauth2).collect::<Result<Vec<_>, _>>());
        Ok(Self {
            issuer: membership.issuer.clone(),
            user,
            subject: None,
            token: AccessToken::from_oauth2(answer.access_token()).map_err(|_| Malformed::AccessToken)?,
            token_type,
            ends: answer.expires_in().map(|span| now.plus(ingam_wire::Seconds::new(span.as_secs()))),
            refresh: refresh.map_err(|_| Malformed::RefreshToken)?,
            scope: scope.transpose().map_err(|_| Malformed::Scope)?.map(|scopes| scopes.into_iter().collect()),
            details: None,
        })
    }
}
