//! The posting law: every example of the rules, and the cases that an append-only store could never repair.

use crate::book::{Book, cents, rows};
use cartera::ledger::load::Mode;
use cartera::ledger::posting::Corrections;

const FX: &str = "fx_rates rate_date=2024-01-02 currency=USD to_currency=MXN rate=20.00";

// 1 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p1_a_corrected_billing_counts_once() {
    let book = Book::with_company();
    book.load("2024-09-10", "documents company_id=C document_id=A document_kind=invoice customer_id=K document_date=2024-09-05 due_date=2024-10-05 currency=MXN amount=1000");
    book.load("2024-09-20", "documents company_id=C document_id=A document_kind=invoice customer_id=K document_date=2024-09-05 due_date=2024-10-05 currency=MXN amount=1200");
    let rows: Vec<(i128, String, String)> = book.movements(None).iter().map(|m| (m.amount, m.effect.clone(), m.kind.clone())).collect();
    let expect = |amount: &str, effect: &str| (cents(amount), effect.to_string(), "invoice".to_string());
    assert_eq!(rows, [expect("1000", "entry"), expect("-1000", "correction"), expect("1200", "correction")]);
    assert_eq!((book.open("A", "2024-09-30"), book.sales()), (cents("1200"), cents("1200")));
    assert_eq!(book.open_at("A", "2024-09-30", 2), cents("1000"), "the earlier answer stays");
}

// 2 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p2_an_advance_is_not_a_sale_and_its_application_does_not_lower_sales() {
    let book = Book::with_company();
    book.load(
        "2024-05-31",
        "documents company_id=C document_id=ANT document_kind=advance customer_id=K document_date=2024-05-01 currency=MXN amount=11600
         documents company_id=C document_id=FAC document_kind=invoice customer_id=K document_date=2024-05-10 due_date=2024-06-09 currency=MXN amount=116000
         documents company_id=C document_id=NC document_kind=credit_memo customer_id=K document_date=2024-05-10 currency=MXN amount=11600 sales_effect=advance",
    );
    assert_eq!(book.sales(), cents("116000"));
    let class = |d: &str| book.movements(None).into_iter().find(|m| m.document == d).unwrap().class;
    assert_eq!((class("ANT"), class("FAC"), class("NC")), ("advances".into(), "due".into(), "credits".into()));
}

#[test]
fn p2_net_sales_leave_out_tax_and_add_what_was_withheld() {
    let book = Book::with_company();
    book.load("2024-05-31", "documents company_id=C document_id=H document_kind=invoice customer_id=K document_date=2024-05-10 due_date=2024-06-09 currency=MXN amount=14672.08 tax_amount=2462.45 withheld_amount=3180.67");
    let net: i128 = book.movements(None).iter().map(|m| m.net_sales).sum();
    assert_eq!((book.open("H", "2024-05-31"), net), (cents("14672.08"), cents("15390.30")));
}

#[test]
fn p2_instalments_fall_due_one_by_one() {
    let book = Book::with_company();
    book.load(
        "2024-01-31",
        "documents company_id=C document_id=S instalment=1 document_kind=invoice customer_id=K document_date=2024-01-01 due_date=2024-01-31 currency=MXN amount=1000
         documents company_id=C document_id=S instalment=2 document_kind=invoice customer_id=K document_date=2024-01-01 due_date=2024-03-01 currency=MXN amount=1000
         documents company_id=C document_id=S instalment=3 document_kind=invoice customer_id=K document_date=2024-01-01 due_date=2024-03-31 currency=MXN amount=1000",
    );
    assert_eq!((book.past_due("2024-02-15"), book.current("2024-02-15")), (cents("1000"), cents("2000")));
    // An application that names no instalment goes to the oldest due, then to the next.
    book.load("2024-02-20", "applications company_id=C application_id=P kind=receipt to_document_id=S posting_date=2024-02-20 amount=1500");
    let open = |n: i32| -> i128 { book.movements(None).iter().filter(|m| m.instalment == n).map(|m| m.amount).sum() };
    assert_eq!((open(1), open(2), open(3)), (0, cents("500"), cents("1000")));
}

const CHEQUE: &str = "
    documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-01-10 due_date=2024-02-09 currency=MXN amount=1000
    documents company_id=C document_id=CH document_kind=receipt customer_id=K document_date=2024-02-05 currency=MXN amount=1000
    applications company_id=C application_id=AP kind=receipt from_document_id=CH to_document_id=F posting_date=2024-02-05 amount=1000";

