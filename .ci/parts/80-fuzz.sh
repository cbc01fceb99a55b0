# That the laws compile and hold for one input on stable; the saved corpus and 20 s of fuzzing for each under `full`.
fuzz_names() { sed -n 's/^name = "\([a-z0-9_]*\)"$/\1/p' fuzz/Cargo.toml; }

fuzz_targets() {
    cargo build -p ingam-fuzz --locked
    local target
    for target in $(fuzz_names); do
        "${CARGO_TARGET_DIR:-target}/debug/$target"
        echo "$target: its law holds for the example"
    done
}

fuzz() {
    needs c++ g++
    command -v cargo-fuzz >/dev/null || cargo install cargo-fuzz --locked --quiet
    export RUSTC_BOOTSTRAP=1                 # sanitizers are not stable; nothing else is
    local target built="${CARGO_TARGET_DIR:-$ROOT/target}/fuzz"
    for target in $(fuzz_names); do
        mkdir -p "$WORK/corpus/$target" "$WORK/saved/$target"
        [ ! -d "fuzz/corpus/$target" ] || cp -r "fuzz/corpus/$target/." "$WORK/saved/$target/"
        echo "fuzz $target: $(find "$WORK/saved/$target" -type f | wc -l) saved inputs, then 20 s"
        cargo fuzz run "$target" --target-dir "$built" "$WORK/corpus/$target" "$WORK/saved/$target" -- \
            -max_total_time=20 -verbosity=0 -print_final_stats=1 -artifact_prefix="$WORK/"
    done
}
part "fuzz targets" fuzz_targets
full_part fuzzing fuzz
