# Keys in a token (SoftHSM 2) and the inventory against the published schema; both are skipped by a bare `cargo test` where
# the tools are missing, and never here.
keys_in_a_token() {
    needs softhsm2-util softhsm2
    INGAM_REQUIRE_SOFTHSM=1 cargo test --locked -p ingam-keys --features pkcs11 --test pkcs11
}
keys_inventory() {
    python3 -c 'import jsonschema' 2>/dev/null || needs no-such-program python3-jsonschema
    INGAM_REQUIRE_JSONSCHEMA=1 cargo test --locked -p ingam-keys --test inventory
}
part "keys: a PKCS#11 token" keys_in_a_token
part "keys: inventory against CycloneDX 1.6" keys_inventory
