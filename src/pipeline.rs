//! The one place where stages meet: load, report, query.
