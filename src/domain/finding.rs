//! Findings: what the data says about itself, with a stable code, a place and a hint.

use serde::{Deserialize, Serialize};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A figure may be bent by it.
    Warning,
    /// The row was set aside.
    Error,
}

impl Severity {
    /// The stored word.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One finding. `code` is one of [`CATALOGUE`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable code from the catalogue.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// Canonical table it speaks of.
    pub table: String,
    /// Company, where known.
    pub company_id: Option<String>,
    /// Key of the row, columns joined by `/`.
    pub key: Option<String>,
    /// `file:line:column` of the source, where it came from a file.
    pub place: Option<String>,
    /// What was found, in plain words.
    pub message: String,
    /// The offending text, cut to a readable length.
    pub excerpt: Option<String>,
}

/// A catalogue entry: code, severity, meaning, next step.
pub struct Entry {
    /// Stable code.
    pub code: &'static str,
    /// Severity it is raised with.
    pub severity: Severity,
    /// What it means.
    pub meaning: &'static str,
    /// What the reader can do.
    pub hint: &'static str,
}

macro_rules! catalogue {
    ($($code:literal $severity:ident $meaning:literal => $hint:literal;)*) => {
        /// Every code this program raises.
        pub const CATALOGUE: &[Entry] = &[$(Entry { code: $code, severity: Severity::$severity, meaning: $meaning, hint: $hint },)*];
    };
}

