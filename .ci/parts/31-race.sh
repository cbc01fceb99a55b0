# A hundred threads at two operators on one store, a thousand rounds: exactly one success each.
part "replay race" cargo test --release --locked --quiet -p ingam-operator --test registration sr_36