#[test]
fn p2_a_bounced_cheque_still_applied_reopens_the_invoice_from_the_bounce_on() {
    let book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    let bounced = book.load("2024-02-20", "documents company_id=C document_id=CHR document_kind=receipt customer_id=K document_date=2024-02-15 currency=MXN amount=1000 reverses_document_id=CH");
    assert_eq!(book.open("F", "2024-02-14"), 0, "before the bounce it stays paid");
    assert_eq!(book.open("F", "2024-02-15"), cents("1000"));
    assert_eq!((book.open("CH", "2024-02-14"), book.open("CH", "2024-02-15")), (0, 0), "no pair is left to age");
    assert_eq!((book.flow("receipt"), book.flow("apply_receipt")), (0, 0), "cash collected is nothing");
    assert!(book.movements(None).iter().all(|m| m.document != "CHR"), "a reversal makes no item");
    let undone: Vec<_> = book.movements(None).into_iter().filter(|m| m.effect == "undo").collect();
    assert_eq!(undone.len(), 3);
    assert!(undone.iter().all(|m| m.posting == crate::book::day("2024-02-15")));
    let later = book
        .load("2024-03-10", "applications company_id=C application_id=D kind=discount to_document_id=F posting_date=2024-03-01 amount=10");
    let found = |outcome: &cartera::ledger::load::Outcome| outcome.finding_counts.get("application_on_reversed").copied();
    assert_eq!((found(&bounced), found(&later)), (Some(1), None), "told by the load that brought it");
}

#[test]
fn p2_a_reversal_waits_for_its_original() {
    let book = Book::with_company();
    let first = book.load("2024-02-10", "documents company_id=C document_id=CHR document_kind=receipt customer_id=K document_date=2024-02-15 currency=MXN amount=1000 reverses_document_id=CH");
    assert_eq!(first.finding_counts.get("reversal_waits"), Some(&1));
    book.load("2024-02-20", CHEQUE);
    assert_eq!((book.open("F", "2024-02-28"), book.open("CH", "2024-02-28")), (cents("1000"), 0));
}

// 3 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p3_a_receipt_with_a_discount_closes_both() {
    let book = Book::with_company();
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-03-01 due_date=2024-03-31 currency=MXN amount=1000
         documents company_id=C document_id=R document_kind=receipt customer_id=K document_date=2024-03-10 currency=MXN amount=980
         applications company_id=C application_id=1 kind=receipt from_document_id=R to_document_id=F posting_date=2024-03-10 amount=980
         applications company_id=C application_id=2 kind=discount from_document_id=R to_document_id=F posting_date=2024-03-10 amount=20",
    );
    assert_eq!((book.open("F", "2024-03-31"), book.open("R", "2024-03-31")), (0, 0));
    assert_eq!((book.flow("receipt"), book.flow("apply_receipt"), book.flow("discount")), (cents("-980"), 0, cents("-20")));
}

#[test]
fn p3_cash_without_a_receipt_is_cash_and_a_finding() {
    let book = Book::with_company();
    let outcome = book.load(
        "2024-03-31",
        "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-03-01 due_date=2024-03-31 currency=MXN amount=1000
         applications company_id=C application_id=1 kind=receipt to_document_id=F posting_date=2024-03-10 amount=600",
    );
    assert_eq!((book.open("F", "2024-03-31"), book.flow("cash")), (cents("400"), cents("-600")));
    assert_eq!(outcome.finding_counts.get("cash_without_receipt"), Some(&1));
    // It is found by the load that brought it, not again by every load that touches its document.
    let later = book
        .load("2024-04-30", "applications company_id=C application_id=2 kind=discount to_document_id=F posting_date=2024-04-10 amount=100");
    assert_eq!((book.open("F", "2024-04-30"), later.finding_counts.get("cash_without_receipt")), (cents("300"), None));
}

#[test]
fn p2_an_adjustment_ages_by_its_sign() {
    let book = Book::with_company();
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=UP document_kind=adjustment customer_id=K document_date=2024-03-01 currency=MXN amount=70
         documents company_id=C document_id=DOWN document_kind=adjustment customer_id=K document_date=2024-03-01 currency=MXN amount=-30",
    );
    let class = |d: &str| book.movements(None).into_iter().find(|m| m.document == d).unwrap().class;
    assert_eq!((class("UP"), class("DOWN")), ("due".into(), "credits".into()));
}

