//! URLs as OAuth and DPoP compare them.

use ingam_wire::{HttpUrl, InvalidUrl};
use proptest::prelude::*;

fn url(text: &str) -> HttpUrl {
    text.parse().expect(text)
}

#[test]
fn what_is_refused() {
    for (text, why) in [
        ("", "empty"),
        ("/accounts", "relative"),
        ("//bank.example/", "no scheme"),
        ("bank.example", "no scheme"),
        ("https:", "no authority"),
        ("https:/a", "no authority"),
        ("https://", "empty host"),
        ("https:///a", "empty host"),
        ("https://:443/", "empty host"),
        ("ftp://bank.example/", "another scheme"),
        ("httpsx://bank.example/", "another scheme"),
        ("javascript:alert(1)", "another scheme"),
        ("urn:ietf:params", "another scheme"),
        ("https://user@bank.example/", "user information"),
        ("https://user:password@bank.example/", "user information"),
        ("https://@bank.example/", "empty user information"),
        ("https://bank.example@evil.example/", "user information"),
        ("https://bank.example:65536/", "a port beyond the range"),
        ("https://bank.example:00443/", "a port with leading zeros"),
        ("https://bank.example:08/", "a short port with a leading zero"),
        ("https://bank.example:-1/", "a negative port"),
        ("https://bank.example:x/", "a port that is none"),
        ("https://bank.example\\@evil.example/", "a backslash"),
        ("https://bank example/", "a space"),
        (" https://bank.example/", "a space before"),
        ("https://bank.example/ ", "a space after"),
        ("https://bank.example/\n", "a line end"),
        ("https://bank.example/\0", "NUL"),
        ("https://bank.example/%", "a broken escape"),
        ("https://bank.example/%4", "a broken escape"),
        ("https://bank.example/%GG", "a broken escape"),
        ("https://bank.example/?q=%zz", "a broken escape in the query"),
        ("https://bank.example/인감", "not ASCII"),
        ("https://은행.example/", "not ASCII"),
        ("https://[::1/", "an open bracket"),
        ("https://[::g]/", "no IPv6 address"),
        ("https://[fe80::1%25eth0]/", "a zone"),
        ("https://bank.example/a b", "a space in the path"),
        ("https://bank.example/<x>", "characters outside RFC 3986"),
        ("https://bank.example/#a#b", "two fragments"),
    ] {
        assert_eq!(text.parse::<HttpUrl>(), Err(InvalidUrl), "{why}: {text}");
    }
    let long = |bytes: usize| format!("https://a/{}", "x".repeat(bytes - 10)).parse::<HttpUrl>();
    assert!(long(2_048).is_ok());
    assert_eq!(long(2_049), Err(InvalidUrl));
}

#[test]
fn parts() {
    for (text, host, port, origin, path, query, fragment, line) in [
        ("https://b.example", "b.example", 443, "https://b.example", "/", None, None, "/"),
        ("http://b.example", "b.example", 80, "http://b.example", "/", None, None, "/"),
        ("https://b.example/", "b.example", 443, "https://b.example", "/", None, None, "/"),
        ("https://b.example?x=1", "b.example", 443, "https://b.example", "/", Some("x=1"), None, "/?x=1"),
        ("https://b.example#f", "b.example", 443, "https://b.example", "/", None, Some("f"), "/"),
        ("https://b.example?x#f?y", "b.example", 443, "https://b.example", "/", Some("x"), Some("f?y"), "/?x"),
        ("https://b.example/a?", "b.example", 443, "https://b.example", "/a", Some(""), None, "/a?"),
        (
            "https://b.example/a?x=?&y#",
            "b.example",
            443,
            "https://b.example",
            "/a",
            Some("x=?&y"),
            Some(""),
            "/a?x=?&y",
        ),
        ("HTTPS://B.Example:8443/A", "B.Example", 8443, "https://b.example:8443", "/A", None, None, "/A"),
        ("https://b.example:443/", "b.example", 443, "https://b.example", "/", None, None, "/"),
        ("http://b.example:443/", "b.example", 443, "http://b.example:443", "/", None, None, "/"),
        ("https://b.example:/", "b.example", 443, "https://b.example", "/", None, None, "/"),
        ("https://b.example:0/", "b.example", 0, "https://b.example:0", "/", None, None, "/"),
        ("https://127.0.0.1:9443/par", "127.0.0.1", 9443, "https://127.0.0.1:9443", "/par", None, None, "/par"),
        ("https://[::1]:9443/par", "::1", 9443, "https://[::1]:9443", "/par", None, None, "/par"),
        ("https://[2001:DB8:0::1]", "2001:DB8:0::1", 443, "https://[2001:db8::1]", "/", None, None, "/"),
        (
            "https://b.example/a/../b?c=/../d",
            "b.example",
            443,
            "https://b.example",
            "/a/../b",
            Some("c=/../d"),
            None,
            "/a/../b?c=/../d",
        ),
    ] {
        let url = url(text);
        assert_eq!(url.as_str(), text);
        assert_eq!(url.to_string(), text);
        assert_eq!((url.host(), url.port(), url.origin()), (host, port, origin), "{text}");
        assert_eq!(
            (url.path(), url.query(), url.fragment(), url.path_and_query()),
            (path, query, fragment, line),
            "{text}"
        );
        assert_eq!(url.is_https(), text.to_ascii_lowercase().starts_with("https:"), "{text}");
    }
}

