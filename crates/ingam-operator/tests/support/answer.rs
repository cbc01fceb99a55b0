use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode, header};
use serde_json::Value;

/// What came back.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

impl From<Response<Bytes>> for Answer {
    fn from(response: Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        Self { status: parts.status, headers: parts.headers, body }
    }
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("not JSON: {self:?}"))
    }

    pub(crate) fn member(&self, name: &str) -> String {
        self.json()[name].as_str().unwrap_or_else(|| panic!("no {name}: {self:?}")).to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Status and `error`; every answer must forbid that it is stored.
    pub(crate) fn refused(&self) -> (u16, String) {
        assert!(self.header("cache-control").is_some_and(|value| value.contains("no-store")), "{self:?}");
        (self.status.as_u16(), self.member("error"))
    }

    /// A parameter of the redirect.
    pub(crate) fn parameter(&self, name: &str) -> Option<String> {
        let location = self.location();
        let (_, query) = location.split_once('?')?;
        let limits = ingam_wire::form::Limits { bytes: 16_384, parameters: 32 };
        ingam_wire::form::Form::parse(query.as_bytes(), &limits).unwrap().get(name).map(str::to_owned)
    }

    pub(crate) fn location(&self) -> &str {
        self.header(header::LOCATION.as_str()).unwrap_or_else(|| panic!("no redirect: {} {}", self.status, self.text()))
    }
}
