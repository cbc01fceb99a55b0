use ingam_wire::form::{Form, FormError};

use super::InvalidText;
use crate::{Date, OAuthError, limits, text::text_type};

text_type! {
    /// Where a page begins, as the operator said: 1 to 128 letters, digits, `-`, `_`.
    Cursor, InvalidText, "cursor", 1..=128, |b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')
}

/// Which transactions are asked for: `from`, `to`, `limit`, `cursor` of the query.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct TransactionQuery {
    /// The first day.
    pub from: Option<Date>,
    /// The last day.
    pub to: Option<Date>,
    /// Transactions on a page, 1 to 500.
    pub limit: u32,
    /// Where to go on.
    pub cursor: Option<Cursor>,
}

impl Default for TransactionQuery {
    /// All days, 100 on a page.
    fn default() -> Self {
        Self { from: None, to: None, limit: 100, cursor: None }
    }
}

/// Why a query was refused: 400 `invalid_request`.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TransactionQueryError {
    /// A parameter is repeated, too large or not UTF-8.
    #[error(transparent)]
    Form(#[from] FormError),
    /// `from` or `to` is no date.
    #[error("malformed date")]
    InvalidDate,
    /// `from` is after `to`.
    #[error("from is after to")]
    Reversed,
    /// `limit` is not 1 to 500.
    #[error("limit is out of range")]
    InvalidLimit,
    /// `cursor` is not one.
    #[error("malformed cursor")]
    InvalidCursor,
}

impl TransactionQueryError {
    /// The rule's name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Form(_) => "Form",
            Self::InvalidDate => "InvalidDate",
            Self::Reversed => "Reversed",
            Self::InvalidLimit => "InvalidLimit",
            Self::InvalidCursor => "InvalidCursor",
        }
    }

    /// The code that the peer sees.
    #[must_use]
    pub const fn oauth(&self) -> OAuthError {
        OAuthError::InvalidRequest
    }
}

impl TransactionQuery {
    /// Reads the query (without `?`); parameters that are not ours are ignored.
    ///
    /// # Errors
    /// The first [`TransactionQueryError`] that applies.
    pub fn parse(query: &str) -> Result<Self, TransactionQueryError> {
        let form = Form::parse(query.as_bytes(), &limits::QUERY)?;
        let date = |name| form.get(name).map(str::parse::<Date>).transpose();
        let from = date("from").map_err(|_| TransactionQueryError::InvalidDate)?;
        let to = date("to").map_err(|_| TransactionQueryError::InvalidDate)?;
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            return Err(TransactionQueryError::Reversed);
        }
        let limit = match form.get("limit") {
            None => Self::default().limit,
            Some(text) if text.len() <= 3 && text.bytes().all(|b| b.is_ascii_digit()) => text
                .parse()
                .ok()
                .filter(|limit| (1..=limits::PAGE).contains(limit))
                .ok_or(TransactionQueryError::InvalidLimit)?,
            Some(_) => return Err(TransactionQueryError::InvalidLimit),
        };
        let cursor = form.get("cursor").map(str::parse).transpose();
        Ok(Self { from, to, limit, cursor: cursor.map_err(|_| TransactionQueryError::InvalidCursor)? })
    }

    /// The query to send, without `?`.
    #[must_use]
    pub fn to_query(&self) -> String {
        let mut form = Form::default();
        if let Some(from) = self.from {
            form = form.with("from", &from.to_string());
        }
        if let Some(to) = self.to {
            form = form.with("to", &to.to_string());
        }
        form = form.with("limit", &self.limit.to_string());
        if let Some(cursor) = &self.cursor {
            form = form.with("cursor", cursor.as_str());
        }
        form.encode()
    }
}
