//! One test binary: DataFusion is linked once.

mod report;
