//! A pack as JSON: the structure itself, fields in the order of their declaration, decimals and days as text.
//!
//! Separate because it is the form that golden files and `verify` compare; nothing is rounded, cut or translated here.

use crate::error::{Error, Result};
use crate::report::pack::Pack;

/// The pack as indented JSON, ending in a line break.
pub fn json(pack: &Pack) -> Result<String> {
    let mut text = serde_json::to_string_pretty(pack).map_err(|e| Error::internal("the pack could not be written as JSON").caused_by(e))?;
    text.push('\n');
    Ok(text)
}
