//! `application/x-www-form-urlencoded` as OAuth uses it (RFC 6749 appendix B): no parameter twice, empty means absent.

use zeroize::Zeroizing;

/// A parsed form: each parameter at most once, empty ones left out (RFC 6749 section 3.1).
///
/// Values may be codes and assertions: they are wiped on drop and never printed.
#[derive(Clone, Default)]
pub struct Form(Vec<(String, Zeroizing<String>)>);

/// What a form may be at most.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Limits {
    /// Bytes of the whole text.
    pub bytes: usize,
    /// Parameters, empty ones too.
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
    /// A parameter is there twice (RFC 6749 section 3.1), be it once empty.
    #[error("form holds a parameter twice")]
    DuplicateParameter,
    /// A percent escape is broken, the decoded text is not UTF-8, a parameter has no name, or a raw control character is there.
    #[error("form is not valid UTF-8 after decoding")]
    Malformed,
}

impl FormError {
    /// The variant's name, as the log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::TooLarge { .. } => "TooLarge",
            Self::TooManyParameters { .. } => "TooManyParameters",
            Self::DuplicateParameter => "DuplicateParameter",
            Self::Malformed => "Malformed",
        }
    }
}

impl Form {
    /// Reads a form or a query string.
    ///
    /// Nothing between two `&` is no parameter (the example of RFC 9126 section 1.1 begins with one).
    ///
    /// # Errors
    /// The first [`FormError`] that applies.
    pub fn parse(text: &[u8], limits: &Limits) -> Result<Self, FormError> {
        Self::parse_repeating(text, limits, &[])
    }

    /// As [`Form::parse`], but the parameters of these names may come more than once: `resource` of RFC 8707 section 2.
    ///
    /// # Errors
    /// The first [`FormError`] that applies.
    pub fn parse_repeating(text: &[u8], limits: &Limits, repeating: &[&str]) -> Result<Self, FormError> {
        if text.len() > limits.bytes {
            return Err(FormError::TooLarge { limit: limits.bytes });
        }
        let mut pairs: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in text.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            if pairs.len() >= limits.parameters {
                return Err(FormError::TooManyParameters { limit: limits.parameters });
            }
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = decode(halves.next().unwrap_or_default())?;
            if name.is_empty() {
                return Err(FormError::Malformed);
            }
            if !repeating.contains(&name.as_str()) && pairs.iter().any(|(before, _)| before == &*name) {
                return Err(FormError::DuplicateParameter);
            }
            pairs.push((name.to_string(), decode(halves.next().unwrap_or_default())?));
        }
        pairs.retain(|(_, value)| !value.is_empty());
        Ok(Self(pairs))
    }

    /// The value of `name`, if it is there and not empty; the first where it may repeat.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    /// All values of a parameter that may repeat, in the order received.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.iter().filter(move |(n, _)| *n == name).map(|(_, value)| value)
    }

    /// All parameters in the order received.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(n, v)| (n.as_str(), v.as_str()))
    }

    /// How many parameters there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a parameter at the end; an empty value adds nothing, since empty means absent.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.is_empty() {
            self.0.push((name.to_owned(), Zeroizing::new(value.to_owned())));
        }
        self
    }

    /// The form as text to send.
    #[must_use]
    pub fn encode(&self) -> String {
        form_urlencoded::Serializer::new(String::new()).extend_pairs(self.iter()).finish()
    }
}

impl core::fmt::Debug for Form {
    /// Names only: values may be secrets.
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_list().entries(self.0.iter().map(|(n, _)| n)).finish()
    }
}

/// The text that `raw` stands for: `+` is a space, `%XX` a byte of UTF-8.
fn decode(raw: &[u8]) -> Result<Zeroizing<String>, FormError> {
    let mut decoded = Zeroizing::new(Vec::with_capacity(raw.len()));
    let mut rest = raw;
    while let [byte, after @ ..] = rest {
        rest = after;
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => {
                let [high, low, after @ ..] = rest else { return Err(FormError::Malformed) };
                rest = after;
                (hex_digit(*high)? << 4) | hex_digit(*low)?
            }
            0..=0x1f | 0x7f => return Err(FormError::Malformed),
            plain => *plain,
        });
    }
    match String::from_utf8(core::mem::take(&mut *decoded)) {
        Ok(text) => Ok(Zeroizing::new(text)),
        Err(error) => {
            drop(Zeroizing::new(error.into_bytes()));
            Err(FormError::Malformed)
        }
    }
}

fn hex_digit(digit: u8) -> Result<u8, FormError> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(FormError::Malformed),
    }
}
