use ingam_wire::{SecretText, form::Form};

use crate::{ClientId, OAuthError};

/// The one value of `client_assertion_type` (RFC 7523 section 2.2).
///
/// fapi: CA-1
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What a request says about its sender, unproven: `client_id`, and the assertion that is to prove it.
///
/// Both are optional: with an assertion the fintech is the assertion's subject (X-AS-4), with a certificate it is
/// `client_id` (RFC 8705 section 2).
#[derive(Debug, Default)]
pub struct ClientParameters {
    /// `client_id`.
    pub client_id: Option<ClientId>,
    /// `client_assertion`, a compact JWS; single use, so it is kept like a secret.
    pub assertion: Option<SecretText>,
}

/// Why the parameters about the sender were refused: `invalid_client` or `invalid_request`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ClientParametersError {
    /// `client_id` is not one.
    #[error("malformed client_id")]
    InvalidClientId,
    /// An assertion without its type, or a type without an assertion.
    #[error("client_assertion and client_assertion_type belong together")]
    Incomplete,
    /// Another type of assertion.
    #[error("unsupported client_assertion_type")]
    UnsupportedType,
    /// `client_secret` or the like: secrets are no authentication here (FAPI 2.0 section 5.3.2.1-6).
    #[error("client secrets are not accepted")]
    ClientSecret,
    /// Longer than 8,192 bytes.
    #[error("the assertion is too large")]
    TooLarge,
}

impl ClientParametersError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InvalidClientId => "InvalidClientId",
            Self::Incomplete => "Incomplete",
            Self::UnsupportedType => "UnsupportedType",
            Self::ClientSecret => "ClientSecret",
            Self::TooLarge => "TooLarge",
        }
    }

    /// The code that the peer sees, one for all.
    ///
    /// fapi: CA-8, CA-9
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        OAuthError::InvalidClient
    }
}

impl ClientParameters {
    /// Reads them from a form; whatever else is in it is another reader's.
    ///
    /// fapi: SP-AS-6, CA-1, X-AS-4
    ///
    /// # Errors
    /// [`ClientParametersError`].
    pub fn from_form(form: &Form) -> Result<Self, ClientParametersError> {
        if form.get("client_secret").is_some() {
            return Err(ClientParametersError::ClientSecret);
        }
        let client_id = form.get("client_id").map(str::parse).transpose();
        let client_id = client_id.map_err(|_| ClientParametersError::InvalidClientId)?;
        let assertion = match (form.get("client_assertion"), form.get("client_assertion_type")) {
            (None, None) => None,
            (Some(assertion), Some(ASSERTION_TYPE)) if assertion.len() <= 8192 => {
                Some(SecretText::new(assertion.to_owned()))
            }
            (Some(_), Some(ASSERTION_TYPE)) => return Err(ClientParametersError::TooLarge),
            (Some(_), Some(_)) => return Err(ClientParametersError::UnsupportedType),
            _ => return Err(ClientParametersError::Incomplete),
        };
        Ok(Self { client_id, assertion })
    }

    /// Adds them to a form.
    #[must_use]
    pub fn add_to(&self, mut form: Form) -> Form {
        if let Some(client_id) = &self.client_id {
            form = form.with("client_id", client_id.as_str());
        }
        if let Some(assertion) = &self.assertion {
            form = form.with("client_assertion_type", ASSERTION_TYPE).with("client_assertion", assertion.expose());
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<ClientParameters, ClientParametersError> {
        ClientParameters::from_form(&pairs.iter().fold(Form::default(), |form, (name, value)| form.with(name, value)))
    }

    /// fapi: CA-1, CA-8, CA-9, SP-AS-6
    #[test]
    fn half_an_authentication_or_a_secret_is_refused() {
        let table: [(&[(&str, &str)], _); 6] = [
            (&[("client_id", "a b")], ClientParametersError::InvalidClientId),
            (&[("client_assertion", "x")], ClientParametersError::Incomplete),
            (&[("client_assertion_type", ASSERTION_TYPE)], ClientParametersError::Incomplete),
            (&[("client_assertion", "x"), ("client_assertion_type", "saml")], ClientParametersError::UnsupportedType),
            (&[("client_id", "a"), ("client_secret", "s")], ClientParametersError::ClientSecret),
            (
                &[("client_assertion", &"x".repeat(8193)), ("client_assertion_type", ASSERTION_TYPE)],
                ClientParametersError::TooLarge,
            ),
        ];
        for (pairs, reason) in table {
            let refused = read(pairs).unwrap_err();
            assert_eq!(refused, reason);
            assert_eq!(refused.oauth().code(), "invalid_client");
        }
    }

    /// fapi: X-AS-4
    #[test]
    fn the_client_id_may_be_left_to_the_assertion_and_the_other_way_round() {
        let both = read(&[("client_assertion", "x"), ("client_assertion_type", ASSERTION_TYPE)]).unwrap();
        assert!(both.client_id.is_none() && both.assertion.is_some());
        let printed = both.add_to(Form::default());
        assert_eq!(ClientParameters::from_form(&printed).unwrap().assertion.unwrap().expose(), "x");
        assert!(read(&[("client_id", "a")]).unwrap().assertion.is_none());
        assert!(!format!("{both:?}").contains('x') || !format!("{both:?}").contains("\"x\""));
    }
}
