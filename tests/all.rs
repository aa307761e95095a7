//! One test binary: DataFusion is linked once.

mod engine;
mod fixture;
mod slt_runner;
