# Every publishable crate as it would be published, and two projects outside the workspace that build the README's lines on them.
packages() {
    local unpublished
    unpublished=$(cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
print(*[f"--exclude {p['"'name'"']}" for p in json.load(sys.stdin)["packages"] if p["publish"] == []])')
    # shellcheck disable=SC2086
    cargo package --workspace $unpublished --no-verify --allow-dirty --locked --quiet --target-dir "$WORK/packaged"
    mkdir -p "$WORK/unpacked"
    local archive
    for archive in "$WORK"/packaged/package/*.crate; do
        tar -xzf "$archive" -C "$WORK/unpacked"
    done
    ls "$WORK/unpacked"
}

outside() {
    local project=$1 folder="$WORK/outside/$1" crate
    mkdir -p "$WORK/outside"
    cp -r ".ci/outside/$project" "$folder"
    cp Cargo.lock "$folder/"
    echo "[patch.crates-io]" >>"$folder/Cargo.toml"
    for crate in "$WORK"/unpacked/*; do
        echo "$(basename "$crate" | sed 's/-[0-9][^-]*$//') = { path = \"$crate\" }" >>"$folder/Cargo.toml"
    done
    mkdir "$folder/src/bin"
    python3 .ci/readme_lines.py README.md "$project" >"$folder/src/bin/readme.rs"
    (cd "$folder" && CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-$ROOT/target}" cargo check --quiet --bins)
    find "$folder/src" -name "*.rs" | sed "s|$folder/||"
}
outside_bank() { outside bank; }
outside_fintech() { outside fintech; }
part packages packages
part "a bank outside the workspace" outside_bank
part "a fintech outside the workspace" outside_fintech
