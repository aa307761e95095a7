//! `cartera diff`: what changed between two closes, and on which documents.

use super::Ending;
use super::args::{Diff, Format};
use super::printer::{self, Printer};
use crate::engine::rows::{Datum, Rows, RowsColumn};
use crate::error::{Error, Result};
use crate::pipeline::{self, DiffRequest, Project, figure_value};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Members side by side at most; more do not fit a terminal.
const MEMBERS: usize = 8;
/// Columns of a document in the table.
const DOCUMENT: [&str; 9] =
    ["line", "owner_id", "member_id", "customer_id", "document_id", "document_kind", "document_date", "due_date", "document_currency"];

/// Runs it; exit code 3 if a figure is not the sum of its lines, or a line not that of its documents.
pub fn run(project: &Project, diff: &Diff, printer: &mut Printer) -> Result<Ending> {
    let request = DiffRequest {
        from: diff.from,
        to: diff.to,
        known_from: diff.known_from,
        known_to: diff.known_to,
        grain: diff.grain.clone(),
        company: diff.company.clone(),
        measure: diff.measure.map(|m| m.code().to_string()),
    };
    let told = pipeline::diff(project, &request)?;
    let closes = format!("{} as known at load {} → {} as known at load {}", diff.from, told.known_from, diff.to, told.known_to);
    match diff.format {
        Format::Table => {
            printer.say(&closes);
            people(diff, &told, printer)?;
        }
        Format::Csv => printer.rows(&told.documents, Format::Csv)?,
        Format::Json => printer.value(&serde_json::json!({
            "from": diff.from.to_string(), "known_from": told.known_from, "to": diff.to.to_string(), "known_to": told.known_to,
            "grain": diff.grain, "bridges": printer::objects(&told.bridges), "documents": printer::objects(&told.documents),
        }))?,
        Format::Parquet => return Err(Error::usage("parquet is for `cartera sql` with --out FILE")),
    }
    let unproven = told.unproven();
    unproven.iter().take(MEMBERS).for_each(|u| printer.say(&format!("NOT PROVEN: {u}")));
    Ok(if unproven.is_empty() { Ending::Done } else { Ending::Remarks })
}

fn people(diff: &Diff, told: &pipeline::Diff, printer: &mut Printer) -> Result<()> {
    let measures = measures(&told.bridges);
    for (number, measure) in measures.iter().enumerate() {
        let bridge = Bridge::of(&told.bridges, measure);
        printer.line(&format!("{}{measure}: {}", if number == 0 { "" } else { "\n" }, title(measure)))?;
        printer.rows(&bridge.table(), Format::Table)?;
        let left = bridge.members.len().saturating_sub(MEMBERS);
        if left > 0 {
            printer.line(&format!("  the {MEMBERS} that changed most; {left} more with --format json"))?;
        }
        for remark in &bridge.remarks {
            printer.line(&format!("  {remark}"))?;
        }
    }
    // One figure's documents: those of all five would be pages, and DSO's are those of what is open.
    let Some(measure) = measures.first().filter(|_| diff.documents > 0) else { return Ok(()) };
    let (documents, left) = largest(&told.documents, measure, diff.documents);
    printer.line(&format!("\n{measure}: the documents that changed most, by line"))?;
    printer.rows(&documents, Format::Table)?;
    if left > 0 {
        printer.line(&format!("  and {left} more; --documents N shows more of each line, --format csv writes all"))?;
    }
    if measures.len() > 1 {
        printer.line(&format!("  documents of another figure: --measure {}", measures[1..].join(", ")))?;
    }
    Ok(())
}

/// Figures of an answer in the order of the closes' pages.
fn measures(bridges: &Rows) -> Vec<String> {
    let at = bridges.position("measure");
    let named = |measure: &str| bridges.rows.iter().any(|row| at.is_some_and(|at| row[at].text() == Some(measure)));
    ["open", "past_due", "over_90", "dso", "cei"].into_iter().filter(|m| named(m)).map(str::to_string).collect()
}

fn title(measure: &str) -> &'static str {
    match measure {
        "open" => "open balance, in each member's currency",
        "past_due" => "open debits past due",
        "over_90" => "open debits more than 90 days past due",
        "dso" => "days sales outstanding over 3 months",
        _ => "collection effectiveness of the close's month, per cent",
    }
}

fn text(rows: &Rows, row: &[Datum], column: &str) -> String {
    rows.position(column).map_or_else(String::new, |at| row[at].to_string())
}

/// One figure: lines beneath each other, members side by side.
struct Bridge {
    /// Members with the size of their change, in the order of the answer.
    members: Vec<(String, Decimal)>,
    /// Lines in order.
    lines: BTreeMap<i64, String>,
    cells: BTreeMap<(i64, String), Datum>,
    /// What the ends of ratios have to say.
    remarks: Vec<String>,
}

