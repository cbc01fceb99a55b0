# The main job: consent registered and used over TLS, and the attacker refused.
walk() {
    cargo run --release --locked --example open_banking | tee "$WORK/walk"
    tail -n 1 "$WORK/walk" | grep -qE '^8 steps, [0-9]+ checks, [0-9]+ attacks refused, 0 failed$'
}
part open_banking walk
