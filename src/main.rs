//! Parses arguments, runs, exits. Nothing else.

#![forbid(unsafe_code)]

fn main() -> std::process::ExitCode {
    cartera::cli::run()
}
