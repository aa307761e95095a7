//! Words out of the data in the reader's language: buckets, lines, states, codes, reasons.
//!
//! Closed vocabularies only; a word that is not known stays as the data has it, because a figure must never lose its name.

use super::text::Text;
use crate::error::Result;
use chrono::NaiveDate;
use rust_decimal::Decimal;

/// Use of the limit where none is granted, as the risk card says it.
const NO_LIMIT: &str = "of no limit";
/// What makes a figure to be read with care, but not undefined.
const CAUTIONS: &[&str] =
    &["credit_balance", "short_window", "history_exhausted", "empty_month", "stopped_at_empty_month", "sales_per_month", "sales_per_day"];

/// A word of a column's vocabulary in the reader's language; `None` if the column has none or does not know the word.
pub(crate) fn word(column: &str, word: &str, text: &Text) -> Result<Option<String>> {
    let area = match column {
        "bucket" | "from_bucket" | "to_bucket" => return bucket(word, text).map(Some),
        // What became of an item: a bucket, or how it ended.
        "to_state" => match text.find(&format!("to_state.{word}")) {
            Some(said) => return Ok(Some(said.to_string())),
            None => return bucket(word, text).map(Some),
        },
        "reasons" => return risk_reasons(word, text).map(Some),
        "collector_name" if word == "(none)" => "collector",
        "company_id" | "currency" if matches!(word, "(none)" | "(unknown)") => {
            return text.get("word.not_given").map(|w| Some(w.to_string()));
        }
        "reason" => return reasons(word, text).map(Some),
        "company_id" if word == "group" => "company",
        "band_then" => "band",
        "last_attempt_outcome" => "outcome",
        "line" | "rule" | "state" | "cause" | "band" | "severity" | "code" | "hint" | "table_name" | "row_class" | "status" => column,
        _ => "values",
    };
    // What only some packs show has its words with them, by column.
    let said = text.find(&format!("{area}.{word}")).filter(|_| area != "values");
    Ok(said.or_else(|| text.find(&format!("values.{column}.{word}"))).map(str::to_string))
}

/// `1-30` → "1–30 days", `over 90` → "more than 90 days"; edges are the project's.
pub(crate) fn bucket(word: &str, text: &Text) -> Result<String> {
    let number = |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_digit());
    if let Some((from, to)) = word.split_once('-')
        && number(from)
        && number(to)
    {
        return text.fill("bucket.range", &[("from", from), ("to", to)]);
    }
    if let Some(days) = word.strip_prefix("over ")
        && number(days)
    {
        return text.fill("bucket.over", &[("days", days)]);
    }
    Ok(text.find(&format!("bucket.{word}")).unwrap_or(word).to_string())
}

/// `past_due_share 82.1%; worst_days_late 140` → sentences.
fn risk_reasons(words: &str, text: &Text) -> Result<String> {
    let mut out = Vec::new();
    for part in words.split(';').map(str::trim).filter(|p| !p.is_empty()) {
        let (code, figure) = part.split_once(' ').unwrap_or((part, ""));
        let work = format!("work.{code}");
        if text.find(&work).is_some() {
            out.push(work_reason(&work, figure, text)?);
            continue;
        }
        let figure = figure.trim();
        let no_limit = format!("risk.{code}_no_limit");
        let key = if figure == NO_LIMIT && text.find(&no_limit).is_some() { no_limit } else { format!("risk.{code}") };
        out.push(if text.find(&key).is_some() {
            text.fill(&key, &[("value", &figure_in_words(figure, text)?)])?
        } else {
            part.to_string()
        });
    }
    Ok(out.join("; "))
}

/// `broken_promise 2026-10-20 80.00 MXN` → a sentence: a whole number is `{n}`, or `{days}`; a day `{day}`; money with its currency `{amount}`.
fn work_reason(key: &str, figures: &str, text: &Text) -> Result<String> {
    let [mut count, mut days, mut day, mut amount] = [const { String::new() }; 4];
    for figure in figures.split_whitespace() {
        if let Ok(date) = figure.parse::<NaiveDate>() {
            day = text.lang.day(date);
        } else if let Ok(number) = figure.parse::<Decimal>() {
            let written = text.lang.number(number, number.scale());
            if number.scale() == 0 {
                days = text.fill(if number == Decimal::ONE { "noun.days.one" } else { "noun.days.many" }, &[("n", &written)])?;
                count = written;
            } else {
                amount = written;
            }
        } else {
            amount = format!("{amount} {figure}").trim_start().to_string();
        }
    }
    text.fill(key, &[("n", &count), ("days", &days), ("day", &day), ("amount", &amount)])
}

