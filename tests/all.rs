//! One test binary: DataFusion is linked once.

mod book;
mod engine;
mod extract;
mod fixture;
mod house;
mod laws;
mod posting;
mod render_charts;
mod render_files;
mod report;
mod sample_answers;
mod slt_runner;
mod store;
