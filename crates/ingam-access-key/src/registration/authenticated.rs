use ingam_keys::Record;
use ingam_ports::Table;
use serde::{Deserialize, Serialize};

use super::{Consent, ConsentError, Consented, PushedRequest, UserAuthentication};

/// A③: the user is known; what is asked is shown.
///
/// ```compile_fail,E0451
/// # use ingam_access_key::*;
/// # fn forge(pushed: PushedRequest, authentication: UserAuthentication) -> Authenticated {
/// Authenticated { pushed, authentication }
/// # }
/// ```
/// ```
/// # use ingam_access_key::*;
/// # fn read(state: Authenticated) -> UserAuthentication {
/// state.authentication().clone()
/// # }
/// ```
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Authenticated {
    pushed: PushedRequest,
    authentication: UserAuthentication,
}

impl Authenticated {
    pub(super) const fn new(pushed: PushedRequest, authentication: UserAuthentication) -> Self {
        Self { pushed, authentication }
    }

    /// What was pushed.
    #[must_use]
    pub const fn pushed(&self) -> &PushedRequest {
        &self.pushed
    }

    /// Who was authenticated, and how.
    #[must_use]
    pub const fn authentication(&self) -> &UserAuthentication {
        &self.authentication
    }

    /// The user agreed to `consent`, which is what was asked or less.
    ///
    /// x1149: 3.1.16.6
    ///
    /// # Errors
    /// [`ConsentError`] when the consent goes beyond what was asked and shown.
    pub fn consented(self, consent: Consent) -> Result<Consented, ConsentError> {
        consent.within(&self.pushed)?;
        Ok(Consented::new(self.pushed, self.authentication, consent))
    }
}

impl Record for Authenticated {
    const TABLE: Table = Table::Sessions;
}
