//! A pack becomes bytes: charts, HTML, PDF, XLSX, CSV, JSON. Knows nothing of SQL or the store.

pub mod cells;
pub mod csv;
pub mod html;
pub mod json;
pub mod words;
pub mod xlsx;