#[test]
fn normalisation_is_that_of_rfc_3986() {
    for (text, normal) in [
        ("https://b.example/token", "https://b.example/token"),
        ("https://b.example", "https://b.example/"),
        ("https://b.example?x", "https://b.example/"),
        ("https://b.example/token?x=1#f", "https://b.example/token"),
        ("HTTPS://B.EXAMPLE/Token", "https://b.example/Token"),
        ("https://b.example:443/token", "https://b.example/token"),
        ("https://b.example:/token", "https://b.example/token"),
        ("http://b.example:80/token", "http://b.example/token"),
        ("http://b.example:443/token", "http://b.example:443/token"),
        ("https://b.example:80/token", "https://b.example:80/token"),
        ("https://b.example/a/./b/../c", "https://b.example/a/c"),
        ("https://b.example/../../a", "https://b.example/a"),
        ("https://b.example/a/..", "https://b.example/"),
        ("https://b.example/a/.", "https://b.example/a/"),
        ("https://b.example/%7Euser", "https://b.example/~user"),
        ("https://b.example/%7euser%2f%2F", "https://b.example/~user%2F%2F"),
        ("https://b.example/%2e%2E/a", "https://b.example/a"),
        ("https://b.example/a//b", "https://b.example/a//b"),
        ("https://b.example/a/", "https://b.example/a/"),
        ("https://b.example/.well-known/x", "https://b.example/.well-known/x"),
        ("https://b%2Eexample/", "https://b.example/"),
        ("https://[2001:0DB8::0:1]:443/a", "https://[2001:db8::1]/a"),
        ("https://b_c.example/a;b=1,2", "https://b_c.example/a;b=1,2"),
    ] {
        let url = url(text);
        assert_eq!(url.normalized(), normal, "{text}");
        assert!(url.normalized().starts_with(url.origin()), "{text}");
    }
}

#[test]
fn comparison_is_byte_by_byte() {
    assert_ne!(url("https://b.example"), url("https://b.example/"));
    assert_ne!(url("https://b.example/"), url("https://B.example/"));
    assert_ne!(url("https://b.example:443/"), url("https://b.example/"));
    assert_eq!(url("https://b.example/a?b"), url("https://b.example/a?b"));
}

#[test]
fn serde_goes_through_the_parser() {
    let read = serde_json::from_str::<HttpUrl>("\"https://b.example/a\"").unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), "\"https://b.example/a\"");
    assert!(serde_json::from_str::<HttpUrl>("\"https://u@b.example/a\"").is_err());
}

proptest! {
    #[test]
    fn parsing_what_is_printed_gives_the_same_and_normalising_twice_changes_nothing(
        text in "(https|http|HtTp)://([a-zA-Z0-9.-]{1,8}|\\[::[0-9A-F]{1,4}\\])(:[0-9]{0,4})?(/[a-z.%2eE7]{0,4}){0,4}(\\?[a-z=%41]{0,6})?(#[a-z]{0,3})?",
    ) {
        if let Ok(url) = text.parse::<HttpUrl>() {
            prop_assert_eq!(&url.to_string().parse::<HttpUrl>().unwrap(), &url);
            let normal = url.normalized().parse::<HttpUrl>().unwrap();
            prop_assert_eq!(normal.normalized(), url.normalized());
            prop_assert_eq!(normal.as_str(), url.normalized());
            prop_assert_eq!(normal.origin(), url.origin());
            prop_assert_eq!(normal.port(), url.port());
            prop_assert!(url.path_and_query().starts_with('/'));
        }
    }

    #[test]
    fn nothing_panics(text in ".{0,40}", tail in "[/:?#%@\\[\\].a1]{0,20}") {
        let _ = text.parse::<HttpUrl>();
        let _ = format!("https://{tail}").parse::<HttpUrl>();
    }
}