impl Bridge {
    fn of(rows: &Rows, measure: &str) -> Bridge {
        let mut bridge = Bridge { members: Vec::new(), lines: BTreeMap::new(), cells: BTreeMap::new(), remarks: Vec::new() };
        for row in rows.rows.iter().filter(|row| text(rows, row, "measure") == measure) {
            let (owner, id) = (text(rows, row, "company_id"), text(rows, row, "member_id"));
            let member = if owner == id || owner == "group" { id } else { format!("{owner} {id}") };
            let member = if figure_money(measure) { format!("{member} {}", text(rows, row, "currency")) } else { member };
            if bridge.members.last().is_none_or(|(last, _)| *last != member) {
                bridge.members.push((member.clone(), Decimal::ZERO));
            }
            let order =
                rows.position("line_order").and_then(|at| row[at].decimal()).and_then(|d| i64::try_from(d).ok()).unwrap_or_default();
            let (line, value) = (text(rows, row, "line"), figure_value(rows, row));
            if let (Some((_, change)), Some(value)) = (bridge.members.last_mut(), value) {
                match line.as_str() {
                    "opening" => *change -= value,
                    "closing" => *change += value,
                    _ => {}
                }
            }
            let reason = text(rows, row, "reason");
            if !reason.is_empty() && ["opening", "closing"].contains(&line.as_str()) {
                bridge.remarks.push(format!("{member}, {line}: {reason}"));
            }
            if value.is_some_and(|v| !v.is_zero()) || ["opening", "closing"].contains(&line.as_str()) {
                bridge.lines.insert(order, line);
            }
            bridge.cells.insert((order, member), value.map_or(Datum::Null, Datum::Decimal));
        }
        bridge
    }

    /// The members that changed most, in their order.
    fn shown(&self) -> Vec<&(String, Decimal)> {
        let mut sizes: Vec<Decimal> = self.members.iter().map(|(_, change)| change.abs()).collect();
        sizes.sort_by(|a, b| b.cmp(a));
        let least = sizes.get(MEMBERS - 1).copied().unwrap_or_default();
        self.members.iter().filter(|(_, change)| change.abs() >= least).take(MEMBERS).collect()
    }

    fn table(&self) -> Rows {
        let shown = self.shown();
        let column = |name: &str| RowsColumn { name: name.into(), type_name: "text".into() };
        let columns = [column("line")].into_iter().chain(shown.iter().map(|(member, _)| column(member))).collect();
        let line = |(order, line): (&i64, &String)| {
            let cell = |(member, _): &&(String, Decimal)| self.cells.get(&(*order, member.clone())).cloned().unwrap_or(Datum::Null);
            [Datum::Text(line.clone())].into_iter().chain(shown.iter().map(cell)).collect()
        };
        let mut rows: Vec<Vec<Datum>> = self.lines.iter().map(line).collect();
        let has_ends = |member: &String| {
            let ends = [self.lines.first_key_value(), self.lines.last_key_value()];
            ends.into_iter().flatten().all(|(order, _)| matches!(self.cells.get(&(*order, member.clone())), Some(Datum::Decimal(_))))
        };
        let change = |(member, change): &&(String, Decimal)| if has_ends(member) { Datum::Decimal(*change) } else { Datum::Null };
        rows.push([Datum::Text("change".into())].into_iter().chain(shown.iter().map(change)).collect());
        Rows { columns, rows }
    }
}

fn figure_money(measure: &str) -> bool {
    !["dso", "cei"].contains(&measure)
}

