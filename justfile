# The tasks, by name. `just` alone lists them; each is what stands below it, and nothing more.

# A memory for trying things out; never your own.
export RECOUNT_DB := env("RECOUNT_DB", justfile_directory() / "target" / "try" / "memory.db")

checks := "../shared/check"
data := "../shared/data/locomo-dev.json"

_default:
    @just --list --unsorted

# Open the screen, or run a command, on a memory for trying things out
run *ARGS:
    cargo run --release -- {{ARGS}}

# Run every test
test *ARGS:
    cargo test {{ARGS}}

# Do everything that is done before a change is proposed
ci:
    .ci/run

# Build the documentation of the code and open it
docs:
    cargo doc --no-deps --open

# Kill the writing process many times, with another seed
kills ROUNDS="1000" SEED="2":
    RECOUNT_KILLS={{ROUNDS}} RECOUNT_KILL_SEED={{SEED}} cargo test --release --test suite kill::nothing

# Let the power go at many instants, and fail every single write and sync (takes half an hour)
power CUTS="2000" SEED="2":
    RECOUNT_CUTS={{CUTS}} RECOUNT_KILL_SEED={{SEED}} cargo test --release --test suite power::

# Measure recall and answers on the shared conversations, where they exist
quality:
    cargo run --release -- eval {{data}} --pictures target/pictures

# Compare imports with what the shared samples hold, where they exist
imports ONLY="":
    cargo build --release
    python3 {{checks}}/imports.py target/release/recount --only "{{ONLY}}"

# Time a cold question on the memory for trying things out
bench QUESTION="What did we talk about last?":
    cargo build --release
    time target/release/recount ask {{quote(QUESTION)}} || [ $? -eq 3 ]

# Measure what a warm question costs, whole and by its parts (benches/README.md)
bench-question *ARGS:
    cargo bench --bench question -- {{ARGS}}

# Install the program, its manual pages and completions below PREFIX
install PREFIX=(home_directory() / ".local"):
    cargo build --release --locked
    packaging/stage {{quote(PREFIX)}}

# Make a tar archive of what is installed, in target/packages
tar:
    cargo build --release --locked
    packaging/tar

# Make a Debian package, in target/packages
deb:
    cargo build --release --locked
    packaging/deb
