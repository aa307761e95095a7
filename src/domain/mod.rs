//! Words of the trade, without input or output: money, rates, days, kinds, findings, languages, spelling.
//!
//! The ground every other room stands on; it imports nothing but [`crate::error`].

pub mod days;
pub mod finding;
pub mod kinds;
pub mod lang;
pub mod money;
pub mod spelling;
pub mod text;
