//! Tables and charts of a pack as CSV for machines: keys as header, detail rows only (all of them, also those that a page leaves out), ISO days, plain decimals, UTF-8 without mark.
//!
//! Separate from the readable formats: nothing is formatted, rounded or guarded here. A text that begins with `=`, `+`, `-` or `@` stays as
//! it is: the files are evidence whose digests and values are compared, and a guard would change names and signed ids. For a
//! spreadsheet there is the XLSX, which writes such texts as texts. Undefined cells are empty; the reason is in the JSON.

use crate::error::{Error, Result};
use crate::report::pack::{Block, Cell, Chart, Pack, Table};

/// File name and content of each table and chart, in reading order.
pub fn tables_csv(pack: &Pack) -> Result<Vec<(String, Vec<u8>)>> {
    let bytes = |(name, block): (String, &Block)| {
        let records = match block {
            Block::Table(table) => table_records(table),
            Block::Chart(chart) => chart_records(chart),
            _ => Vec::new(),
        };
        let bytes = lines(&records).map_err(|e| e.context(format!("`{name}`.csv")))?;
        Ok((format!("{name}.csv"), bytes))
    };
    named(pack).into_iter().map(bytes).collect()
}

/// Every table and chart with the name of its file, without ending, in reading order.
pub fn named(pack: &Pack) -> Vec<(String, &Block)> {
    let mut named: Vec<(String, &Block)> = Vec::new();
    for block in pack.sections.iter().flat_map(|section| &section.blocks) {
        let id = match block {
            Block::Table(table) => &table.id,
            Block::Chart(chart) => &chart.id,
            _ => continue,
        };
        named.push((file_name(id, &named), block));
    }
    named
}

fn table_records(table: &Table) -> Vec<Vec<String>> {
    let header = table.columns.iter().map(|column| column.key.clone()).collect();
    std::iter::once(header).chain(table.details().map(|row| row.cells.iter().map(plain).collect())).collect()
}

fn chart_records(chart: &Chart) -> Vec<Vec<String>> {
    let header = std::iter::once("label".to_string()).chain(chart.series.iter().map(|series| series.name.clone())).collect();
    let rows = chart.labels.iter().enumerate().map(|(i, label)| {
        let value = |values: &[Option<rust_decimal::Decimal>]| values.get(i).copied().flatten().map_or(String::new(), |v| v.to_string());
        std::iter::once(label.clone()).chain(chart.series.iter().map(|series| value(&series.values))).collect()
    });
    std::iter::once(header).chain(rows).collect()
}

fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Empty | Cell::Undefined(_) => String::new(),
        Cell::Text(text) => text.clone(),
        Cell::Number(value) => value.to_string(),
        Cell::Date(day) => day.to_string(),
        // The points in order, gaps empty.
        Cell::Trend(values) => values.iter().map(|v| v.map_or(String::new(), |v| v.to_string())).collect::<Vec<_>>().join(";"),
    }
}

fn lines(records: &[Vec<String>]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for record in records {
        writer.write_record(record).map_err(|e| Error::internal("a row could not be written").caused_by(e))?;
    }
    writer.into_inner().map_err(|e| Error::internal("the rows could not be written").caused_by(e.into_error()))
}

/// The id with nothing in it that a file system could read as a folder; unlike any before it.
fn file_name<T>(id: &str, taken: &[(String, T)]) -> String {
    let safe: String = id.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '_' | '-') { c } else { '_' }).collect();
    let safe = if safe.is_empty() { "table".to_string() } else { safe };
    let is_taken = |name: &str| taken.iter().any(|(other, _)| other.eq_ignore_ascii_case(name));
    if !is_taken(&safe) {
        return safe;
    }
    (2..).map(|n| format!("{safe}-{n}")).find(|name| !is_taken(name)).unwrap_or(safe)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder_and_differ() {
        let taken = vec![("aging".to_string(), ())];
        assert_eq!(file_name("../etc/passwd", &taken), "___etc_passwd");
        assert_eq!(file_name("Aging", &taken), "Aging-2");
        assert_eq!(file_name("", &taken), "table");
    }
}
