//! Customer statements from the history to files: asked once for everybody, then built, set and written one by one by all threads.

use super::answers::Figures;
use super::pack::{movements_digest, write_whole};
use super::project::Project;
use crate::domain::digest::hex;
use crate::domain::file_names::names;
use crate::domain::lang::Lang;
use crate::domain::spelling::nearest;
use crate::domain::work;
use crate::error::{Error, Result};
use crate::ledger::store::LoadRecord;
use crate::render::{eml, statement as render};
use crate::report::LoadProof;
use crate::report::statement::{Book, Key, Request, Statement};
use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Formats a statement can be written in.
pub const STATEMENT_FORMATS: &[&str] = &["pdf", "html", "csv", "json"];
/// Names in the folder of a day, and of a company, that are no customer's.
const OUTBOX: &str = "outbox";
const INDEX: &str = "index";

/// Whose statements, of when, and in what form.
#[derive(Debug, Clone)]
pub struct StatementRequest {
    /// Customers by id; empty: everyone with an open item.
    pub customers: Vec<String>,
    /// Only this company's customers.
    pub company: Option<String>,
    /// As-of day.
    pub as_of: NaiveDate,
    /// Load to look from; `None`: the newest.
    pub known_at: Option<i32>,
    /// First day of the period of balance-forward statements; `None`: open items.
    pub from: Option<NaiveDate>,
    /// Language; `None`: each customer's own.
    pub lang: Option<Lang>,
    /// Formats of [`STATEMENT_FORMATS`].
    pub formats: Vec<String>,
    /// Whether messages are written for customers with an e-mail address.
    pub messages: bool,
    /// Folder the day's folder is made in.
    pub out: PathBuf,
}

/// What was written.
#[derive(Debug, Clone, Default)]
pub struct WrittenStatements {
    /// The index; none where customers were named.
    pub index: Vec<PathBuf>,
    /// Files by statement.
    pub files: Vec<PathBuf>,
    /// Messages.
    pub messages: usize,
    /// Statements.
    pub count: usize,
    /// Customers known on the day without a statement.
    pub left_out: usize,
    /// Statements of customers without an e-mail address.
    pub without_email: usize,
    /// Messages in the outbox that this run did not write.
    pub stale_messages: usize,
}

/// Writes the statements.
pub fn write_statements(
    project: &Project,
    request: &StatementRequest,
    progress: &mut dyn FnMut(&str, u64, u64),
) -> Result<WrittenStatements> {
    let formats = formats(request)?;
    let figures = Figures::open(project, request.known_at)?;
    let book = book(project, request, &figures)?;
    if let Some(company) = &request.company {
        book.must_know(company)?;
    }
    known_payees(project, &book)?;
    let company = request.company.as_deref();
    let keys = if request.customers.is_empty() { book.with_items(company) } else { book.named(&request.customers, company)? };
    if request.messages {
        book.must_have_senders(&keys)?;
    }
    let places = Places::new(request, &book);
    let run = Run { request, book: &book, places: &places, formats: &formats };
    let mut written = WrittenStatements { count: keys.len(), ..WrittenStatements::default() };
    let mut entries = Vec::new();
    let all = keys.len() as u64;
    progress("statements", 0, all);
    work::in_order(
        keys.len(),
        || Ok(()),
        |(), at| run.write(&keys[at]),
        |()| Ok(()),
        |at, entry: render::Entry| {
            written.without_email += usize::from(!entry.has_email);
            written.messages += usize::from(!entry.message.is_empty());
            written.files.extend(entry.files.iter().map(|(path, _)| places.day.join(path)));
            entries.push(entry);
            progress("statements", at as u64 + 1, all);
            Ok(())
        },
    )?;
    if request.messages {
        let fresh: BTreeSet<&str> = entries.iter().map(|e| e.message.as_str()).collect();
        written.stale_messages = stale(&places.day.join(OUTBOX), &fresh)?;
    }
    if request.customers.is_empty() {
        let everyone = book.parties().keys().filter(|key| company.is_none_or(|c| c == key.0)).count();
        written.left_out = everyone - keys.len();
        written.index = run.index(entries, written.left_out, project.config.lang, figures.load_id())?;
    }
    Ok(written)
}

