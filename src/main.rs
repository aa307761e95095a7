//! Parses arguments, runs, exits. Nothing else.

#![forbid(unsafe_code)]

// Loads make and drop many small rows; this allocator does it in about half the time of the system's.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    cartera::cli::run()
}
