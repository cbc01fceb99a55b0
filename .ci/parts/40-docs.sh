# Every link and every public item's sentence.
documentation() { RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace --locked --quiet; }
part documentation documentation