fn formats(request: &StatementRequest) -> Result<Vec<String>> {
    if let Some(unknown) = request.formats.iter().find(|f| !STATEMENT_FORMATS.contains(&f.as_str())) {
        return Err(
            Error::usage(format!("`{unknown}` is not a format of statements")).hint(format!("formats: {}", STATEMENT_FORMATS.join(", ")))
        );
    }
    let asked = STATEMENT_FORMATS.iter().filter(|f| request.formats.iter().any(|r| r == **f));
    let formats: Vec<String> = asked.map(|f| (*f).to_string()).collect();
    if request.messages && !formats.iter().any(|f| f == "pdf") {
        return Err(Error::usage("messages carry the PDF, which is not among the formats").hint("add pdf to --format, or leave --eml out"));
    }
    Ok(formats)
}

fn book(project: &Project, request: &StatementRequest, figures: &Figures) -> Result<Book> {
    let records: Vec<LoadRecord> = project.store.records()?.into_iter().filter(|r| r.load_id <= figures.load_id()).collect();
    let Some(newest) = records.last() else {
        return Err(Error::data("the history is empty: there is nothing to state").hint("load extracts first: `cartera load PATH…`"));
    };
    let asked = Request {
        as_of: request.as_of,
        from: request.from,
        lang: request.lang,
        default_lang: project.config.lang,
        load: LoadProof {
            load_id: newest.load_id,
            loaded_at: newest.facts.loaded_at.clone(),
            movement_count: records.iter().map(|r| r.rows("movements") as i64).sum(),
            movements_digest: movements_digest(&records),
            program_version: env!("CARGO_PKG_VERSION").to_string(),
        },
        payees: project.config.payees.clone(),
    };
    figures.prepare(asked.questions(), &mut |_, _| {});
    Book::open(asked, figures)
}

/// Payment instructions of a company that is not there are a misspelt company: its customers would not be told where to pay.
fn known_payees(project: &Project, book: &Book) -> Result<()> {
    let companies: BTreeSet<&str> = book.parties().keys().map(|key| key.0.as_str()).collect();
    let unknown = project.config.payees.keys().find(|company| !companies.contains(company.as_str()));
    let Some(unknown) = unknown else { return Ok(()) };
    let error = Error::usage(format!("cartera.toml has [statement.{unknown}], and no company with customers is called so"));
    Err(match nearest(unknown, companies.iter().copied()) {
        Some(near) => error.hint(format!("did you mean [statement.{near}]?")),
        None => error.hint(format!("companies: {}", companies.into_iter().collect::<Vec<_>>().join(", "))),
    })
}

/// Where files lie; the name of a customer's does not depend on who else gets a statement.
struct Places {
    day: PathBuf,
    companies: BTreeMap<String, String>,
    customers: BTreeMap<String, BTreeMap<String, String>>,
}

impl Places {
    fn new(request: &StatementRequest, book: &Book) -> Places {
        let mut ids: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (company, customer) in book.parties().keys() {
            ids.entry(company).or_default().push(customer);
        }
        Places {
            day: request.out.join(request.as_of.to_string()),
            companies: names(ids.keys().copied(), &[OUTBOX, "index.csv", "index.html"]),
            customers: ids.into_iter().map(|(company, ids)| (company.to_string(), names(ids, &[INDEX]))).collect(),
        }
    }

    /// Names of company and customer.
    fn of(&self, key: &Key) -> Result<(&str, &str)> {
        let customer = self.customers.get(&key.0).and_then(|names| names.get(&key.1));
        let pair = self.companies.get(&key.0).zip(customer);
        pair.map(|(a, b)| (a.as_str(), b.as_str())).ok_or_else(|| Error::internal("a statement of nobody"))
    }
}

/// What the threads share.
struct Run<'a> {
    request: &'a StatementRequest,
    book: &'a Book,
    places: &'a Places,
    formats: &'a [String],
}

