//! One test binary: DataFusion is linked once.

mod book;
mod extract;
mod posting;
mod store;
