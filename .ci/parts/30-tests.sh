# The README's test command.
tests() { cargo test --workspace --locked; }
tests_all_features() { cargo test --workspace --all-features --locked; }
part tests tests
full_part "tests, all features" tests_all_features
