# What `.ci/run` does, in pieces. `just` lists them.

# List the recipes.
default:
    @just --list

# What to run before a commit: all of `.ci/run` that needs nothing installed.
check: format lint doc test

# Is the code formatted?
format:
    cargo fmt --check

# Lints, every target, warnings refused.
lint:
    cargo clippy --all-targets --locked -- -D warnings

# Documentation builds, private items and links included.
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --document-private-items --locked

# All tests; those that need a name server that is not installed say so and are skipped.
test:
    cargo test --locked

# The pictures in docs/screens, made anew from the drill in virtual time.
captures:
    UNPARK_CAPTURES=write cargo test --locked --test captures

# All tests; a missing name server is a failure.
test-real:
    UNPARK_REQUIRE_REAL_SERVERS=1 cargo test --locked

# Licences, sources and banned crates (needs cargo-deny).
deny:
    cargo deny --locked check bans licenses sources

# The release binary and its size.
release:
    cargo build --release --locked
    ls -l target/release/unpark

# Everything, as the project's own checks run it (installs Debian packages).
ci:
    .ci/run