fn figure_in_words(figure: &str, text: &Text) -> Result<String> {
    let (number, is_percent) = figure.strip_suffix('%').map_or((figure, false), |n| (n, true));
    // The text names the unit and the direction itself.
    let number = number.strip_suffix(" days").unwrap_or(number).trim_start_matches('+');
    let Ok(value) = number.trim().parse::<Decimal>() else { return Ok(figure.to_string()) };
    let number = text.lang.number(value, value.normalize().scale().min(1));
    if is_percent { text.fill("format.percent", &[("n", &number)]) } else { Ok(number) }
}

/// Why a column of a row is undefined: of all that the row says, what concerns that column.
pub(crate) fn why(column: &str, codes: &str, text: &Text) -> Result<String> {
    let codes: Vec<&str> = codes.split([';', ',']).map(str::trim).filter(|code| !code.is_empty()).collect();
    let causes: Vec<&str> = codes.iter().copied().filter(|code| !CAUTIONS.contains(code)).collect();
    let concerns = |code: &&&str| match column {
        _ if column.starts_with("cei") => **code == "nothing_collectable",
        _ if column.contains("_3m") => code.ends_with("_3m"),
        _ if column.ends_with("_days") => code.contains("sales"),
        _ => matches!(**code, "no_items" | "no_ar"),
    };
    let own: Vec<&str> = causes.iter().filter(concerns).copied().collect();
    let said = [own, causes, codes].into_iter().find(|list| !list.is_empty()).unwrap_or_default();
    reasons(&said.join(";"), text)
}

/// `no_sales; history_exhausted` → words, "no base" where nothing is said.
pub(crate) fn reasons(codes: &str, text: &Text) -> Result<String> {
    let known: Vec<&str> = codes
        .split([';', ','])
        .map(str::trim)
        .filter(|code| !code.is_empty())
        .map(|code| text.find(&format!("reason.{code}")).unwrap_or(code))
        .collect();
    if known.is_empty() { text.get("reason.no_base").map(str::to_string) } else { Ok(known.join("; ")) }
}

/// The vocabularies word by word: what the text files must have. Tests only, the data brings the words.
#[cfg(test)]
mod vocabulary {
    use crate::engine::{Catalogue, shipped};
    use crate::{domain::finding::CATALOGUE, schema};

    /// Lines of the roll-forward, in order.
    const LINES: &[&str] = &[
        "opening",
        "prior_period",
        "billings",
        "charges",
        "receipts",
        "credits",
        "discounts",
        "withholdings",
        "fees",
        "write_offs",
        "netting",
        "factoring",
        "refunds",
        "advances",
        "adjustments",
        "inferred",
        "clearing",
        "fx_difference",
        "fx_revaluation",
        "reclass",
        "translation",
        "closing",
    ];
    /// Lines of the change between two closes, `opening`, `credits`, `write_offs` and `closing` aside.
    const CHANGES: &[&str] =
        &["restated", "back_dated", "master_data", "new_billings", "collections", "other", "ageing", "fx", "sales", "collectable"];
    const BUCKETS: &[&str] =
        &["current", "range", "over", "unapplied", "credits", "advances", "week", "month", "passed", "later", "disputed"];
    /// Of a tie-out, of a promise.
    const STATES: &[&str] = &["ties", "explained", "unexplained", "no_gl_balance", "kept", "broken", "open", "cancelled"];
    const ENDINGS: &[&str] = &["paid", "credited", "written_off", "other", "new"];
    const PROVISION_ROWS: &[&str] = &["matrix", "disputed", "specific", "total"];
    const STATUSES: &[&str] = &["active", "hold", "insolvent"];
    const CAUSES: &[&str] = &["manual_journal", "unposted", "timing", "revaluation", "reclass"];
    const BANDS: &[&str] = &["high", "medium", "low"];
    const SEVERITIES: &[&str] = &["info", "warning", "error"];
    const RISKS: &[&str] =
        &["past_due_share", "worst_days_late", "days_late_trend", "broken_promises", "disputes", "utilisation", "utilisation_no_limit"];
    /// Rules of the work list, and the codes of its reasons.
    const RULES: &[&str] =
        &["past_due", "broken_promise", "dispute", "over_limit", "no_contact", "rep", "pue", "unapplied", "status", "risk"];
    const WORK: &[&str] = &[
        "past_due",
        "broken_promise",
        "dispute_too_long",
        "over_limit",
        "no_contact",
        "never_contacted",
        "rep_overdue",
        "rep_near",
        "pue_over",
        "pue_near",
        "unapplied",
        "insolvent",
        "on_hold",
        "risk_high",
    ];
    const OUTCOMES: &[&str] = &["no_answer", "reached", "right_party", "promise", "dispute"];
    /// Why a figure is undefined where no header lists it; `no_base` is said where the row does not tell.
    const REASONS: &[&str] = &["no_base", "history_missing"];

