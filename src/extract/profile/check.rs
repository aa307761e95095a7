//! Checks of a profile before any file is opened: known tables and columns, rules that make sense, constants that are valid.
//!
//! Separate from the format so that a mistake in a profile is told once, with the nearest name, and never met row by row.

use super::*;
use crate::domain::kinds::ApplicationKind;
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use crate::extract::cfdi::rules::Cancellations;
use crate::extract::coerce::day::DayFormat;
use crate::extract::coerce::number::{Marks, NumberFormat};
use crate::extract::coerce::{self};
use crate::schema::{ColumnKind, TABLES, Table, Value, table};
use std::sync::Arc;

impl Profile {
    /// Parses and checks the text of a profile; `origin` names it in errors.
    pub fn parse(text: &str, origin: &str) -> Result<Profile> {
        let raw: RawProfile = toml::from_str(text)
            .map_err(|e| Error::usage(format!("the profile cannot be read: {}", e.to_string().trim_end())).context(origin.to_string()))?;
        let profile = Profile {
            name: raw.name,
            description: raw.description,
            columns_from: raw.columns_from,
            shape: raw.shape,
            mode: raw.mode,
            text: text.to_string(),
            canonical: false,
            read: raw.read,
            tables: raw.table,
            constants: raw.constant,
            clearing: raw.clearing,
            cfdi: raw.cfdi,
            lookups: raw.lookup,
            given: given::Given::new(),
            unasked: Vec::new(),
        };
        profile.check().map_err(|e| e.context(format!("profile {origin}")))?;
        Ok(profile)
    }

    /// How the files of a table are read: the profile's defaults, overridden by the table's own keys.
    pub(in crate::extract) fn reading(&self, rule: &TableRule) -> Result<Reading> {
        let mut reading = self.reading_of(&rule.read)?;
        // A canonical file may lack what is not required; formats without a header need to know the names.
        if let Some(table) = table(&rule.table).filter(|_| self.canonical) {
            reading.optional_columns = table.columns.iter().filter(|c| !c.required).map(|c| c.name.to_string()).collect();
        }
        Ok(reading)
    }

    /// How some files are read: the profile's defaults, overridden by their own keys.
    pub(in crate::extract) fn reading_of(&self, own: &Read) -> Result<Reading> {
        let base = &self.read;
        let text = |own: &Option<String>, base: &Option<String>, default: &str| {
            own.clone().or_else(|| base.clone()).unwrap_or_else(|| default.to_string())
        };
        let days = match own.date.as_ref().or(base.date.as_ref()) {
            None => DayFormat::canonical(),
            Some(Dates::One(pattern)) => DayFormat::new(pattern).map_err(Error::usage)?,
            Some(Dates::Several(patterns)) => DayFormat::several(patterns).map_err(Error::usage)?,
        };
        let decimal = one_char("decimal", &text(&own.decimal, &base.decimal, "."))?;
        let thousands = match text(&own.thousands, &base.thousands, "").as_str() {
            "" => None,
            mark => Some(one_char("thousands", mark)?),
        };
        if thousands == Some(decimal) {
            return Err(Error::usage(format!("`{decimal}` cannot be both decimal and thousands mark")));
        }
        if !matches!(decimal, '.' | ',') {
            return Err(Error::usage(format!("the decimal mark is `.` or `,`, not `{decimal}`")));
        }
        if thousands.is_some_and(|t| t.is_ascii_digit() || t == '-') {
            return Err(Error::usage("a digit or a minus cannot be the thousands mark"));
        }
        let quote = text(&own.quote, &base.quote, "\"");
        let delimiter = one_byte("delimiter", &text(&own.delimiter, &base.delimiter, ","))?;
        let quote = if quote.is_empty() { None } else { Some(one_byte("quote", &quote)?) };
        if quote == Some(delimiter) || matches!(delimiter, b'\n' | b'\r') {
            return Err(Error::usage("the delimiter is one character, not a line end and not the quote"));
        }
        let words = |own: &Option<Vec<String>>, base: &Option<Vec<String>>| own.clone().or_else(|| base.clone()).unwrap_or_default();
        let marks = Marks {
            currency: words(&own.amount_marks, &base.amount_marks),
            credit: words(&own.credit_marks, &base.credit_marks),
            debit: words(&own.debit_marks, &base.debit_marks),
        };
        marks.check(decimal, thousands).map_err(Error::usage)?;
        let rows_at = own.rows_at.as_ref().or(base.rows_at.as_ref()).map(|path| path.split('.').map(str::to_string).collect::<Vec<_>>());
        if rows_at.iter().flatten().any(String::is_empty) {
            return Err(Error::usage("rows_at names no list").hint("write the keys that lead to it, e.g. rows_at = \"d.results\""));
        }
        let header_at = own.header_at.clone().or_else(|| base.header_at.clone());
        if header_at.as_ref().is_some_and(|h| h.contains.is_empty()) {
            return Err(Error::usage("header_at names no columns").hint("write header_at = { contains = [\"Customer\", \"Amount\"] }"));
        }
        let header_rows = own.header_rows.or(base.header_rows).unwrap_or(1);
        if !(1..=5).contains(&header_rows) {
            return Err(Error::usage(format!("header_rows = {header_rows}; a header has 1 to 5 rows")));
        }
        let starts = [&own.skip_rows_starting, &base.skip_rows_starting, &own.end_rows_starting, &base.end_rows_starting];
        if starts.iter().any(|list| list.iter().flatten().any(|s| s.trim().is_empty())) {
            return Err(Error::usage("an empty text in skip_rows_starting or end_rows_starting would skip every row"));
        }
        Ok(Reading {
            format: own.format.or(base.format),
            delimiter,
            quote,
            encoding: own.encoding.or(base.encoding).unwrap_or_default(),
            forms: Forms {
                days,
                numbers: NumberFormat {
                    decimal,
                    thousands,
                    negative: own.negative.or(base.negative).unwrap_or_default(),
                    marks: (marks != Marks::default()).then(|| Arc::new(marks)),
                },
            },
            empty: words(&own.empty, &base.empty),
            sheet: own.sheet.clone().or_else(|| base.sheet.clone()),
            rows_at: rows_at.unwrap_or_default(),
            skip_lines: own.skip_lines.or(base.skip_lines).unwrap_or(0),
            header_at: header_at.map(|h| h.contains).unwrap_or_default(),
            header_rows: header_rows as usize,
            skip_rows_starting: words(&own.skip_rows_starting, &base.skip_rows_starting),
            end_rows_starting: words(&own.end_rows_starting, &base.end_rows_starting),
            skip_when: own.skip_when.clone().or_else(|| base.skip_when.clone()).unwrap_or_default(),
            optional_columns: words(&own.optional_columns, &base.optional_columns),
        })
    }

