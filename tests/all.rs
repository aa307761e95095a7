//! One test binary: DataFusion is linked once.

mod book;
mod posting;
mod store;
