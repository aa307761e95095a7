//! DataFusion behind one door: pinned tables of a load, query files as table functions, only SELECT and EXPLAIN.

pub mod rows;
