# The stand-alone bank: right and wrong configurations, and abuse (slow, oversized, lying and malformed peers) while a good
# client is served.
bank_starts() {
    needs python3 python3
    needs openssl openssl
    cargo build --release --locked --example bank
    TMPDIR="$WORK" python3 tests/interop/bank/starts.py --bank "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/bank"
}
bank_configured() {
    TMPDIR="$WORK" python3 tests/interop/bank/configured.py --bank "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/bank"
}
bank_abuse() {
    TMPDIR="$WORK" python3 tests/interop/bank/abuse.py --bank "${CARGO_TARGET_DIR:-$ROOT/target}/release/examples/bank"
}
part "bank: configurations" bank_starts
part "bank: as configured" bank_configured
part "bank: abuse" bank_abuse
