use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeSeq as _};

/// The `aud` of a token (RFC 7519 section 4.1.3): one text or an array; which of them it was is kept.
///
/// FAPI cares: a client assertion may name the issuer only as one text (SP-AS-8), a request object also in an array (MS-2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Audience {
    /// A JSON string.
    One(String),
    /// A JSON array of strings.
    Many(Vec<String>),
}

impl Audience {
    /// The most entries an array may have; real ones have one to three.
    pub const MAX: usize = 16;

    /// Whether `name` is the one text or among the array.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }

    /// Whether the audience is exactly `name`, written as one JSON string.
    #[must_use]
    pub fn is_text(&self, name: &str) -> bool {
        matches!(self, Self::One(one) if one == name)
    }

    /// Whether nobody but `name` is meant: the one text, or an array of exactly it.
    #[must_use]
    pub fn is_only(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => matches!(many.as_slice(), [one] if one == name),
        }
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let (one, many) = match self {
            Self::One(one) => (Some(one), None),
            Self::Many(many) => (None, Some(many)),
        };
        one.into_iter().chain(many.into_iter().flatten()).map(String::as_str)
    }
}

impl FromIterator<String> for Audience {
    /// One name becomes a text, anything else an array.
    fn from_iter<I: IntoIterator<Item = String>>(names: I) -> Self {
        let mut many: Vec<String> = names.into_iter().collect();
        if many.len() == 1 { Self::One(many.remove(0)) } else { Self::Many(many) }
    }
}

impl Serialize for Audience {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::One(one) => serializer.serialize_str(one),
            Self::Many(many) => {
                let mut seq = serializer.serialize_seq(Some(many.len()))?;
                for one in many {
                    seq.serialize_element(one)?;
                }
                seq.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Audience {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AudienceVisitor)
    }
}

struct AudienceVisitor;

impl<'de> de::Visitor<'de> for AudienceVisitor {
    type Value = Audience;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text or an array of texts")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Audience, E> {
        Ok(Audience::One(text.to_owned()))
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Audience, E> {
        Ok(Audience::One(text))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, mut seq: A) -> Result<Audience, A::Error> {
        let mut many = Vec::new();
        while let Some(one) = seq.next_element::<String>()? {
            if many.len() == Audience::MAX {
                return Err(de::Error::custom("too many audiences"));
            }
            many.push(one);
        }
        Ok(Audience::Many(many))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_and_an_array_of_one_are_told_apart() {
        let text: Audience = serde_json::from_str(r#""https://as.example""#).unwrap();
        let array: Audience = serde_json::from_str(r#"["https://as.example"]"#).unwrap();
        assert!(text.is_text("https://as.example") && !array.is_text("https://as.example"));
        assert!(text.is_only("https://as.example") && array.is_only("https://as.example"));
        assert_eq!(serde_json::to_string(&array).unwrap(), r#"["https://as.example"]"#);
    }

    #[test]
    fn an_audience_of_another_shape_is_malformed() {
        for text in ["1", "null", "{}", "[1]", r#"[["a"]]"#] {
            assert!(serde_json::from_str::<Audience>(text).is_err(), "{text}");
        }
        let many = serde_json::to_string(&vec!["a"; 17]).unwrap();
        assert!(serde_json::from_str::<Audience>(&many).is_err());
    }
}