/// The documents of a figure with the largest parts, some of each line, and how many are left. Companies and their group are the same
/// documents twice: the group's are taken where it is there.
fn largest(documents: &Rows, measure: &str, shown: usize) -> (Rows, usize) {
    let of = |row: &&Vec<Datum>| text(documents, row, "measure") == measure;
    let has_group = documents.rows.iter().filter(of).any(|row| text(documents, row, "scope") == "group");
    let mut rows: Vec<&Vec<Datum>> = documents.rows.iter().filter(of).collect();
    rows.retain(|row| !has_group || text(documents, row, "scope") == "group");
    let order = |row: &Vec<Datum>| documents.position("line_order").and_then(|at| row[at].decimal());
    rows.sort_by_key(|row| (order(row), std::cmp::Reverse(figure_value(documents, row).unwrap_or_default().abs())));
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    let all = rows.len();
    rows.retain(|row| {
        let count = taken.entry(text(documents, row, "line")).or_default();
        *count += 1;
        *count <= shown
    });
    let kept: Vec<usize> = DOCUMENT.iter().filter(|c| !has_group || **c != "member_id").filter_map(|c| documents.position(c)).collect();
    let value = |row: &[Datum]| figure_value(documents, row).map_or(Datum::Null, Datum::Decimal);
    let left = all - rows.len();
    let rows = rows.into_iter().map(|row| kept.iter().map(|at| row[*at].clone()).chain([value(row)]).collect()).collect();
    let columns = kept.iter().map(|at| documents.columns[*at].clone());
    let last = RowsColumn { name: measure.into(), type_name: "text".into() };
    (Rows { columns: columns.chain([last]).collect(), rows }, left)
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: [&str; 9] = ["measure", "scope", "company_id", "member_id", "currency", "line_order", "line", "amount", "reason"];

    fn rows(given: &[[&str; 9]]) -> Rows {
        let datum = |(column, text): (&str, &&str)| match column {
            _ if text.is_empty() => Datum::Null,
            "line_order" => Datum::Int(text.parse().unwrap()),
            "amount" => Datum::Decimal(text.parse().unwrap()),
            _ => Datum::Text((*text).into()),
        };
        Rows {
            columns: COLUMNS.iter().map(|c| RowsColumn { name: (*c).into(), type_name: "text".into() }).collect(),
            rows: given.iter().map(|row| COLUMNS.into_iter().zip(row).map(datum).collect()).collect(),
        }
    }

    fn printed(rows: &Rows) -> Vec<String> {
        let names = rows.columns.iter().map(|c| c.name.clone()).collect::<Vec<_>>().join("|");
        let line = |row: &Vec<Datum>| row.iter().map(Datum::to_string).collect::<Vec<_>>().join("|");
        [names].into_iter().chain(rows.rows.iter().map(line)).collect()
    }

    #[test]
    fn members_stand_side_by_side_and_lines_of_nothing_are_left_out() {
        let bridge = rows(&[
            ["open", "company", "A", "A", "MXN", "1", "opening", "100.00", ""],
            ["open", "company", "A", "A", "MXN", "6", "collections", "-40.00", ""],
            ["open", "company", "A", "A", "MXN", "7", "credits", "0.00", ""],
            ["open", "company", "A", "A", "MXN", "14", "closing", "60.00", ""],
            ["open", "customer", "B", "K", "MXN", "1", "opening", "5.00", ""],
            ["open", "customer", "B", "K", "MXN", "6", "collections", "2.00", ""],
            ["open", "customer", "B", "K", "MXN", "14", "closing", "7.00", ""],
        ]);
        let bridge = Bridge::of(&bridge, "open");
        assert_eq!(
            printed(&bridge.table()),
            ["line|A MXN|B K MXN", "opening|100.00|5.00", "collections|-40.00|2.00", "closing|60.00|7.00", "change|-40.00|2.00"]
        );
    }

    #[test]
    fn what_has_no_value_at_an_end_has_no_change_and_says_why() {
        let bridge = Bridge::of(
            &rows(&[
                ["dso", "company", "A", "A", "MXN", "1", "opening", "", "no_sales_3m"],
                ["dso", "company", "A", "A", "MXN", "12", "sales", "", "no_sales_3m"],
                ["dso", "company", "A", "A", "MXN", "14", "closing", "30.0000", ""],
            ]),
            "dso",
        );
        assert_eq!(printed(&bridge.table()), ["line|A", "opening|", "closing|30.0000", "change|"]);
        assert_eq!(bridge.remarks, ["A, opening: no_sales_3m"]);
    }

    #[test]
    fn of_many_members_those_that_changed_most_are_shown() {
        let names: Vec<String> = (1..=10).map(|n| format!("K{n}")).collect();
        let closing: Vec<String> = (1..=10).map(|n| format!("{n}.00")).collect();
        let given: Vec<[&str; 9]> = (0..10)
            .flat_map(|n| {
                let row = |order, line, amount| ["open", "segment", "group", names[n].as_str(), "MXN", order, line, amount, ""];
                [row("1", "opening", "0.00"), row("14", "closing", closing[n].as_str())]
            })
            .collect();
        let shown: Vec<String> = Bridge::of(&rows(&given), "open").shown().into_iter().map(|(member, _)| member.clone()).collect();
        assert_eq!(shown, ["K3 MXN", "K4 MXN", "K5 MXN", "K6 MXN", "K7 MXN", "K8 MXN", "K9 MXN", "K10 MXN"]);
    }

    #[test]
    fn documents_of_the_group_are_not_listed_twice() {
        let documents = rows(&[
            ["open", "company", "A", "A", "MXN", "6", "collections", "-1.00", ""],
            ["open", "group", "group", "group", "MXN", "6", "collections", "-1.00", ""],
            ["open", "group", "group", "group", "MXN", "6", "collections", "-3.00", ""],
            ["open", "group", "group", "group", "MXN", "5", "new_billings", "2.00", ""],
            ["dso", "group", "group", "group", "MXN", "5", "new_billings", "9.00", ""],
        ]);
        let (shown, left) = largest(&documents, "open", 1);
        assert_eq!((printed(&shown), left), (vec!["line|open".into(), "new_billings|2.00".into(), "collections|-3.00".into()], 1));
    }
}
