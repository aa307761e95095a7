//! `cartera diff` on the sample project: two closes compared, from what is asked to what adds up.
//!
//! The queries have their own tests; here is what the command adds: the load the first close was known at, filters, the proof, refusals.

use crate::sample_answers::sample_project;
use cartera::engine::rows::{Datum, Rows};
use cartera::pipeline::{Diff, DiffRequest, Figures, Project, diff, figure_value};
use chrono::NaiveDate;
use rust_decimal::Decimal;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn october() -> DiffRequest {
    DiffRequest {
        from: day("2026-09-30"),
        to: day("2026-10-31"),
        known_from: None,
        known_to: None,
        grain: "company".into(),
        company: None,
        measure: None,
    }
}

/// The figures on a line of the bridges, one a member.
fn on_line(told: &Diff, measure: &str, line: &str) -> Vec<Decimal> {
    let at = |column: &str| told.bridges.position(column).unwrap();
    let (measures, lines) = (at("measure"), at("line"));
    let rows = told.bridges.rows.iter().filter(|row| row[measures].text() == Some(measure) && row[lines].text() == Some(line));
    rows.filter_map(|row| figure_value(&told.bridges, row)).collect()
}

fn kpi(project: &Project, load: i32, as_of: &str, column: &str) -> Vec<Decimal> {
    let rows: Rows = Figures::open(project, Some(load)).unwrap().query("kpis", &[Datum::Date(day(as_of))]).unwrap();
    let at = rows.position(column).unwrap();
    rows.rows.iter().map(|row| row[at].decimal().unwrap()).collect()
}

#[test]
fn a_close_is_compared_with_what_was_known_of_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    let project = sample_project(folder.path());
    let told = diff(&project, &october()).unwrap();
    assert_eq!((told.known_from, told.known_to), (1, 2));
    assert_eq!(told.unproven(), Vec::<String>::new());
    assert!(told.documents.rows.len() > 500, "{} documents", told.documents.rows.len());

    // What October's pack opened with and closes with is what September's and October's key figures say.
    assert_eq!(on_line(&told, "open", "opening"), kpi(&project, 1, "2026-09-30", "open_amount"));
    assert_eq!(on_line(&told, "open", "closing"), kpi(&project, 2, "2026-10-31", "open_amount"));
    assert_eq!(on_line(&told, "cei", "closing"), kpi(&project, 2, "2026-10-31", "cei_pct"));
    assert!(on_line(&told, "open", "back_dated").iter().any(|v| !v.is_zero()), "the sample has postings learned after September's close");

    // With the knowledge of today September is what it is, and nothing is restated.
    let told =
        diff(&project, &DiffRequest { known_from: Some(2), company: Some("MX01".into()), measure: Some("open".into()), ..october() })
            .unwrap();
    assert_eq!(told.unproven(), Vec::<String>::new());
    assert!(["back_dated", "restated"].iter().all(|line| on_line(&told, "open", line).iter().all(Decimal::is_zero)));
    let company = told.bridges.position("company_id").unwrap();
    assert!(told.bridges.rows.iter().all(|row| row[company].text() == Some("MX01")));

    for (request, says) in [
        (DiffRequest { known_from: Some(3), ..october() }, "known at load 3"),
        (DiffRequest { known_from: Some(2), known_to: Some(1), ..october() }, "known at load 2"),
        (DiffRequest { known_to: Some(9), ..october() }, "there is no load 9"),
        (DiffRequest { company: Some("MX77".into()), ..october() }, "nothing is known of `MX77`"),
        (DiffRequest { grain: "costumer".into(), ..october() }, "customer"),
        (DiffRequest { from: day("2026-10-31"), to: day("2026-09-30"), ..october() }, "lies before its first"),
        (DiffRequest { from: day("1999-12-31"), ..october() }, "history_missing"),
    ] {
        let error = diff(&project, &request).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