#[test]
fn p3_what_lowers_no_instalment_stays_on_the_last() {
    let book = Book::with_company();
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=NC instalment=1 document_kind=credit_memo customer_id=K document_date=2024-03-01 due_date=2024-03-31 currency=MXN amount=100
         documents company_id=C document_id=NC instalment=2 document_kind=credit_memo customer_id=K document_date=2024-03-01 due_date=2024-04-30 currency=MXN amount=100
         applications company_id=C application_id=1 kind=discount to_document_id=NC posting_date=2024-03-10 amount=50",
    );
    let open = |n: i32| -> i128 { book.movements(None).iter().filter(|m| m.instalment == n).map(|m| m.amount).sum() };
    assert_eq!((open(1), open(2)), (cents("-100"), cents("-150")));
}

#[test]
fn p3_a_payment_before_its_invoice_waits_and_then_counts_from_the_invoice_on() {
    let book = Book::with_company();
    let first = book.load(
        "2024-03-05",
        "documents company_id=C document_id=R document_kind=receipt customer_id=K document_date=2024-03-01 currency=MXN amount=1000
         applications company_id=C application_id=1 kind=receipt from_document_id=R to_document_id=F posting_date=2024-03-01 amount=1000",
    );
    let waiting = first.totals.iter().find(|t| t.table == "applications").unwrap();
    assert_eq!((waiting.rows, waiting.rows_read()), ([0, 0, 1, 0], 1), "read = loaded + rejected + waiting + unchanged");
    assert_eq!(book.open("R", "2024-03-31"), cents("-1000"), "unapplied cash is simply what is left on the receipt");
    let second = book.load("2024-03-20", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-03-15 due_date=2024-04-14 currency=MXN amount=1000");
    assert_eq!(second.rejects, 0);
    assert_eq!((book.open("R", "2024-03-14"), book.open("R", "2024-03-15"), book.open("F", "2024-03-15")), (cents("-1000"), 0, 0));
    let again = book.load(
        "2024-03-25",
        "applications company_id=C application_id=1 kind=receipt from_document_id=R to_document_id=F posting_date=2024-03-01 amount=1000",
    );
    assert!(again.nothing_new, "the waiting row is known: {:?}", again.totals);
}

#[test]
fn p3_an_application_undone_mirrors_exactly_from_its_day_on() {
    let book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    book.load("2024-03-10", "applications company_id=C application_id=UN kind=receipt from_document_id=CH to_document_id=F posting_date=2024-03-01 amount=-1000 undoes_application_id=AP");
    assert_eq!((book.open("F", "2024-02-29"), book.open("F", "2024-03-01")), (0, cents("1000")));
    assert_eq!((book.open("CH", "2024-02-29"), book.open("CH", "2024-03-01")), (0, cents("-1000")));
    assert_eq!(book.open_at("F", "2024-03-31", 2), 0, "as known before the undoing");
    // P8: unapplied and applied again is a third fact, not an edit.
    book.load("2024-03-20", "applications company_id=C application_id=AP2 kind=receipt from_document_id=CH to_document_id=F posting_date=2024-03-20 amount=1000");
    assert_eq!((book.open("F", "2024-03-19"), book.open("F", "2024-03-20")), (cents("1000"), 0));
}

#[test]
fn p3_a_residual_keeps_the_root_s_due_day_and_is_no_sale() {
    let book = Book::with_company();
    book.load(
        "2024-06-30",
        "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=1000
         documents company_id=C document_id=R document_kind=receipt customer_id=K document_date=2024-06-10 currency=MXN amount=700
         documents company_id=C document_id=RES document_kind=adjustment customer_id=K document_date=2024-06-10 due_date=2024-05-31 currency=MXN amount=300 root_document_id=F sales_effect=none
         applications company_id=C application_id=1 kind=clearing to_document_id=F posting_date=2024-06-10 amount=1000 clearing_id=CL
         applications company_id=C application_id=2 kind=clearing to_document_id=R posting_date=2024-06-10 amount=-1000 clearing_id=CL",
    );
    // The payment document carries −700 and +300 (the residual): −1,000 is cleared against the invoice.
    let total: i128 = book.movements(None).iter().map(|m| m.amount).sum();
    assert_eq!((total, book.open("RES", "2024-06-30"), book.sales()), (cents("600"), cents("300"), cents("1000")));
    assert_eq!(book.flow("clearing"), 0);
    assert_eq!(book.past_due("2024-06-30"), cents("300"));
}

#[test]
fn p3_a_clearing_group_without_pairing_is_one_signed_row_per_item() {
    let book = Book::with_company();
    book.load(
        "2024-06-30",
        "documents company_id=C document_id=F1 document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=600
         documents company_id=C document_id=F2 document_kind=invoice customer_id=K document_date=2024-05-02 due_date=2024-06-01 currency=MXN amount=500
         documents company_id=C document_id=N document_kind=credit_memo customer_id=K document_date=2024-05-20 currency=MXN amount=100
         documents company_id=C document_id=R document_kind=receipt customer_id=K document_date=2024-06-10 currency=MXN amount=1000
         applications company_id=C application_id=1 kind=clearing to_document_id=F1 posting_date=2024-06-10 amount=600 clearing_id=CL
         applications company_id=C application_id=2 kind=clearing to_document_id=F2 posting_date=2024-06-10 amount=500 clearing_id=CL
         applications company_id=C application_id=3 kind=clearing to_document_id=N posting_date=2024-06-10 amount=-100 clearing_id=CL
         applications company_id=C application_id=4 kind=clearing to_document_id=R posting_date=2024-06-10 amount=-1000 clearing_id=CL",
    );
    for document in ["F1", "F2", "N", "R"] {
        assert_eq!(book.open(document, "2024-06-10"), 0, "{document}");
    }
    assert_eq!((book.flow("clearing"), book.flow("receipt"), book.flow("credit_memo")), (0, cents("-1000"), cents("-100")));
}

// 4 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p4_a_usd_item_paid_in_mxn_leaves_the_difference_named() {
    let book = Book::with_company();
    book.load("2024-01-03", FX);
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=U document_kind=invoice customer_id=K document_date=2024-01-02 due_date=2024-02-01 currency=USD amount=10000
         documents company_id=C document_id=M document_kind=receipt customer_id=K document_date=2024-03-01 currency=MXN amount=190000
         applications company_id=C application_id=1 kind=receipt from_document_id=M to_document_id=U posting_date=2024-03-01 amount=10000 from_amount=190000",
    );
    assert_eq!(book.open_company("U", "2024-02-28"), cents("200000"), "10,000 booked at 20.00");
    assert_eq!((book.open("U", "2024-03-31"), book.open_company("U", "2024-03-31")), (0, 0));
    assert_eq!((book.open("M", "2024-03-31"), book.open_company("M", "2024-03-31")), (0, 0));
    assert_eq!((book.flow("fx_difference"), book.flow_company("fx_difference")), (0, cents("-10000")));
}

