//! Files become canonical rows, rejects and control totals; nothing is posted here.
use crate::domain::{finding::Finding, money::Money};
use crate::error::Result;
use crate::schema::Row;
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct Reject {
    pub table: &'static str,
    pub source: u32,
    pub line: u64,
    pub column_no: Option<u32>,
    pub column_name: Option<String>,
    pub code: &'static str,
    pub reason: String,
    pub excerpt: Option<String>,
    pub company_id: Option<String>,
    pub currency: Option<String>,
    pub amount: Option<Money>,
}
#[allow(missing_docs)]
pub trait Sink {
    fn row(&mut self, row: Row) -> Result<()>;
    fn reject(&mut self, reject: Reject) -> Result<()>;
    fn finding(&mut self, finding: Finding) -> Result<()>;
}
