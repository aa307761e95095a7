//! Words of the trade, without input or output: money, rates, days, kinds, findings, languages, spelling;
//! and what every room does alike: short texts, names of files, digests as text, work by several threads.
//!
//! The ground every other room stands on; it imports nothing but [`crate::error`].

pub mod days;
pub mod digest;
pub mod email;
pub mod file_names;
pub mod finding;
pub mod kinds;
pub mod lang;
pub mod money;
pub mod spelling;
pub mod text;
pub mod work;
