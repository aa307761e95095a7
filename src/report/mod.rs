//! A pack as plain data: spec + engine + context in, [`pack::Pack`] out. No drawing here; no Arrow either.

pub mod pack;
