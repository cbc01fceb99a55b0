# The stand-alone bank, driven by the certified JavaScript client openid-client in every variant.
openid_client() {
    needs node nodejs npm
    needs npm npm
    needs openssl openssl
    cargo build --release --locked --example bank
    mkdir -p "$WORK/tests/interop"
    cp -r tests/interop/openid-client "$WORK/tests/interop/"
    ln -s "$ROOT/examples" "$WORK/examples"
    cd "$WORK/tests/interop/openid-client"
    npm ci --silent --no-audit --no-fund
    node run.mjs --bank "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/bank"
}
part openid-client openid_client
