//! Tables and charts of a pack as typed Parquet files beside the CSV: what a close keeps for whoever checks it with a program.
//!
//! Here and not in `render`, because only the engine's room writes Parquet. The same rows as the CSV: details only, undefined is empty.

use crate::engine::parquet;
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::Result;
use crate::render::csv::named;
use crate::report::pack::{Block, Cell, Chart, ColumnKind, Pack, RowKind, Table};

/// File name and content of each table and chart, in reading order.
pub(super) fn tables_parquet(pack: &Pack) -> Result<Vec<(String, Vec<u8>)>> {
    let file = |(name, block): (String, &Block)| {
        let rows = match block {
            Block::Table(table) => table_rows(table),
            Block::Chart(chart) => chart_rows(chart),
            _ => Rows::default(),
        };
        let name = format!("{name}.parquet");
        let bytes = parquet(&rows).map_err(|e| e.context(name.clone()))?;
        Ok((name, bytes))
    };
    named(pack).into_iter().map(file).collect()
}

fn table_rows(table: &Table) -> Rows {
    let column = |c: &crate::report::pack::Column| RowsColumn { name: c.key.clone(), type_name: type_name(c.kind).to_string() };
    let details = table.rows.iter().filter(|row| row.kind == RowKind::Detail);
    let rows = details.map(|row| (0..table.columns.len()).map(|at| row.cells.get(at).map_or(Datum::Null, datum)).collect());
    Rows { columns: table.columns.iter().map(column).collect(), rows: rows.collect() }
}

fn chart_rows(chart: &Chart) -> Rows {
    let label = RowsColumn { name: "label".into(), type_name: "text".into() };
    let series = chart.series.iter().map(|s| RowsColumn { name: s.name.clone(), type_name: "decimal(38,2)".into() });
    let rows = chart.labels.iter().enumerate().map(|(at, label)| {
        let values = chart.series.iter().map(|s| s.values.get(at).copied().flatten().map_or(Datum::Null, Datum::Decimal));
        std::iter::once(Datum::Text(label.clone())).chain(values).collect()
    });
    Rows { columns: std::iter::once(label).chain(series).collect(), rows: rows.collect() }
}

/// A column's type in the words that [`parquet`] reads: the least decimals that its values keep.
fn type_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Text | ColumnKind::Trend => "text",
        ColumnKind::Date => "date",
        ColumnKind::Count => "decimal(38,0)",
        ColumnKind::Money => "decimal(38,2)",
        ColumnKind::Percent | ColumnKind::Days => "decimal(38,4)",
        ColumnKind::Rate => "decimal(38,8)",
    }
}

fn datum(cell: &Cell) -> Datum {
    match cell {
        Cell::Empty | Cell::Undefined(_) => Datum::Null,
        Cell::Text(text) => Datum::Text(text.clone()),
        Cell::Number(number) => Datum::Decimal(*number),
        Cell::Date(day) => Datum::Date(*day),
        // As the CSV has it.
        Cell::Trend(values) => {
            let values: Vec<String> = values.iter().map(|v| v.map_or(String::new(), |v| v.to_string())).collect();
            Datum::Text(values.join(";"))
        }
    }
}
