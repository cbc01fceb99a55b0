# The stand-alone bank under abuse: slow, oversized, lying and malformed peers, while a good client is served.
bank_abuse() {
    needs python3 python3
    needs openssl openssl
    cargo build --release --locked --example bank
    TMPDIR="$WORK" python3 tests/interop/abuse/abuse.py --bank "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/bank"
}
part bank-abuse bank_abuse
