//! Signed authorization responses (JARM); both halves.

mod check;
mod make;

use ingam_jose::jwt::{Kind, Typ};
use serde_json::{Map, Value};

pub use self::{
    check::{JarmError, check_jarm},
    make::make_jarm,
};

/// An authorization response as JWT; it has no `typ` of its own in the standard, so the check demands what only it has.
#[derive(Debug)]
pub struct JarmKind;

impl Kind for JarmKind {
    const TYP: Typ = Typ::OneOfOrAbsent(&["JWT", "oauth-authz-resp+jwt"]);
    type Claims = Map<String, Value>;
}