    /// How a list of cancelled CFDI is read.
    pub(in crate::extract) fn cancellation_reading(&self, list: &Cancellations) -> Result<Reading> {
        self.reading_of(&Read { format: list.read.format.or(Some(FileFormat::Csv)), ..list.read.clone() })
    }

    fn check_lookup(&self, rule: &LookupRule) -> Result<()> {
        if rule.into.is_empty() || rule.from.is_empty() || rule.key.is_empty() || rule.columns.is_empty() {
            return Err(Error::usage("`into`, `from`, `key` and `columns` all name something").hint(
                "e.g. into = [\"lines*.csv\"], from = [\"heads*.csv\"], key = { head_id = \"id\" }, columns = { head_day = \"day\" }",
            ));
        }
        let reading = self.reading_of(&rule.read)?;
        if reading.skip_when.0.iter().any(|c| c.value.is_some()) {
            return Err(Error::usage("skip_when tests columns of the file, not canonical values"));
        }
        if reading.format == Some(FileFormat::Cfdi) {
            return Err(Error::usage("a look-up is not read from CFDI"));
        }
        Ok(())
    }

    fn check_cfdi(&self) -> Result<()> {
        let declared = self.read.format == Some(FileFormat::Cfdi);
        let Some(rules) = &self.cfdi else {
            return if declared { Err(Error::usage("format = \"cfdi\" needs a [cfdi] section")) } else { Ok(()) };
        };
        if !declared {
            return Err(Error::usage("[cfdi] needs [read] format = \"cfdi\""));
        }
        if self.clearing.is_some() {
            return Err(Error::usage("[cfdi] and [clearing] do not go together: payment complements say what was settled"));
        }
        rules.check()?;
        if let Some(list) = &rules.cancellations {
            self.cancellation_reading(list).map_err(|e| e.context("[cfdi.cancellations]"))?;
        }
        Ok(())
    }

