# Each bench prints its ratio to the bare primitives of the same run.
benches() { cargo bench -p ingam-benches --locked; }
full_part benches benches
