# The README's test command, on a machine that has OpenSSL; what needs a token or a schema comes with the keys.
tests() {
    needs openssl openssl
    INGAM_REQUIRE_OPENSSL=1 cargo test --workspace --locked
}
tests_all_features() { cargo test --workspace --all-features --locked; }
part tests tests
full_part "tests, all features" tests_all_features
