# That the laws compile on stable; their fuzzing, and the saved corpus, under `full`.
fuzz_targets() { cargo check -p ingam-fuzz --locked && for target in $(fuzz_names); do cargo run -q -p ingam-fuzz --locked --bin "$target"; done; }
fuzz_names() { sed -n 's/^name = "\([a-z0-9_]*\)"$/\1/p' fuzz/Cargo.toml; }
fuzz() {
    needs c++ g++
    command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --quiet
    export RUSTC_BOOTSTRAP=1
    local target
    for target in $(fuzz_names); do
        echo "fuzz $target"
        mkdir -p "fuzz/corpus/$target" "$WORK/corpus/$target"
        cargo fuzz run "$target" --target-dir "$WORK/fuzz" -- "fuzz/corpus/$target" -runs=0 -verbosity=0
        cargo fuzz run "$target" --target-dir "$WORK/fuzz" "$WORK/corpus/$target" "fuzz/corpus/$target" -- -max_total_time=20 -verbosity=0 -print_final_stats=1
    done
}
part "fuzz targets" fuzz_targets
full_part fuzzing fuzz
