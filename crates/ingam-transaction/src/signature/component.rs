use std::borrow::Cow;

/// What a component identifier names (RFC 9421 sections 2.1 and 2.2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Name<'a> {
    Method,
    TargetUri,
    Authority,
    Scheme,
    RequestTarget,
    Path,
    Query,
    QueryParam,
    Status,
    Field(&'a str),
}

/// A component identifier with its parameters (RFC 9421 section 2).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Component<'a> {
    pub(crate) name: Name<'a>,
    /// `sf`: the value is serialised again as a structured field (section 2.1.1).
    pub(crate) structured: bool,
    /// `key`: one member of a dictionary (section 2.1.2).
    pub(crate) key: Option<Cow<'a, str>>,
    /// `bs`: each line as a byte sequence (section 2.1.3).
    pub(crate) wrapped: bool,
    /// `tr`: from the trailers (section 2.1.4).
    pub(crate) trailer: bool,
    /// `req`: from the request that a response answers (section 2.4).
    pub(crate) of_request: bool,
    /// `name`: which query parameter (section 2.2.8).
    pub(crate) parameter: Option<Cow<'a, str>>,
}

/// Why a component cannot be part of a signature base.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ComponentError {
    /// The name is no derived component and no lower-case field name.
    #[error("unknown component")]
    UnknownComponent,
    /// A parameter that does not exist, has the wrong type, or does not fit the component.
    #[error("a component parameter does not fit")]
    UnknownComponentParameter,
    /// A component stands twice in one signature (RFC 9421 section 2).
    #[error("a component is covered twice")]
    DuplicateComponent,
    /// The message has no such component: the field is absent, the query parameter or the dictionary member missing.
    #[error("a covered component is not in the message")]
    ComponentMissing,
    /// A query parameter is there more than once (RFC 9421 section 2.2.8).
    #[error("a covered query parameter occurs more than once")]
    QueryParameterRepeated,
    /// The value is not ASCII, or holds a control character (RFC 9421 section 2.5).
    #[error("a covered value is not printable ASCII")]
    ValueNotAscii,
    /// The value is not the structured field it must be for `sf` or `key`.
    #[error("a covered value is not a structured field")]
    NotStructured,
}

impl ComponentError {
    /// The variant's name, as the audit log prints it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::UnknownComponent => "UnknownComponent",
            Self::UnknownComponentParameter => "UnknownComponentParameter",
            Self::DuplicateComponent => "DuplicateComponent",
            Self::ComponentMissing => "ComponentMissing",
            Self::QueryParameterRepeated => "QueryParameterRepeated",
            Self::ValueNotAscii => "ValueNotAscii",
            Self::NotStructured => "NotStructured",
        }
    }
}

impl<'a> Name<'a> {
    /// The name of an identifier; a field name must be lower case.
    pub(crate) fn parse(text: &'a str) -> Result<Self, ComponentError> {
        Ok(match text {
            "@method" => Self::Method,
            "@target-uri" => Self::TargetUri,
            "@authority" => Self::Authority,
            "@scheme" => Self::Scheme,
            "@request-target" => Self::RequestTarget,
            "@path" => Self::Path,
            "@query" => Self::Query,
            "@query-param" => Self::QueryParam,
            "@status" => Self::Status,
            field if !field.is_empty() && field.bytes().all(is_lower_token) => Self::Field(field),
            _ => return Err(ComponentError::UnknownComponent),
        })
    }

    pub(crate) const fn as_str(&self) -> &str {
        match self {
            Self::Method => "@method",
            Self::TargetUri => "@target-uri",
            Self::Authority => "@authority",
            Self::Scheme => "@scheme",
            Self::RequestTarget => "@request-target",
            Self::Path => "@path",
            Self::Query => "@query",
            Self::QueryParam => "@query-param",
            Self::Status => "@status",
            Self::Field(name) => name,
        }
    }
}

impl<'a> Component<'a> {
    pub(crate) const fn new(name: Name<'a>) -> Self {
        Self { name, structured: false, key: None, wrapped: false, trailer: false, of_request: false, parameter: None }
    }

    /// Whether the parameters fit the name and each other (RFC 9421 sections 2.1 and 2.2.8).
    pub(crate) const fn fits(&self) -> bool {
        match self.name {
            Name::Field(_) => self.parameter.is_none() && !(self.wrapped && (self.structured || self.key.is_some())),
            Name::QueryParam => self.parameter.is_some() && !self.has_field_parameter(),
            _ => self.parameter.is_none() && !self.has_field_parameter(),
        }
    }

    /// Whether the component carries the whole value of its name, not one member of it.
    pub(crate) const fn is_whole(&self) -> bool {
        self.key.is_none() && !self.trailer && self.parameter.is_none()
    }

    const fn has_field_parameter(&self) -> bool {
        self.structured || self.key.is_some() || self.wrapped || self.trailer
    }

    /// Prints the identifier: for our own signatures, which use no parameter but `req`.
    pub(crate) fn print(&self, out: &mut String) {
        out.push('"');
        out.push_str(self.name.as_str());
        out.push('"');
        if self.of_request {
            out.push_str(";req");
        }
    }
}

/// Characters of a field name (RFC 9110 section 5.6.2) in lower case.
fn is_lower_token(byte: u8) -> bool {
    matches!(
        byte,
        b'a'..=b'z' | b'0'..=b'9'
            | b'!' | b'#' | b'$' | b'%' | b'&' | b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
    )
}
