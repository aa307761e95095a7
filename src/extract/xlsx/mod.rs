//! Sheets of `.xlsx` workbooks into records, streamed: a cell becomes the text that it stands for, exactly, or a cell that is refused.
//!
//! Own instead of a workbook library, which gives a number as a float (an id of twenty digits is then another id), cannot tell a
//! formula that was never calculated from an empty cell, and holds all texts of a workbook at once without a limit.

mod cell;
mod sheet;
mod styles;
mod texts;
mod workbook;
mod xml;

pub(super) use sheet::XlsxReader;
pub(super) use workbook::sheet_names;
