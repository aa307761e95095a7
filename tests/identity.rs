//! Customers that are one, customers that change: what loads record, and from when it counts.

use crate::book::{Book, day, row};
use cartera::config::{Config, Merge};
use cartera::engine::Engine;
use cartera::engine::rows::Datum;

const MASTER: &str = "\
    companies company_id=A name=Alfa country=MX functional_currency=MXN
    customers company_id=A customer_id=C1 name=Uno payment_terms=30 credit_limit=100.00 collector_id=ana
    customers company_id=A customer_id=C2 name=Dos payment_terms=30 credit_limit=100.00 collector_id=ana
    documents company_id=A document_id=F1 document_kind=invoice customer_id=C1 document_date=2026-01-10 currency=MXN amount=100.00
    documents company_id=A document_id=F2 document_kind=invoice customer_id=C2 document_date=2026-01-10 currency=MXN amount=20.00";

fn merge(customer: &str, into: &str) -> Merge {
    Merge { company_id: "A".into(), customer_id: customer.into(), into_customer_id: into.into(), reason: "same RFC".into() }
}

/// Rows of an answer as texts.
fn answer(book: &Book, sql: &str, known_at: Option<i32>) -> Vec<String> {
    let config = Config::parse("[group]\nname = 'G'\ncurrency = 'MXN'\n").unwrap();
    let engine = Engine::open(&book.store.snapshot(None).unwrap(), &config).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let rows = runtime.block_on(engine.sql(sql, known_at)).unwrap();
    let text = |datum: &Datum| if *datum == Datum::Null { "-".to_string() } else { datum.to_string() };
    rows.rows.iter().map(|row| row.iter().map(text).collect::<Vec<_>>().join(" ")).collect()
}

const OPEN: &str = "select customer_id, sum(amount) from movements group by customer_id order by customer_id";

#[test]
fn p35_a_merge_counts_from_its_load_and_is_taken_back_by_another() {
    let mut book = Book::new();
    assert_eq!(book.load("2026-01-31", MASTER).merges, 0);
    book.merges = vec![merge("C2", "C1")];
    let merged = book.load("2026-01-31", MASTER);
    assert_eq!((merged.load_id, merged.merges, merged.movements), (Some(2), 1, 0));
    assert_eq!(book.load("2026-01-31", MASTER).load_id, None, "recorded already");
    let movements = book.movements(None);
    book.merges.clear();
    assert_eq!(book.load("2026-01-31", MASTER).load_id, Some(3));
    assert_eq!(format!("{movements:?}"), format!("{:?}", book.movements(None)), "no merge moves a balance");

    let apart = ["C1 100.00", "C2 20.00"];
    assert_eq!(answer(&book, OPEN, Some(1)), apart);
    assert_eq!(answer(&book, OPEN, Some(2)), ["C1 120.00"]);
    assert_eq!(answer(&book, OPEN, None), apart);
    let recorded = "select load_id, customer_id, into_customer_id, reason from customer_merges order by load_id";
    assert_eq!(answer(&book, recorded, None), ["2 C2 C1 same RFC", "3 C2 - -"]);
}

#[test]
fn what_arrives_later_for_a_merged_customer_is_its_own() {
    let mut book = Book::new();
    book.merges = vec![merge("C2", "C1")];
    book.load("2026-01-31", MASTER);
    book.load(
        "2026-02-28",
        "documents company_id=A document_id=F3 document_kind=invoice customer_id=C2 document_date=2026-02-10 currency=MXN amount=3.00",
    );
    assert_eq!(answer(&book, OPEN, None), ["C1 123.00"]);
    assert_eq!(answer(&book, "select distinct customer_id from documents", None), ["C1"]);
}

#[test]
fn a_merge_of_a_customer_nobody_knows_is_told() {
    let mut book = Book::new();
    book.merges = vec![merge("C2", "C9")];
    assert_eq!(book.load("2026-01-31", MASTER).finding_counts.get("merge_unknown"), Some(&1));
    assert_eq!(book.load("2026-02-28", MASTER).finding_counts.get("merge_unknown"), None, "told once, when it is recorded");
}

#[test]
fn p29_master_data_is_that_of_the_day_and_of_the_load() {
    let book = Book::new();
    book.load("2026-01-31", MASTER);
    let later = "customers company_id=A customer_id=C1 name=Uno payment_terms=60 credit_limit=250.00 collector_id=luis";
    book.load("2026-03-31", later);
    let of = |day: &str, load: Option<i32>| {
        let sql = format!("select credit_limit, payment_terms, collector_id from customers_as_of('{day}') where customer_id = 'C1'");
        answer(&book, &sql, load).remove(0)
    };
    assert_eq!(of("2026-03-30", None), "100.00 30 ana");
    assert_eq!(of("2026-03-31", None), "250.00 60 luis");
    assert_eq!(of("2026-03-31", Some(1)), "100.00 30 ana");
    assert_eq!(of("2026-12-31", Some(1)), "100.00 30 ana");
}

#[test]
fn an_invoice_without_a_due_day_falls_due_by_the_terms_of_its_own_day() {
    let book = Book::new();
    book.load("2026-01-31", MASTER);
    let invoice = |id: &str, on: &str| {
        row(
            "documents",
            &format!("company_id=A document_id={id} document_kind=invoice customer_id=C1 document_date={on} currency=MXN amount=1.00"),
        )
    };
    let later = row("customers", "company_id=A customer_id=C1 name=Uno payment_terms=60");
    // Billed before the new terms and learned with them; billed under them; then again with nothing said of the customer.
    book.try_load("2026-03-31", vec![later, invoice("F3", "2026-03-01"), invoice("F4", "2026-03-31")]).unwrap();
    book.try_load("2026-04-30", vec![invoice("F5", "2026-03-02"), invoice("F6", "2026-04-01")]).unwrap();
    let due = |id: &str| book.movements(None).iter().find(|m| m.document == id).unwrap().due;
    assert_eq!([due("F1"), due("F3"), due("F5")], ["2026-02-09", "2026-03-31", "2026-04-01"].map(day));
    assert_eq!([due("F4"), due("F6")], ["2026-05-30", "2026-05-31"].map(day));
}
