# Default features first: what most people build.
clippy() { cargo clippy --workspace --all-targets --locked -- -D warnings; }
clippy_all_features() { cargo clippy --workspace --all-targets --all-features --locked -- -D warnings; }
part clippy clippy
part "clippy, all features" clippy_all_features
