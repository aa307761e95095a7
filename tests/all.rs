//! One test binary: DataFusion is linked once.

mod book;
mod engine;
mod extract;
mod fixture;
mod posting;
mod slt_runner;
mod store;
