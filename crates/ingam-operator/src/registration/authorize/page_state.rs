use ingam_access_key::{Authenticated, PresentedToUser};
use ingam_keys::{Record, RecordSealer};
use ingam_ports::{Row, RowKey, Table};
use ingam_protocol::AccountId;
use ingam_wire::{Randomness, Seconds, UnixTime, base64url};
use serde::{Deserialize, Serialize};

use crate::refusal::Refusal;

/// Where the user is: each page holds what the pages before it proved.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) enum Page {
    /// Page 1: nothing is known of the user yet.
    Login(PresentedToUser),
    /// Page 2: the accounts are to be chosen among these.
    Picker(Authenticated, Vec<AccountId>),
    /// Page 3: a payment from one of these accounts is to be agreed to.
    Payment(Authenticated, Vec<AccountId>),
}

/// What a page's form carries back, sealed: nobody but this operator can make or read one.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct PageState {
    /// The reference of the pushed request, whose row the completion takes.
    pub(super) reference: String,
    /// Hash of the cookie of the user agent that the page was shown to.
    pub(super) browser: [u8; 32],
    /// Where the user is.
    pub(super) page: Page,
}

impl Record for PageState {
    const TABLE: Table = Table::Sessions;
}

/// How long a user may look at one page.
const PATIENCE: Seconds = Seconds::new(600);

impl PageState {
    /// The sealed text for the form (base64url of key, expiry and sealed bytes).
    pub(super) fn seal(
        &self,
        sealer: &RecordSealer,
        randomness: &dyn Randomness,
        now: UnixTime,
    ) -> Result<String, Refusal> {
        let mut unique = [0; 32];
        randomness.fill(&mut unique)?;
        let expires = now.plus(PATIENCE);
        let row = sealer.seal(RowKey::timed(now, &unique), 1, Some(expires), Vec::new(), self)?;
        Ok(base64url::encode([row.key.as_bytes(), &expires.secs().to_be_bytes(), &row.sealed].concat()))
    }

    /// What was sealed, unless it is too old or not ours.
    pub(super) fn open(text: &str, sealer: &RecordSealer, now: UnixTime) -> Option<Self> {
        let bytes = base64url::decode(text).ok()?;
        let (key, rest) = bytes.split_first_chunk::<40>()?;
        let (expires, sealed) = rest.split_first_chunk::<8>()?;
        let expires = UnixTime::from_secs(i64::from_be_bytes(*expires));
        if expires <= now {
            return None;
        }
        let (key, sealed) = (RowKey::new(key)?, sealed.to_vec());
        sealer.open(&Row { key, version: 1, expires: Some(expires), index: Vec::new(), sealed }).ok()
    }
}
