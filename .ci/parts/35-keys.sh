# Keys in a token (SoftHSM 2) and the inventory against the published schema: both are left out by a bare `cargo test` where
# the tools are missing, and never here.
keys_in_a_token() {
    needs softhsm2-util softhsm2
    INGAM_REQUIRE_SOFTHSM=1 cargo test --locked -p ingam-keys --features pkcs11 --test pkcs11
    mkdir -p "$WORK/softhsm/tokens"
    export SOFTHSM2_CONF=$WORK/softhsm/softhsm2.conf
    echo "directories.tokendir = $WORK/softhsm/tokens" >"$SOFTHSM2_CONF"
    softhsm2-util --init-token --free --label ingam --so-pin 5678 --pin 1234 >/dev/null
    INGAM_PIN=1234 cargo run --locked --quiet -p ingam-keys --features pkcs11 --example hsm_signer
}
bank_in_a_token() {
    mkdir -p "$WORK/bank/tokens"
    export SOFTHSM2_CONF=$WORK/bank/softhsm2.conf
    echo "directories.tokendir = $WORK/bank/tokens" >"$SOFTHSM2_CONF"
    cargo build --locked --example bank --features pkcs11
    TMPDIR="$WORK" python3 tests/interop/bank/starts.py --bank "${CARGO_TARGET_DIR:-$ROOT/target}/debug/examples/bank" \
        --pkcs11 /usr/lib/softhsm/libsofthsm2.so
}
keys_inventory() {
    python3 -m venv "$WORK/jsonschema"
    "$WORK/jsonschema/bin/pip" install --quiet --disable-pip-version-check 'jsonschema==4.26.0'
    PATH=$WORK/jsonschema/bin:$PATH INGAM_REQUIRE_JSONSCHEMA=1 cargo test --locked -p ingam-keys --test inventory
}
keys_rotation() {
    cargo run --locked --quiet -p ingam-keys --example rotate_ring | tail -n 1
    cargo run --release --locked --quiet --example rotate_keys | tail -n 1
}
part "keys: a PKCS#11 token" keys_in_a_token
part "keys: a bank with its keys in a token" bank_in_a_token
part "keys: inventory against CycloneDX 1.6" keys_inventory
part "keys: rotation under load" keys_rotation