impl Run<'_> {
    fn write(&self, key: &Key) -> Result<render::Entry> {
        let statement = self.book.statement(key)?;
        let (company, customer) = self.places.of(key)?;
        let letter = if self.request.messages { self.book.letter(key, &statement)? } else { None };
        let mut entry = entry(&statement, self.book.parties().get(key).is_some_and(|r| !r.emails.is_empty()));
        for format in self.formats {
            let bytes = match format.as_str() {
                "pdf" => render::pdf(&statement)?,
                "html" => render::html(&statement)?.into_bytes(),
                "csv" => render::csv(&statement)?,
                _ => render::json(&statement)?.into_bytes(),
            };
            let path = format!("{company}/{customer}.{format}");
            self.put(&path, &bytes)?;
            if let Some(letter) = letter.as_ref().filter(|_| format == "pdf") {
                entry.message = format!("{OUTBOX}/{company}+{customer}.eml");
                let name = format!("{customer}+{}.pdf", self.request.as_of);
                self.put(&entry.message, &eml::message(letter, self.request.as_of, &name, &bytes)?)?;
            }
            entry.files.push((path, hex(&Sha256::digest(&bytes))));
        }
        Ok(entry)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<()> {
        let path = self.places.day.join(path);
        let folder = path.parent().unwrap_or(&self.places.day);
        std::fs::create_dir_all(folder).map_err(|e| Error::io(format!("cannot make the folder {}", folder.display()), e))?;
        write_whole(&path, bytes)
    }

    /// The index of the day, or of the one company asked for.
    fn index(&self, mut entries: Vec<render::Entry>, left_out: usize, lang: Lang, load_id: i32) -> Result<Vec<PathBuf>> {
        let lang = self.request.lang.unwrap_or(lang);
        let folder = match &self.request.company {
            None => String::new(),
            Some(company) => {
                let name = self.places.companies.get(company).ok_or_else(|| Error::internal("a company without a folder"))?;
                for entry in &mut entries {
                    let beside = |path: &str| path.strip_prefix(&format!("{name}/")).map_or_else(|| format!("../{path}"), str::to_string);
                    entry.files.iter_mut().for_each(|file| file.0 = beside(&file.0));
                    if !entry.message.is_empty() {
                        entry.message = beside(&entry.message);
                    }
                }
                format!("{name}/")
            }
        };
        let index = render::Index {
            lang,
            words: self.book.words(lang)?,
            as_of: self.request.as_of,
            load_id,
            formats: self.formats.to_vec(),
            entries,
            left_out,
        };
        let mut files = Vec::new();
        for (ending, bytes) in [("html", render::index_html(&index)?.into_bytes()), ("csv", render::index_csv(&index)?)] {
            let path = format!("{folder}{INDEX}.{ending}");
            self.put(&path, &bytes)?;
            files.push(self.places.day.join(path));
        }
        Ok(files)
    }
}

fn entry(statement: &Statement, has_email: bool) -> render::Entry {
    render::Entry {
        company_id: statement.company.id.clone(),
        customer_id: statement.customer.id.clone(),
        customer_name: statement.customer.name.clone(),
        number: statement.number.clone(),
        lang: statement.lang,
        has_email,
        totals: statement.sections.iter().map(|s| (s.currency.clone(), s.balance, s.past_due, s.items.len())).collect(),
        files: Vec::new(),
        message: String::new(),
    }
}

/// Messages of earlier runs: somebody might send them with those of this one.
fn stale(outbox: &Path, fresh: &BTreeSet<&str>) -> Result<usize> {
    if !outbox.is_dir() {
        return Ok(0);
    }
    let cannot = |e| Error::io(format!("cannot read {}", outbox.display()), e);
    let mut count = 0;
    for file in std::fs::read_dir(outbox).map_err(cannot)? {
        let name = file.map_err(cannot)?.file_name().to_string_lossy().into_owned();
        count += usize::from(name.ends_with(".eml") && !fresh.contains(format!("{OUTBOX}/{name}").as_str()));
    }
    Ok(count)
}
