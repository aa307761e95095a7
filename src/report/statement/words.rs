//! The fixed words of statements, and the words of what stands on their lines.
//!
//! Every key is spelled out here, so that a text that is missing is found before a customer finds it.

use crate::error::Result;
use crate::report::text::Text;

macro_rules! words {
    ($($name:ident = $key:literal),* $(,)?) => {
        /// Fixed words of a statement, in its language.
        #[derive(Debug, Clone, PartialEq, Eq, Default)]
        #[allow(missing_docs, reason = "each is the text of its key")]
        pub struct Words { $(pub $name: String),* }
        impl Words {
            pub(crate) fn of(text: &Text) -> Result<Words> {
                Ok(Words { $($name: text.get($key)?.to_string()),* })
            }
        }
    };
}

words! {
    title = "statement.title",
    number = "statement.number",
    as_of = "statement.as_of",
    period = "statement.period",
    customer = "statement.customer",
    customer_id = "statement.customer_id",
    tax_id = "statement.tax_id",
    balance = "statement.balance",
    in_favour = "statement.in_favour",
    past_due = "statement.past_due",
    nothing_past_due = "statement.nothing_past_due",
    disputed = "statement.disputed",
    items = "statement.items",
    activity = "statement.activity",
    ageing = "statement.ageing",
    nothing_open = "statement.nothing_open",
    no_activity = "statement.no_activity",
    date = "statement.date",
    concept = "statement.concept",
    document = "statement.document",
    reference = "statement.reference",
    due = "statement.due",
    days_late = "statement.days_late",
    original = "statement.original",
    open = "statement.open",
    charges = "statement.charges",
    credits = "statement.credits",
    running = "statement.running",
    total = "statement.total",
    opening = "statement.opening",
    closing = "statement.closing",
    remittance = "statement.remittance",
    remittance_note = "statement.remittance_note",
    pay_reference = "statement.pay_reference",
    to_pay = "statement.to_pay",
    pay_now = "statement.pay_now",
    nothing_to_pay = "statement.nothing_to_pay",
    beneficiary = "statement.beneficiary",
    amount_paid = "statement.amount_paid",
    paid_on = "statement.paid_on",
    contact = "statement.contact",
    page_of = "word.page_of",
    yes = "word.yes",
    no = "word.no",
    index = "statement.index",
    index_note = "statement.index_note",
    index_left_out = "statement.index_left_out",
    index_without_email = "statement.index_without_email",
    index_count = "statement.index_count",
    company = "statement.company",
    language = "statement.language",
    currency = "statement.currency",
    item_count = "statement.item_count",
    has_email = "statement.has_email",
    file = "word.file",
    sha256 = "word.sha256",
}

/// Keys of what can stand on a line, by the ledger's word for it. What moves no balance has none. A write-off is an adjustment to the customer,
/// who still owes what we gave up for lost.
const CONCEPTS: &[(&str, &str)] = &[
    ("opening", "statement.concept_opening"),
    ("invoice", "statement.concept_invoice"),
    ("debit_memo", "statement.concept_debit_memo"),
    ("note", "statement.concept_note"),
    ("credit_memo", "statement.concept_credit_memo"),
    ("receipt", "statement.concept_receipt"),
    ("refund", "statement.concept_refund"),
    ("advance", "statement.concept_advance"),
    ("adjustment", "statement.concept_adjustment"),
    ("apply_receipt", "statement.concept_apply_receipt"),
    ("apply_credit", "statement.concept_apply_credit"),
    ("apply_advance", "statement.concept_apply_advance"),
    ("apply_refund", "statement.concept_apply_refund"),
    ("cash", "statement.concept_cash"),
    ("discount", "statement.concept_discount"),
    ("withholding", "statement.concept_withholding"),
    ("fee", "statement.concept_fee"),
    ("write_off", "statement.concept_write_off"),
    ("netting", "statement.concept_netting"),
    ("factoring", "statement.concept_factoring"),
    ("inferred", "statement.concept_inferred"),
    ("clearing", "statement.concept_clearing"),
    ("reclass", "statement.concept_reclass"),
];

/// What stands on a line, in words; the ledger's own word if it is a new one.
pub(super) fn concept(kind: &str, text: &Text) -> String {
    let key = CONCEPTS.iter().find(|(word, _)| *word == kind).map(|(_, key)| *key);
    key.and_then(|key| text.find(key)).unwrap_or(kind).to_string()
}

/// What an open item is: a payment or a credit still open is one that is not applied.
pub(super) fn item_concept(kind: &str, text: &Text) -> Result<String> {
    Ok(match kind {
        "receipt" => text.get("statement.item_receipt")?.to_string(),
        "advance" => text.get("statement.item_advance")?.to_string(),
        other => concept(other, text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::kinds::MovementKind;
    use crate::domain::lang::Lang;

    #[test]
    fn every_movement_that_moves_a_balance_has_a_word() {
        let without: Vec<&str> =
            MovementKind::WORDS.iter().copied().filter(|kind| !CONCEPTS.iter().any(|(word, _)| word == kind)).collect();
        assert_eq!(without, ["fx_difference", "fx_revaluation"]);
        let text = Text::of(Lang::Es).unwrap();
        assert_eq!(concept("discount", &text), "Descuento");
        assert_eq!(concept("something_new", &text), "something_new");
    }
}
