//! One test binary: DataFusion is linked once.

#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "tests time, print and compare as they like")]
#![allow(clippy::type_complexity, clippy::unnecessary_lazy_evaluations, clippy::assign_op_pattern, reason = "oracles are plain on purpose")]

mod book;
mod close;
mod closes_compared;
mod engine;
mod extract;
mod extract_cfdi;
mod extract_damage;
mod extract_formats;
mod extract_given;
mod extract_lookup;
mod extract_sheets;
mod extract_zeros;
mod fixture;
mod house;
mod identity;
mod laws;
mod posting;
mod profiles;
mod render_charts;
mod render_files;
mod report;
mod sample_answers;
mod second_opinion;
mod slt_runner;
mod spellings;
mod statement;
mod store;