    fn check(&self) -> Result<()> {
        self.check_cfdi()?;
        if self.tables.is_empty() && self.cfdi.is_none() {
            return Err(Error::usage("the profile maps no [[table]]"));
        }
        for rule in &self.tables {
            check_table(rule).map_err(|e| e.context(format!("[[table]] {}", rule.table)))?;
            let reading = self.reading(rule).map_err(|e| e.context("[read]"))?;
            if reading.format == Some(FileFormat::Cfdi) {
                return Err(
                    Error::usage("a [[table]] is not read from CFDI").hint("give it its own format, e.g. [table.read] format = \"csv\"")
                );
            }
            if reading.skip_when.0.iter().any(|c| c.value.is_some()) {
                return Err(Error::usage("skip_when tests columns of the file, not canonical values"));
            }
        }
        for rule in &self.lookups {
            self.check_lookup(rule).map_err(|e| e.context("[[lookup]]"))?;
        }
        for constant in &self.constants {
            constant_rows(constant).map_err(|e| e.context(format!("[[constant]] {}", constant.table)))?;
        }
        match (&self.clearing, self.shape) {
            (None, Shape::ClearedItems) => {
                return Err(
                    Error::usage("shape = \"cleared_items\" needs a [clearing] section").hint("name the column of the clearing day")
                );
            }
            (Some(_), Shape::History) => return Err(Error::usage("[clearing] needs shape = \"cleared_items\"")),
            (Some(clearing), Shape::ClearedItems) => self.check_clearing(clearing)?,
            (None, Shape::History) => {}
        }
        Ok(())
    }

    fn check_clearing(&self, clearing: &Clearing) -> Result<()> {
        if ApplicationKind::parse(&clearing.settled_as).is_none() {
            return Err(Error::usage(format!("settled_as = `{}` is not a kind of application", clearing.settled_as))
                .hint(format!("one of {}", ApplicationKind::WORDS.join(", "))));
        }
        if !self.tables.iter().any(|t| t.table == "documents") {
            return Err(Error::usage("[clearing] needs a [[table]] that yields documents"));
        }
        let residual = clearing.residual.iter().flat_map(|r| &r.when.0);
        if clearing.ignore_when.0.iter().chain(residual).any(|c| c.value.is_some()) {
            return Err(Error::usage("conditions of [clearing] test columns of the file, not canonical values"));
        }
        if clearing.residual.as_ref().is_some_and(|r| r.when.0.is_empty() || r.payment.is_empty()) {
            return Err(Error::usage("residual needs a condition `when` and the `payment` columns"));
        }
        Ok(())
    }
}

fn one_char(key: &str, text: &str) -> Result<char> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(c), None) => Ok(c),
        _ => Err(Error::usage(format!("{key} = `{text}` is not one character"))),
    }
}

fn one_byte(key: &str, text: &str) -> Result<u8> {
    let c = one_char(key, text)?;
    u8::try_from(c).ok().filter(u8::is_ascii).ok_or_else(|| Error::usage(format!("{key} = `{text}` is not an ASCII character")))
}

pub(in crate::extract) fn known_table(name: &str) -> Result<&'static Table> {
    table(name).ok_or_else(|| {
        let near = nearest(name, TABLES.iter().map(|t| t.name)).unwrap_or("documents");
        Error::usage(format!("there is no canonical table `{name}`")).hint(format!("did you mean {near}?"))
    })
}

fn known_column(table: &'static Table, name: &str) -> Result<usize> {
    table.position(name).ok_or_else(|| {
        let near = nearest(name, table.columns.iter().map(|c| c.name)).unwrap_or(table.columns[0].name);
        Error::usage(format!("{} has no column `{name}`", table.name)).hint(format!("did you mean {near}?"))
    })
}

fn check_table(rule: &TableRule) -> Result<()> {
    let table = known_table(&rule.table)?;
    if rule.files.is_empty() {
        return Err(Error::usage("`files` names no file").hint("give patterns of file names, e.g. [\"invoices*.csv\"]"));
    }
    if rule.only_when.0.iter().any(|c| c.value.is_some()) {
        return Err(Error::usage("only_when of a table tests columns of the file, not canonical values"));
    }
    if rule.each_company && (table.position("company_id").is_none() || ["companies", "documents"].contains(&table.name)) {
        return Err(Error::usage("each_company is for master data of companies"));
    }
    for (name, column_rule) in &rule.columns {
        let position = known_column(table, name)?;
        check_rule(table, position, &column_rule.0).map_err(|e| e.context(format!("column {name}")))?;
    }
    let missing: Vec<&str> = table.columns.iter().filter(|c| c.required && !rule.columns.contains_key(c.name)).map(|c| c.name).collect();
    if !missing.is_empty() {
        return Err(Error::usage(format!("required columns of {} are not mapped: {}", table.name, missing.join(", "))));
    }
    Ok(())
}