catalogue! {
    "value_missing" Error "a required column is empty" => "fill it in the extract, or map another column in the profile";
    "amount_invalid" Error "an amount that cannot be read exactly" => "check the number format declared in the profile";
    "amount_decimals" Error "an amount with more decimals than its currency has" => "correct the amount at its source; it is never rounded";
    "amount_range" Error "an amount outside (18,2)" => "correct the amount at its source";
    "amount_sign" Error "an amount whose sign does not fit its kind" => "amounts of documents are positive; the kind gives the sign";
    "date_invalid" Error "a day that does not exist or cannot be read" => "check the date format declared in the profile";
    "currency_unknown" Error "a currency this program does not know" => "use the ISO 4217 code";
    "enum_unknown" Error "a word that is not one of those allowed" => "use one of the listed words, or map it in the profile";
    "integer_invalid" Error "a whole number that cannot be read" => "write digits only";
    "text_invalid" Error "text that is not valid in its encoding, or holds control characters" => "declare the encoding in the profile";
    "cell_broken" Error "a cell that holds no value that can be used" => "correct the cell in the workbook or at the source, and export again";
    "row_ragged" Error "a row with another number of fields than the header" => "check quotes and delimiter on that line";
    "duplicate_key" Error "the same key twice in one extract with different content" => "keep one of the rows";
    "duplicate_row" Info "the same row twice in one extract" => "nothing; it counts once";
    "company_unknown" Error "a company that is not in companies" => "load companies first or together; a profile that asks for the company states it where its currency is given too";
    "fx_rate_missing" Error "no accounting rate for the pair on that day" => "load fx_rates for the pair and day, or give company_amount";
    "fx_rate_stale" Warning "the last published rate is older than allowed" => "load newer fx_rates";
    "cash_without_receipt" Warning "cash applied without a receipt document" => "load the receipt, or accept that unapplied cash cannot be seen";
    "application_waits" Info "an application whose document is not known yet" => "load the document; it posts then";
    "application_on_reversed" Warning "an application stood on a document that was reversed" => "it was undone the same day; check the ERP's own reset";
    "overapplied" Warning "more was applied to a document than it is worth" => "check the applications of the document";
    "due_date_missing" Warning "no due date" => "computed from the terms, else the document date; fill it at the source";
    "due_before_issue" Warning "due before it was issued" => "check the due date";
    "reversal_waits" Info "a reversal whose original is not known yet" => "load the original; it posts then";
    "vanished" Warning "a row of an earlier extract is missing in a full one" => "undone; check that the extract is complete";
    "late_posting" Info "posted before the previous load's day, learned now" => "see prior_period in the roll-forward";
    "application_currency" Error "an application between currencies without from_amount" => "give from_amount in the from document's currency";
    "undo_unknown" Info "an undoing row whose application is not known yet" => "load the application; it posts then";
    "clearing_unbalanced" Warning "the items of a clearing document do not sum to zero" => "check that the extract holds every item of it; each was settled on its own";
    "older_extract" Warning "an extract of an earlier day says something else of a row that is known" => "nothing changed: the later extract counts; if this one is right, load it under a later day";
    "customer_unknown" Warning "documents of a customer that is not in customers" => "load customers: name, terms and collector are missing until then";
    "merge_unknown" Warning "a merge of a customer that is not in customers" => "check the ids under [[merge]] in cartera.toml";
    "future_posting" Warning "posted after the day of its extract" => "check the posting date; it counts from that day on";
    "xml_invalid" Error "a file that is no well-formed XML" => "copy or download the file again";
    "cfdi_invalid" Error "an XML that is no CFDI, or lacks a part of one" => "download the file again from where it was issued or stamped";
    "cfdi_version" Error "a CFDI of a version that is not read" => "3.3 and 4.0 are read; load what older ones say through canonical files";
    "cfdi_unsigned" Error "a CFDI without the stamp of the tax authority" => "load the stamped file; a draft is no invoice";
    "cfdi_not_ours" Error "neither issuer nor receiver is a company of ours" => "list the RFC in the profile, or take the file out";
    "cfdi_aside" Info "CFDI that are no receivables: payroll, transport, received" => "nothing; they are counted and passed over";
    "cfdi_total" Warning "the total of a CFDI is not what its parts come to" => "see whether a complement charges more; the total counts";
    "cfdi_replaced" Warning "a CFDI is replaced by another and not known to be cancelled" => "cancel it, and load the list; load its XML where it was not taken back";
    "credit_unsplit" Warning "a credit note names several documents and not how much of each" => "apply it in the ERP, or load an application for it";
    "payment_chain" Warning "a balance in a payment complement does not follow" => "have the complement corrected; what was paid counts";
    "cancellation_unknown" Warning "a cancelled CFDI whose XML is not in the load" => "load its XML again together with the list";
    "cancellation_invalid" Warning "a cancellation before the CFDI was issued" => "check the day in the list";
    "row_unmapped" Error "a value the profile does not map" => "add it to the profile's map";
}

impl Finding {
    /// A finding of the catalogue; an unknown code is a bug and shows as one in every test.
    pub fn new(code: &'static str, table: &str, message: impl Into<String>) -> Finding {
        let entry = CATALOGUE.iter().find(|e| e.code == code);
        debug_assert!(entry.is_some(), "finding code {code} is not in the catalogue");
        Finding {
            code: code.to_string(),
            severity: entry.map_or(Severity::Error, |e| e.severity),
            table: table.to_string(),
            company_id: None,
            key: None,
            place: None,
            message: message.into(),
            excerpt: None,
        }
    }
    /// With its company and key.
    pub fn of(mut self, company_id: &str, key: impl Into<String>) -> Finding {
        self.company_id = Some(company_id.to_string());
        self.key = Some(key.into());
        self
    }
    /// With its place in a file.
    pub fn at(mut self, place: impl Into<String>) -> Finding {
        self.place = Some(place.into());
        self
    }
    /// With the offending text, cut to 80 characters.
    pub fn showing(mut self, text: &str) -> Finding {
        let cut: String = text.chars().take(80).map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
        self.excerpt = Some(cut);
        self
    }
    /// The next step, from the catalogue.
    pub fn hint(&self) -> &'static str {
        CATALOGUE.iter().find(|e| e.code == self.code).map_or("", |e| e.hint)
    }
}
