//! Totals as formulas: a sum of the rows above, or of those above that share the total's words. Written only where the result is
//! the pack's own figure, to the last digit; everything else stays a value.

use crate::report::pack::{Cell, ColumnKind, Row, RowKind, Table};
use rust_decimal::Decimal;
use rust_xlsxwriter::utility::column_number_to_name;

/// The formula of a cell, if it has one. `first` is the sheet's row of the first row; `formulas` says which cells above are formulas.
pub fn formula(table: &Table, at: usize, column: usize, formulas: &[Vec<bool>], first: u32) -> Option<String> {
    let (row, above) = (&table.rows[at], &table.rows[..at]);
    let kind = table.columns[column].kind;
    let Some(Cell::Number(total)) = row.cells.get(column) else { return None };
    if row.kind == RowKind::Detail || !matches!(kind, ColumnKind::Money | ColumnKind::Count | ColumnKind::Percent) {
        return None;
    }
    let letters = column_number_to_name(column as u16);
    // Rows of a sheet count from one.
    let line = |at: usize| first + at as u32 + 1;
    if let Some(from) = summed_from(above, formulas, column, *total) {
        return Some(format!("=SUBTOTAL(9,{letters}{}:{letters}{})", line(from), line(at) - 1));
    }
    let (end, words) = shared(table, at, column, *total)?;
    let range = |letters: &str| format!("{letters}{}:{letters}{}", line(0), line(end) - 1);
    let by: Vec<String> =
        words.iter().map(|c| column_number_to_name(*c as u16)).map(|c| format!(",{},{c}{}", range(&c), line(at))).collect();
    Some(format!("=SUMIFS({}{})", range(&letters), by.concat()))
}

/// The first row from which `SUBTOTAL` down to the last row gives exactly the total, if there is one: the run of details just above,
/// else everything since the last total, else everything. `SUBTOTAL` leaves out cells that are `SUBTOTAL`s themselves.
fn summed_from(above: &[Row], formulas: &[Vec<bool>], column: usize, total: Decimal) -> Option<usize> {
    let after = |stops: &dyn Fn(&Row) -> bool| above.iter().rposition(stops).map_or(0, |at| at + 1);
    let candidates = [after(&|row| row.kind != RowKind::Detail), after(&|row| row.kind == RowKind::Total), 0];
    candidates.into_iter().find(|&from| {
        let cells = above[from..].iter().zip(&formulas[from..]);
        let added: Vec<Decimal> = cells.filter(|(_, is_formula)| !is_formula[column]).filter_map(|(row, _)| number(row, column)).collect();
        !added.is_empty() && sum(added.into_iter()) == Some(total)
    })
}

/// Where the details above end, and the columns of words that the total shares with exactly the details it adds.
fn shared(table: &Table, at: usize, column: usize, total: Decimal) -> Option<(usize, Vec<usize>)> {
    let row = &table.rows[at];
    let end = table.rows[..at].iter().take_while(|row| row.kind == RowKind::Detail).count();
    if row.kind != RowKind::Total || end == 0 || table.rows[end..at].iter().any(|row| row.kind != RowKind::Total) {
        return None;
    }
    // The first column says "total".
    let words: Vec<usize> = (1..table.columns.len()).filter(|c| matches!(row.cells.get(*c), Some(Cell::Text(_)))).collect();
    let word = |row: &Row, c: usize| match row.cells.get(c) {
        Some(Cell::Text(text)) => text.to_lowercase(),
        _ => String::new(),
    };
    // A spreadsheet would read other signs as a comparison or a pattern.
    let plain = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'));
    if words.is_empty() || !words.iter().all(|c| plain(&word(row, *c))) {
        return None;
    }
    let same = |detail: &&Row| words.iter().all(|c| word(detail, *c) == word(row, *c));
    let added: Vec<Decimal> = table.rows[..end].iter().filter(same).filter_map(|row| number(row, column)).collect();
    (!added.is_empty() && sum(added.into_iter()) == Some(total)).then_some((end, words))
}

fn number(row: &Row, column: usize) -> Option<Decimal> {
    match row.cells.get(column) {
        Some(Cell::Number(value)) => Some(*value),
        _ => None,
    }
}

fn sum(mut values: impl Iterator<Item = Decimal>) -> Option<Decimal> {
    values.try_fold(Decimal::ZERO, |sum, value| sum.checked_add(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::pack::Column;

    fn row(kind: RowKind, value: i64) -> Row {
        Row { kind, cells: vec![Cell::Number(Decimal::new(value, 2))] }
    }

    #[test]
    fn a_total_is_a_formula_only_where_it_is_the_sum() {
        use RowKind::{Detail, Subtotal, Total};
        let above = [row(Detail, 100), row(Detail, 50), row(Subtotal, 150), row(Detail, 7), row(Subtotal, 7)];
        let formulas = [vec![false], vec![false], vec![true], vec![false], vec![true]];
        let sum = |n: usize, total| summed_from(&above[..n], &formulas[..n], 0, Decimal::new(total, 2));
        assert_eq!(sum(2, 150), Some(0));
        assert_eq!(sum(2, 151), None);
        assert_eq!(sum(4, 7), Some(3));
        assert_eq!(sum(5, 157), Some(0));
        // A subtotal written as a value would be added by the formula: no formula then.
        assert_eq!(summed_from(&above, &[vec![false], vec![false], vec![false], vec![false], vec![true]], 0, Decimal::new(157, 2)), None);
        assert_eq!(summed_from(&[row(Total, 5)], &[vec![true]], 0, Decimal::ZERO), None);
    }

    #[test]
    fn totals_by_a_word_add_the_rows_with_that_word() {
        let text = |t: &str| Cell::Text(t.into());
        let line = |kind, name: &str, word: &str, n: i64| Row { kind, cells: vec![text(name), text(word), Cell::Number(Decimal::from(n))] };
        let column = |kind| Column { key: "k".into(), label: "k".into(), kind };
        let table = |word: &str, total: i64| Table {
            columns: vec![column(ColumnKind::Text), column(ColumnKind::Text), column(ColumnKind::Money)],
            rows: vec![
                line(RowKind::Detail, "a", word, 5),
                line(RowKind::Detail, "b", "USD", 7),
                line(RowKind::Detail, "c", word, 1),
                line(RowKind::Total, "Total", word, total),
                line(RowKind::Total, "Total", "USD", 7),
            ],
            ..Table::default()
        };
        let none = vec![vec![false; 3]; 5];
        let of = |word: &str, total, at: usize| formula(&table(word, total), at, 2, &none[..at], 9);
        assert_eq!(of("MXN", 6, 3).as_deref(), Some("=SUMIFS(C10:C12,B10:B12,B13)"));
        assert_eq!(of("MXN", 6, 4).as_deref(), Some("=SUMIFS(C10:C12,B10:B12,B14)"));
        assert_eq!(of("MXN", 8, 3), None, "not the sum");
        assert_eq!(of(">0", 6, 3), None, "a word that a spreadsheet would take for a comparison");
        assert_eq!(formula(&table("MXN", 6), 2, 2, &none[..2], 9), None, "details are values");
    }
}