fn check_rule(table: &'static Table, position: usize, rule: &RuleFields) -> Result<()> {
    let kind = table.columns[position].kind;
    let split = rule.debit.is_some() || rule.credit.is_some();
    // A given value may stand behind a column, and a constant behind it.
    let own = rule.column.is_some() || rule.given.is_some();
    let constant = rule.constant.is_some() && rule.given.is_none();
    let sources = [own, constant, rule.join.is_some(), split, rule.cases.is_some()];
    if sources.iter().filter(|s| **s).count() != 1 {
        return Err(Error::usage("a rule has one source: column, given, constant, join, debit with credit, or cases"));
    }
    check_given(rule)?;
    if split && (rule.debit.is_none() || rule.credit.is_none()) {
        return Err(Error::usage("debit and credit stand together"));
    }
    let signs = rule.absolute || rule.negate || !rule.negative_when.0.is_empty();
    if (signs || split) && kind != ColumnKind::Money {
        return Err(Error::usage("absolute, negate, negative_when, debit and credit are for amounts"));
    }
    if rule.plus_days.is_some() && (kind != ColumnKind::Date || rule.column.is_none()) {
        return Err(Error::usage("plus_days is for a day that comes from a column"));
    }
    if rule.plus_days.as_ref().is_some_and(|d| d.len() > 1) && rule.plus_days_rule.is_none() {
        return Err(Error::usage("several plus_days need plus_days_rule = \"sum\" or \"last_non_zero\""));
    }
    if (rule.map.is_some() || rule.otherwise.is_some()) && (!own || rule.map.is_none()) {
        return Err(Error::usage("map is for a rule with a column or a given value; otherwise is for a rule with a map"));
    }
    if (rule.separator.is_some() || rule.ordinal) && rule.join.is_none() {
        return Err(Error::usage("separator and ordinal are for join"));
    }
    let read = (rule.column.is_some() && rule.map.is_none()) || rule.join.is_some();
    if rule.without_zeros && !(read && matches!(kind, ColumnKind::Id | ColumnKind::Text)) {
        return Err(Error::usage("without_zeros is for ids that come from a column without map, or from a join"));
    }
    let canonical = Forms::canonical();
    let mapped = rule.map.iter().flat_map(|m| m.values()).chain(&rule.otherwise).chain(&rule.constant);
    for text in mapped.filter(|t| !t.is_empty()) {
        coerce::value(kind, text, &canonical).map_err(|r| Error::usage(r.reason))?;
    }
    for condition in rule.only_when.0.iter().chain(&rule.negative_when.0) {
        if let Some(name) = &condition.value
            && known_column(table, name)? >= position
        {
            return Err(Error::usage(format!("the condition on `{name}` stands before it is made"))
                .hint("a condition on a canonical value names a column further left in the table"));
        }
    }
    for case in rule.cases.iter().flatten() {
        if case.0.cases.is_some() {
            return Err(Error::usage("cases do not nest"));
        }
        check_rule(table, position, &case.0)?;
    }
    Ok(())
}

fn check_given(rule: &RuleFields) -> Result<()> {
    let Some(name) = &rule.given else { return Ok(()) };
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-'));
    if !plain {
        return Err(Error::usage(format!("given = `{name}` is not a name"))
            .hint("a name has letters, digits, _ and - only: { given = \"company\" }"));
    }
    Ok(())
}

/// The rows a profile states itself, checked like any others; those that wait for a value nobody gives are left out.
pub(in crate::extract) fn constant_rows(constant: &ConstantRows) -> Result<Vec<Box<[Value]>>> {
    let table = known_table(&constant.table)?;
    let rows = constant.rows.iter().map(|row| constant_row(table, row)).collect::<Result<Vec<_>>>()?;
    Ok(rows.into_iter().flatten().collect())
}

fn constant_row(table: &'static Table, row: &BTreeMap<String, Stated>) -> Result<Option<Box<[Value]>>> {
    let canonical = Forms::canonical();
    let mut values = vec![Value::Null; table.columns.len()];
    let mut waits = false;
    for (name, Stated(rule)) in row {
        let position = known_column(table, name)?;
        let kind = table.columns[position].kind;
        let within = |e: Error| e.context(format!("column {name}"));
        let column_free = RuleFields { given: None, constant: None, map: None, otherwise: None, ..rule.clone() };
        if column_free != RuleFields::default() {
            return Err(within(Error::usage("a value of a constant row is a text, or { given = \"…\" } with map, otherwise or constant")));
        }
        check_rule(table, position, rule).map_err(within)?;
        match &rule.constant {
            Some(text) if text.is_empty() => {}
            Some(text) => values[position] = coerce::value(kind, text, &canonical).map_err(|r| within(Error::usage(r.reason)))?,
            None => waits = true,
        }
    }
    let empty = |c: &str, v: &Value| v.is_null() && row.get(c).is_none_or(|s| s.0.constant.is_some());
    if let Some(missing) = table.columns.iter().zip(&values).find(|(c, v)| c.required && empty(c.name, v)) {
        return Err(Error::usage(format!("a constant row has no {}", missing.0.name)));
    }
    Ok((!waits).then(|| values.into_boxed_slice()))
}
