//! Short texts — ids, codes, words — held in place.
//!
//! A ledger clones an id for every row that speaks of it; up to 24 bytes of it cost no allocation here.

/// A text, by value: most ids fit in place, longer ones are kept on the heap.
pub type Text = compact_str::CompactString;
