# What the eye would have to look for in every file.
tools() {
    needs cc gcc libc6-dev
    for component in rustfmt clippy; do
        cargo "${component/rustfmt/fmt}" --version >/dev/null 2>&1 || rustup component add "$component"
    done
}
format() { cargo fmt --all --check; }
style() { python3 .ci/style.py; }
part tools tools
part format format
part style style