    /// Every key of these vocabularies.
    pub(crate) fn keys() -> Vec<String> {
        let mut keys = vec!["company.group".to_string(), "collector.(none)".to_string()];
        let areas = [
            ("line", LINES),
            ("line", CHANGES),
            ("bucket", BUCKETS),
            ("state", STATES),
            ("to_state", ENDINGS),
            ("row_class", PROVISION_ROWS),
            ("status", STATUSES),
            ("cause", CAUSES),
            ("band", BANDS),
            ("severity", SEVERITIES),
            ("risk", RISKS),
            ("rule", RULES),
            ("work", WORK),
            ("outcome", OUTCOMES),
            ("reason", REASONS),
        ];
        for (area, words) in areas {
            keys.extend(words.iter().map(|word| format!("{area}.{word}")));
        }
        let headers = Catalogue::parse(shipped::SHIPPED.iter().copied()).expect("the shipped queries parse");
        let mut cases: Vec<String> = headers.files().flat_map(|f| f.header.cases.iter().map(|code| format!("reason.{code}"))).collect();
        cases.sort_unstable();
        cases.dedup();
        keys.extend(cases);
        keys.extend(CATALOGUE.iter().flat_map(|entry| [format!("code.{}", entry.code), format!("hint.{}", entry.code)]));
        keys.extend(schema::TABLES.iter().map(|table| format!("table_name.{}", table.name)));
        keys.extend((1..=12).map(|month| format!("month.{month}")));
        keys
    }
}

#[cfg(test)]
pub(crate) use vocabulary::keys;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::lang::Lang;

    fn say(lang: Lang, column: &str, value: &str) -> String {
        word(column, value, &Text::of(lang).unwrap()).unwrap().unwrap_or_else(|| format!("({value})"))
    }

    #[test]
    fn words_of_the_data_are_translated() {
        assert_eq!(say(Lang::Es, "bucket", "current"), "Por vencer");
        assert_eq!(say(Lang::Es, "bucket", "1-15"), "1–15 días");
        assert_eq!(say(Lang::En, "bucket", "over 60"), "Over 60 days");
        assert_eq!(say(Lang::Es, "line", "write_offs"), "Castigos");
        assert_eq!(say(Lang::Es, "reason", "no_sales; x9"), "sin ventas en el periodo; x9");
        assert_eq!(say(Lang::Es, "customer_name", "current"), "(current)");
        assert_eq!(say(Lang::Es, "company_id", "MX01"), "(MX01)");
        assert_eq!(say(Lang::Es, "company_id", "(unknown)"), "(sin dato)");
        assert_eq!(say(Lang::En, "currency", "(none)"), "(not given)");
        assert_eq!(say(Lang::En, "customer_name", "(none)"), "((none))");
    }

    #[test]
    fn risk_reasons_become_sentences() {
        let words = "past_due_share 82.1%; worst_days_late 1140; utilisation 131%; new_code 7";
        assert_eq!(
            say(Lang::Es, "reasons", words),
            "82.1% de su saldo está vencido; 1,140 días de mora en su peor partida; usa 131% de su límite; new_code 7"
        );
        assert_eq!(say(Lang::En, "reasons", "disputes 5.25%"), "5.3% in dispute");
        assert_eq!(say(Lang::En, "reasons", "disputes n/a"), "n/a in dispute");
        assert_eq!(say(Lang::En, "reasons", "days_late_trend +5.3 days"), "pays 5.3 days later than before");
        assert_eq!(say(Lang::Es, "reasons", "utilisation of no limit"), "debe sin tener límite de crédito");
    }

    #[test]
    fn reasons_of_the_work_list_become_sentences() {
        let words = "past_due 1046 12600.50 MXN; broken_promise 2026-10-20 80.00 USD; on_hold; never_contacted 20";
        assert_eq!(
            say(Lang::En, "reasons", words),
            "up to 1,046 days late; broken promise of Oct 20, 2026: 80.00 USD missing; on hold; \
             never contacted"
        );
        assert_eq!(
            say(Lang::Es, "reasons", "rep_near 2026-11-05 100.00 MXN; no_contact 1"),
            "complemento vence el 5 nov 2026: 100.00 MXN; sin contacto desde hace 1 día"
        );
        assert_eq!(say(Lang::Es, "collector_name", "(none)"), "Sin gestor");
        assert_eq!(say(Lang::Es, "last_attempt_outcome", "no_answer"), "Sin respuesta");
    }

    #[test]
    fn a_figure_is_undefined_for_its_own_reason() {
        let text = Text::of(Lang::En).unwrap();
        let codes = "credit_balance; no_sales; no_sales_3m; nothing_collectable";
        assert_eq!(why("dso_3m_days", codes, &text).unwrap(), "no sales in three months");
        assert_eq!(why("cei_pct", codes, &text).unwrap(), "nothing to collect in the period");
        assert_eq!(why("dso_simple_days", "no_sales; short_window", &text).unwrap(), "no sales in the period");
        assert_eq!(why("cei_pct", "credit_balance", &text).unwrap(), "credit balance");
        assert_eq!(why("cei_pct", "", &text).unwrap(), "nothing to compute it from");
    }
}
