# A hundred threads at two operators on one store, a thousand rounds: exactly one success each.
replay_race() {
    cargo test --release --locked -p ingam-operator --test registration sr_36 | tee "$WORK/race"
    grep -q "1 passed" "$WORK/race"          # a renamed test is not a passed one
}
part "replay race" replay_race