#[test]
fn p4_parts_relieve_pro_rata_and_the_last_takes_the_rest() {
    let book = Book::with_company();
    book.load("2024-01-03", FX);
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=U document_kind=invoice customer_id=K document_date=2024-01-02 due_date=2024-02-01 currency=USD amount=100 company_amount=1999.99
         applications company_id=C application_id=1 kind=receipt to_document_id=U posting_date=2024-02-01 amount=33.33
         applications company_id=C application_id=2 kind=receipt to_document_id=U posting_date=2024-02-02 amount=33.33
         applications company_id=C application_id=3 kind=write_off to_document_id=U posting_date=2024-02-03 amount=33.34",
    );
    assert_eq!((book.open("U", "2024-03-31"), book.open_company("U", "2024-03-31")), (0, 0));
    assert_eq!(book.flow_company("fx_difference"), 0);
    assert_eq!(book.flow_company("cash") + book.flow_company("write_off"), cents("-1999.99"));
}

#[test]
fn p4_values_of_the_erp_win_and_only_the_remainder_is_generated() {
    let book = Book::with_company();
    book.load("2024-01-03", FX);
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=U document_kind=invoice customer_id=K document_date=2024-01-02 due_date=2024-02-01 currency=USD amount=100 company_amount=2000
         applications company_id=C application_id=1 kind=receipt to_document_id=U posting_date=2024-02-01 amount=100 company_amount=1900
         applications company_id=C application_id=2 kind=fx_difference to_document_id=U posting_date=2024-02-01 amount=0 company_amount=99.50",
    );
    assert_eq!(book.open_company("U", "2024-03-31"), 0);
    assert_eq!((book.flow_company("cash"), book.flow_company("fx_difference")), (cents("-1900"), cents("-100")));
}

#[test]
fn p4_a_missing_rate_sets_the_row_aside_and_names_pair_and_day() {
    let book = Book::with_company();
    let outcome = book.load("2024-03-31", "documents company_id=C document_id=U document_kind=invoice customer_id=K document_date=2024-01-02 due_date=2024-02-01 currency=USD amount=100");
    assert_eq!(outcome.finding_counts.get("fx_rate_missing"), Some(&1));
    assert!(outcome.first_rejects[0].contains("USD to MXN on 2024-01-02"), "{:?}", outcome.first_rejects);
    assert!(book.movements(None).is_empty());
}

