//! `application/x-www-form-urlencoded` as OAuth uses it (RFC 6749 appendix B): no parameter twice, empty means absent.

/// A parsed form: each parameter at most once, empty ones left out (RFC 6749 section 3.2).
#[derive(Clone, Default)]
pub struct Form(Vec<(String, String)>);

/// What a form may be at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Parameters.
    pub parameters: usize,
}

/// Why a form was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FormError {
    /// The text is longer than its limit.
    #[error("form is longer than {limit} bytes")]
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// More parameters than the limit.
    #[error("form has more than {limit} parameters")]
    TooManyParameters {
        /// The limit.
        limit: usize,
    },
    /// A parameter is there twice (RFC 6749 section 3.1).
    #[error("form holds a parameter twice")]
    DuplicateParameter,
    /// A percent escape is broken or the decoded text is not UTF-8.
    #[error("form is not valid UTF-8 after decoding")]
    Malformed,
}

impl Form {
    /// Reads a form or a query string.
    ///
    /// # Errors
    /// The first [`FormError`] that applies.
    pub fn parse(text: &[u8], limits: &Limits) -> Result<Self, FormError> {
        if text.len() > limits.bytes {
            return Err(FormError::TooLarge { limit: limits.bytes });
        }
        let mut pairs: Vec<(String, String)> = Vec::new();
        for (name, value) in form_urlencoded::parse(text) {
            pairs.push((name.into_owned(), value.into_owned()));
        }
        Ok(Self(pairs))
    }

    /// The value of `name`, if it is there and not empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, v)| v.as_str())
    }

    /// All parameters in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// Adds a parameter at the end.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The form as text to send.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

impl core::fmt::Debug for Form {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(n, _)| n)).finish()
    }
}
