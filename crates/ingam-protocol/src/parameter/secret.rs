use crate::text::{secret_type, vschar};

/// A character of a token in the `Authorization` field: `b64token` of RFC 6750 section 2.1.
const fn b64token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

secret_type! {
    /// An authorization code (RFC 6749 section 4.1.2): 1 to 512 visible characters.
    AuthorizationCode, "authorization code", 1..=512, vschar
}
secret_type! {
    /// An access key as it travels: OAuth's `access_token`, 1 to 8,192 characters of RFC 6750's `b64token`.
    ///
    /// fapi: OA-13
    #[doc(alias = "access_token")]
    #[doc(alias = "접근키")]
    AccessToken, "access token", 1..=8192, b64token
}
secret_type! {
    /// What a new access key is asked with (RFC 6749 section 6): 1 to 2,048 visible characters.
    ///
    /// fapi: OA-13
    #[doc(alias = "refresh_token")]
    RefreshToken, "refresh token", 1..=2048, vschar
}