#[test]
fn p4_a_posted_revaluation_moves_company_value_only() {
    let book = Book::with_company();
    book.load("2024-01-03", FX);
    book.load(
        "2024-03-31",
        "documents company_id=C document_id=U document_kind=invoice customer_id=K document_date=2024-01-02 due_date=2024-02-01 currency=USD amount=100
         applications company_id=C application_id=1 kind=fx_revaluation to_document_id=U posting_date=2024-01-31 amount=0 company_amount=50",
    );
    assert_eq!((book.open("U", "2024-01-31"), book.open_company("U", "2024-01-31")), (cents("100"), cents("1950")));
}

// 5 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p5_an_extension_moves_the_open_balance_from_its_day_on() {
    let book = Book::with_company();
    book.load("2024-09-30", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=100000");
    book.load("2024-10-31", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-11-30 effective_date=2024-10-20 currency=MXN amount=100000");
    assert_eq!(
        (book.past_due("2024-09-30"), book.past_due("2024-10-19"), book.past_due("2024-10-31")),
        (cents("100000"), cents("100000"), 0)
    );
    assert_eq!((book.open("F", "2024-10-31"), book.flow("reclass")), (cents("100000"), 0));
    assert_eq!(book.sales(), cents("100000"));
}

#[test]
fn p5_a_row_learned_later_but_posted_before_brings_its_own_move() {
    let book = Book::with_company();
    book.load("2024-09-30", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=100000");
    book.load("2024-10-31", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-11-30 effective_date=2024-10-20 currency=MXN amount=100000");
    book.load(
        "2024-11-10",
        "applications company_id=C application_id=1 kind=receipt to_document_id=F posting_date=2024-09-15 amount=40000",
    );
    assert_eq!((book.past_due("2024-09-30"), book.past_due("2024-10-31"), book.current("2024-10-31")), (cents("60000"), 0, cents("60000")));
    let new: Vec<_> = book.movements(None).into_iter().filter(|m| m.load_id == 4).collect();
    assert_eq!(new.len(), 3, "the cash and its move, nothing taken back: {new:#?}");
    assert!(new.iter().all(|m| m.effect == "entry"));
    assert!(new.iter().any(|m| m.kind == "cash" && m.cause == "late"));
}

#[test]
fn p5_another_customer_is_a_move_unless_declared_a_correction() {
    let one = "documents company_id=C document_id=F document_kind=invoice customer_id=K1 document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=500";
    let two = "documents company_id=C document_id=F document_kind=invoice customer_id=K2 document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=500";
    let of = |book: &Book, customer: &str, at: &str| -> i128 {
        book.movements(None).iter().filter(|m| m.customer == customer && m.posting <= crate::book::day(at)).map(|m| m.amount).sum()
    };
    let book = Book::with_company();
    book.load("2024-09-30", one);
    book.load("2024-10-31", two);
    assert_eq!(
        (of(&book, "K1", "2024-10-30"), of(&book, "K1", "2024-10-31"), of(&book, "K2", "2024-10-31")),
        (cents("500"), 0, cents("500"))
    );
    // A move is no sale to the new customer.
    assert!(book.movements(None).iter().all(|m| m.sales.is_some() == (m.kind == "invoice")));
    let mut book = Book::with_company();
    book.corrections = Corrections { customer: true, ..Corrections::default() };
    book.load("2024-09-30", one);
    book.load("2024-10-31", two);
    assert_eq!((of(&book, "K1", "2024-08-31"), of(&book, "K2", "2024-08-31"), book.flow("reclass")), (0, cents("500"), 0));
}

#[test]
fn p5_an_invoice_part_paid_in_load_1_changes_amount_and_due_day_in_load_2() {
    let book = Book::with_company();
    book.load(
        "2024-09-30",
        "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=1000
         applications company_id=C application_id=1 kind=receipt to_document_id=F posting_date=2024-09-10 amount=400",
    );
    book.load("2024-10-31", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-12-31 effective_date=2024-10-15 currency=MXN amount=1100");
    assert_eq!((book.past_due("2024-09-30"), book.past_due("2024-10-31"), book.current("2024-10-31")), (cents("700"), 0, cents("700")));
    assert_eq!((book.sales(), book.flow("cash")), (cents("1100"), cents("-400")));
    assert_eq!(book.open_at("F", "2024-09-30", 2), cents("600"));
}

#[test]
fn p5_a_back_dated_receipt_after_a_seal_is_invisible_to_the_sealed_answer() {
    let book = Book::with_company();
    book.load("2024-09-30", "documents company_id=C document_id=F document_kind=invoice customer_id=K document_date=2024-08-01 due_date=2024-08-31 currency=MXN amount=1000000");
    book.load(
        "2024-10-10",
        "documents company_id=C document_id=R document_kind=receipt customer_id=K document_date=2024-09-28 currency=MXN amount=50000
         applications company_id=C application_id=1 kind=receipt from_document_id=R to_document_id=F posting_date=2024-09-28 amount=50000",
    );
    assert_eq!(book.open_at("F", "2024-09-30", 2), cents("1000000"));
    assert_eq!(book.open("F", "2024-09-30"), cents("950000"));
    let late = book.movements(None).into_iter().filter(|m| m.load_id == 3).map(|m| m.cause).collect::<Vec<_>>();
    assert!(late.iter().all(|c| c == "late"), "{late:?}");
}

// 6 ------------------------------------------------------------------------------------------------------------------

fn limits(book: &Book) -> Vec<(String, String)> {
    let snapshot = book.store.snapshot(None).unwrap();
    let table = snapshot.tables.iter().find(|t| t.name == "customers").unwrap();
    let mut found = Vec::new();
    for file in &table.files {
        let reader =
            parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder::try_new(std::fs::File::open(&file.path).unwrap()).unwrap();
        for batch in reader.build().unwrap() {
            for (_, values) in
                cartera::schema::batch::rows_from_batch(cartera::schema::table("customers").unwrap(), &batch.unwrap()).unwrap()
            {
                let at = |n: &str| values[cartera::schema::table("customers").unwrap().position(n).unwrap()].to_string();
                found.push((at("valid_from"), at("credit_limit")));
            }
        }
    }
    found
}

#[test]
fn p6_limits_that_go_up_and_down_again_are_three_versions() {
    let book = Book::with_company();
    let customer = |limit: &str| format!("customers company_id=C customer_id=K name=K credit_limit={limit}");
    book.load("2024-01-31", &customer("100000"));
    book.load("2024-02-29", &customer("200000"));
    assert!(book.load("2024-02-29", &customer("200000")).nothing_new);
    book.load("2024-03-31", &customer("100000"));
    let expect = [("", "100000.00"), ("2024-02-29", "200000.00"), ("2024-03-31", "100000.00")].map(|(a, b)| (a.to_string(), b.to_string()));
    assert_eq!(limits(&book), expect);
}

#[test]
fn p6_an_older_extract_only_adds_new_keys() {
    let book = Book::with_company();
    let invoice = |id: &str, amount: &str| {
        format!(
            "documents company_id=C document_id={id} document_kind=invoice customer_id=K document_date=2024-01-05 due_date=2024-02-05 currency=MXN amount={amount}\n"
        )
    };
    book.load("2024-02-29", &invoice("A", "200"));
    let outcome = book.load("2024-01-31", &(invoice("A", "100") + &invoice("B", "50")));
    assert_eq!((book.open("A", "2024-12-31"), book.open("B", "2024-12-31")), (cents("200"), cents("50")));
    assert_eq!(outcome.totals[0].rows, [1, 0, 0, 1]);
}

#[test]
fn p6_what_vanishes_from_a_full_extract_is_undone_within_the_limit() {
    let mut book = Book::with_company();
    let all: String = (0..200)
        .map(|i| format!("documents company_id=C document_id=D{i} document_kind=invoice customer_id=K document_date=2024-01-05 due_date=2024-02-05 currency=MXN amount=100\n"))
        .collect();
    book.load("2024-01-31", &all);
    book.mode = Mode::Full;
    let without = |gone: usize| rows(&all).into_iter().skip(gone).collect::<Vec<_>>();
    let refused = book.try_load("2024-02-10", without(3)).unwrap_err().to_string();
    assert!(refused.contains("lacks 3 of 200 known rows"), "{refused}");
    assert_eq!(book.movements(None).len(), 200, "nothing half loaded");
    book.try_load("2024-02-10", without(2)).unwrap();
    assert_eq!((book.open("D0", "2024-12-31"), book.open("D1", "2024-01-05"), book.open("D2", "2024-12-31")), (0, 0, cents("100")));
    assert!(book.movements(None).iter().filter(|m| m.load_id == 3).all(|m| m.cause == "vanished" && m.effect == "correction"));
}

#[test]
fn p6_an_application_that_vanishes_is_undone_on_the_extract_day() {
    let mut book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    book.mode = Mode::Full;
    book.vanish_limit_pct = 100;
    // The full extract of applications has another one and no longer AP.
    book.load(
        "2024-03-31",
        "applications company_id=C application_id=OTHER kind=receipt to_document_id=X posting_date=2024-02-05 amount=1",
    );
    assert_eq!((book.open("F", "2024-03-30"), book.open("F", "2024-03-31")), (0, cents("1000")));
    assert_eq!(book.open("CH", "2024-03-31"), cents("-1000"));
}

#[test]
fn p6_an_application_that_vanished_and_comes_back_elsewhere_is_one_application() {
    let mut book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    book.load(
        "2024-02-15",
        "documents company_id=C document_id=G document_kind=invoice customer_id=K document_date=2024-01-10 due_date=2024-02-09 currency=MXN amount=1000
         documents company_id=C document_id=RE document_kind=receipt customer_id=K document_date=2024-02-05 currency=MXN amount=1000
         applications company_id=C application_id=W kind=receipt from_document_id=RE to_document_id=MISSING posting_date=2024-02-05 amount=10",
    );
    book.mode = Mode::Full;
    book.vanish_limit_pct = 100;
    let other = "applications company_id=C application_id=OTHER kind=receipt to_document_id=X posting_date=2024-02-05 amount=1\n";
    book.load("2024-03-31", other);
    assert_eq!(book.waiting(), ["OTHER"], "what vanished waits no longer");
    // AP comes back as paid by another receipt, W as waiting for another invoice.
    let back = "applications company_id=C application_id=AP kind=receipt from_document_id=RE to_document_id=G posting_date=2024-02-05 amount=1000
         applications company_id=C application_id=W kind=receipt from_document_id=RE to_document_id=MISSING2 posting_date=2024-02-05 amount=10";
    book.mode = Mode::Add;
    book.load("2024-04-30", back);
    assert_eq!(book.waiting(), ["OTHER", "W"]);
    // The old word of AP is gone from both its documents, on every day.
    let open = |document: &str, on: &str| book.open(document, on);
    assert_eq!((open("F", "2024-02-20"), open("CH", "2024-02-20")), (cents("1000"), cents("-1000")));
    assert_eq!((open("G", "2024-02-20"), open("RE", "2024-02-20")), (0, 0));
    // And a later load that touches the old documents does not bring it back.
    book.load(
        "2024-05-31",
        "applications company_id=C application_id=N kind=receipt from_document_id=CH to_document_id=F posting_date=2024-05-05 amount=400",
    );
    assert_eq!(
        (book.open("F", "2024-05-31"), book.open("CH", "2024-05-31"), book.open("F", "2024-03-31")),
        (cents("600"), cents("-600"), cents("1000"))
    );
    assert_eq!(book.waiting(), ["OTHER", "W"]);
}

#[test]
fn p6_an_older_extract_that_says_something_else_is_told() {
    let book = Book::with_company();
    let invoice = |amount: &str, on: &str| {
        format!(
            "documents company_id=C document_id=A document_kind=invoice customer_id=K document_date={on} due_date=2024-03-05 currency=MXN amount={amount}"
        )
    };
    book.load("2024-02-29", &invoice("200", "2024-01-05"));
    let outcome =
        book.load("2024-01-31", &format!("{}\n{}", invoice("100", "2024-01-05"), invoice("7", "2024-02-01").replace("=A ", "=B ")));
    let counts: Vec<(&str, u64)> = outcome.finding_counts.iter().map(|(code, n)| (code.as_str(), *n)).collect();
    assert_eq!(counts, [("future_posting", 1), ("older_extract", 1)]);
    assert_eq!(book.open("A", "2024-12-31"), cents("200"));
}

#[test]
fn a_customer_who_is_not_in_customers_is_told_once() {
    let book = Book::with_company();
    let invoice = |id: &str, customer: &str| {
        format!(
            "documents company_id=C document_id={id} document_kind=invoice customer_id={customer} document_date=2024-01-05 due_date=2024-03-05 currency=MXN amount=1\n"
        )
    };
    assert!(book.load("2024-01-31", &invoice("A", "K")).finding_counts.is_empty(), "nothing is missed where no customers are loaded");
    let outcome = book.load(
        "2024-02-29",
        &format!("customers company_id=C customer_id=K name=K\n{}{}{}", invoice("B", "K"), invoice("C", "Q"), invoice("D", "Q")),
    );
    assert_eq!(outcome.finding_counts.get("customer_unknown"), Some(&1));
}

#[test]
fn p6_a_full_extract_speaks_of_its_companies_also_where_it_has_no_row_left() {
    let mut book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    (book.mode, book.vanish_limit_pct) = (Mode::Full, 100);
    book.tables = vec!["documents".into(), "applications".into()];
    let documents: Vec<_> = rows(CHEQUE).into_iter().filter(|r| r.table.name == "documents").collect();
    book.try_load("2024-03-31", documents.clone()).unwrap();
    assert_eq!((book.open("F", "2024-03-30"), book.open("F", "2024-03-31")), (0, cents("1000")), "its only application has vanished");
    let nothing = book.try_load("2024-04-30", Vec::new()).unwrap_err().to_string();
    assert!(nothing.contains("no row at all"), "{nothing}");
    // A file that is not there says nothing.
    let mut book = Book::with_company();
    book.load("2024-02-10", CHEQUE);
    (book.mode, book.vanish_limit_pct) = (Mode::Full, 100);
    book.tables = vec!["documents".into()];
    book.try_load("2024-03-31", documents).unwrap();
    assert_eq!(book.open("F", "2024-03-31"), 0);
}

#[test]
fn p6_a_first_snapshot_opens_and_the_next_one_settles() {
    let mut book = Book::with_company();
    book.mode = Mode::Snapshot;
    let item = |id: &str, on: &str, due: &str, amount: &str| {
        format!(
            "documents company_id=C document_id={id} document_kind=invoice customer_id=K document_date={on} due_date={due} currency=MXN amount={amount}\n"
        )
    };
    book.load("2024-06-30", &(item("A", "2024-05-01", "2024-05-31", "1000") + &item("B", "2024-06-01", "2024-07-01", "500")));
    assert_eq!((book.flow("opening"), book.flow("invoice"), book.sales()), (cents("1500"), 0, 0), "an opening is never a flow");
    assert_eq!(book.past_due("2024-06-30"), cents("1000"), "but ages by its due day");
    book.load("2024-07-31", &(item("A", "2024-05-01", "2024-05-31", "300") + &item("N", "2024-07-10", "2024-08-09", "800")));
    assert_eq!((book.open("A", "2024-07-30"), book.open("A", "2024-07-31")), (cents("1000"), cents("300")));
    assert_eq!((book.open("B", "2024-07-31"), book.open("N", "2024-07-31")), (0, cents("800")));
    assert_eq!(
        (book.flow("inferred"), book.flow("cash"), book.flow("invoice")),
        (cents("-1200"), 0, cents("800")),
        "settled is never cash"
    );
    assert!(
        book.load("2024-07-31", &(item("A", "2024-05-01", "2024-05-31", "300") + &item("N", "2024-07-10", "2024-08-09", "800")))
            .nothing_new
    );
}

#[test]
fn p6_a_negative_invoice_a_strange_company_and_a_second_answer_are_set_aside() {
    let book = Book::with_company();
    let outcome = book.load(
        "2024-06-30",
        "documents company_id=C document_id=A document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=-5
         documents company_id=Z document_id=A document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=5
         documents company_id=C document_id=B document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=7
         documents company_id=C document_id=B document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=8
         documents company_id=C document_id=B document_kind=invoice customer_id=K document_date=2024-05-01 due_date=2024-05-31 currency=MXN amount=7",
    );
    let count = |code: &str| outcome.finding_counts.get(code).copied().unwrap_or(0);
    assert_eq!((count("amount_sign"), count("company_unknown"), count("duplicate_key"), count("duplicate_row")), (1, 1, 1, 1));
    assert_eq!(book.open("B", "2024-12-31"), cents("7"));
    for line in &outcome.totals {
        assert_eq!(line.rows_read(), line.rows.iter().sum::<u64>());
    }
    assert_eq!(outcome.totals.iter().map(|t| t.rows_read()).sum::<u64>(), 5);
}

// 8 ------------------------------------------------------------------------------------------------------------------

#[test]
fn p8_a_dry_run_and_a_repeated_extract_publish_nothing() {
    let book = Book::with_company();
    let mut load = cartera::ledger::load::Load::begin(&book.store, book.request("2024-02-10")).unwrap();
    for row in rows(CHEQUE) {
        cartera::extract::Sink::row(&mut load, row).unwrap();
    }
    let dry = load.finish(&[3], true, &mut |_, _, _| {}).unwrap();
    assert_eq!((dry.load_id, dry.movements), (None, 4));
    assert_eq!(book.store.records().unwrap().len(), 1);
    assert_eq!(book.load("2024-02-10", CHEQUE).load_id, Some(2));
    let again = book.load("2024-02-10", CHEQUE);
    assert!(again.nothing_new && again.load_id.is_none());
    assert_eq!(again.totals.iter().map(|t| t.rows[3]).sum::<u64>(), 3, "all unchanged: {:?}", again.totals);
}
