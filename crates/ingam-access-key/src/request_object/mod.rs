//! Signed request objects (JAR, RFC 9101) as FAPI 2.0 Message Signing narrows them; both halves.

mod check;
mod make;

use ingam_jose::jwt::{Kind, Typ};
use serde_json::{Map, Value};

pub use self::{
    check::{RequestObjectCheck, RequestObjectError, VerifiedRequestObject},
    make::{MakeRequestObjectError, make_request_object},
};

/// A request object; `typ` may be absent, and if it is there it is compared without regard to case.
///
/// fapi: MS-5, MS-10, X-AS-6
#[derive(Debug)]
pub struct RequestObjectKind;

impl Kind for RequestObjectKind {
    const TYP: Typ = Typ::OneOfOrAbsent(&["oauth-authz-req+jwt"]);
    type Claims = Map<String, Value>;
}
