//! The catalogue: every query file parsed, checked against its own header and against the others.
//!
//! Built once when an engine opens; after it, names, parameters and calls are known to be right, so that the planner only plans. Of the
//! files that ship only the headers are read then: that their SQL keeps them is tested, and parsing all of it would cost every start.

use super::header::{Header, wrong};
use super::shipped::SHIPPED;
use super::syntax;
use crate::domain::digest::hex;
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use datafusion::sql::sqlparser::ast::{Query, Statement};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

/// One query file.
#[derive(Debug, Clone)]
pub struct QueryFile {
    /// Its path in the project, with forward slashes.
    pub path: String,
    /// Its header.
    pub header: Header,
    /// Its whole text.
    pub sql: String,
    /// SHA-256 of its text, in hexadecimal digits.
    pub digest: String,
    /// Queries it calls.
    pub calls: BTreeSet<String>,
    /// Tables it names.
    pub tables: BTreeSet<String>,
    body: OnceLock<Box<Query>>,
}

/// Every query file, by name.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    files: BTreeMap<String, QueryFile>,
}

impl Catalogue {
    /// Parses files given as path and text.
    pub fn parse<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Catalogue> {
        let mut catalogue = Catalogue::default();
        for (path, text) in files {
            let file = QueryFile::parse(path, text)?;
            if let Some(other) = catalogue.files.get(&file.header.name) {
                return Err(Error::usage(format!("{path} and {} both define `{}`", other.path, file.header.name)));
            }
            catalogue.files.insert(file.header.name.clone(), file);
        }
        catalogue.refuse_cycles()?;
        Ok(catalogue)
    }

    /// The files that ship, believed: what they read is what their headers say, and their SQL is parsed when it is planned.
    pub fn shipped() -> Result<Catalogue> {
        let headers: Result<Vec<Header>> = SHIPPED.iter().map(|(path, text)| Header::parse(path, text)).collect();
        let headers = headers?;
        let names: BTreeSet<String> = headers.iter().map(|h| h.name.clone()).collect();
        let file = |(header, (path, text)): (Header, &(&str, &str))| {
            let (calls, tables) = header.reads.iter().cloned().partition(|name| names.contains(name));
            let digest = hex(&Sha256::digest(text.as_bytes()));
            let file = QueryFile { path: path.to_string(), digest, sql: text.to_string(), calls, tables, body: OnceLock::new(), header };
            (file.header.name.clone(), file)
        };
        Ok(Catalogue { files: headers.into_iter().zip(SHIPPED).map(file).collect() })
    }

    /// Every file, by name.
    pub fn files(&self) -> impl Iterator<Item = &QueryFile> {
        self.files.values()
    }

    /// The file of that name.
    pub fn get(&self, name: &str) -> Option<&QueryFile> {
        self.files.get(name)
    }

    /// The file of that name, or an error that names the nearest.
    pub fn find(&self, name: &str) -> Result<&QueryFile> {
        self.files.get(name).ok_or_else(|| {
            let error = Error::missing(format!("there is no query `{name}`"));
            match nearest(name, self.files.keys().map(String::as_str)) {
                Some(near) => error.hint(format!("did you mean {}?", self.files[near].header.signature())),
                None => error.hint(format!("queries are: {}", self.files.keys().cloned().collect::<Vec<_>>().join(", "))),
            }
        })
    }

    fn refuse_cycles(&self) -> Result<()> {
        let mut done = BTreeSet::new();
        self.files.keys().try_for_each(|name| self.walk(name, &mut Vec::new(), &mut done))
    }

    fn walk<'a>(&'a self, name: &'a str, path: &mut Vec<&'a str>, done: &mut BTreeSet<&'a str>) -> Result<()> {
        if let Some(at) = path.iter().position(|p| *p == name) {
            let circle: Vec<&str> = path[at..].iter().copied().chain([name]).collect();
            return Err(Error::usage(format!("{}: the query calls itself: {}", self.files[name].path, circle.join(" → "))));
        }
        let Some(file) = self.files.get(name) else { return Ok(()) };
        if done.contains(name) {
            return Ok(());
        }
        path.push(name);
        for called in &file.calls {
            if !self.files.contains_key(called) {
                let near = nearest(called, self.files.keys().map(String::as_str));
                let error = Error::usage(format!("{}: it calls `{called}`, which is no query", file.path));
                return Err(match near {
                    Some(near) => error.hint(format!("did you mean `{near}`?")),
                    None => error,
                });
            }
            self.walk(called, path, done)?;
        }
        path.pop();
        done.insert(name);
        Ok(())
    }
}

impl QueryFile {
    fn parse(path: &str, text: &str) -> Result<QueryFile> {
        let header = Header::parse(path, text)?;
        let body = one_query(text).map_err(|e| e.context(path.to_string()))?;
        let uses = syntax::uses(&body).map_err(|e| e.context(path.to_string()))?;
        for (placeholder, (line, _)) in &uses.placeholders {
            if header.parameter(placeholder.trim_start_matches('$')).is_none() {
                return Err(wrong(path, *line as usize, format!("`{placeholder}` is not declared in `params:`")));
            }
        }
        let params_line = text.lines().position(|l| l.starts_with("-- params:")).map_or(1, |at| at + 1);
        for param in &header.params {
            if !uses.placeholders.contains_key(&format!("${}", param.name)) {
                return Err(wrong(path, params_line, format!("parameter `{}` is declared but not used", param.name)));
            }
        }
        Ok(QueryFile {
            path: path.to_string(),
            digest: hex(&Sha256::digest(text.as_bytes())),
            sql: text.to_string(),
            calls: uses.calls,
            tables: uses.tables,
            body: OnceLock::from(typed(body, &header)),
            header,
        })
    }

    /// Its SQL, parsed.
    pub(super) fn body(&self) -> Result<&Query> {
        if let Some(body) = self.body.get() {
            return Ok(body);
        }
        let body = one_query(&self.sql).map_err(|e| e.context(self.path.clone()))?;
        Ok(self.body.get_or_init(|| typed(body, &self.header)))
    }

    /// A SELECT of the header, a law or the documents behind a column. Parsed when it is asked for: most runs ask for none.
    pub(super) fn beside(&self, line: usize, sql: &str) -> Result<Query> {
        let query = one_query(sql).map_err(|e| wrong(&self.path, line, e.to_string()))?;
        for placeholder in syntax::uses(&query)?.placeholders.keys() {
            if self.header.parameter(placeholder.trim_start_matches('$')).is_none() {
                return Err(wrong(&self.path, line, format!("`{placeholder}` is not declared in `params:`")));
            }
        }
        Ok(*typed(query, &self.header))
    }
}

fn typed(mut query: Box<Query>, header: &Header) -> Box<Query> {
    syntax::give_types(&mut query, |name| header.parameter(name));
    query
}

fn one_query(text: &str) -> Result<Box<Query>> {
    let mut statements = syntax::parse(text)?;
    match (statements.len(), statements.pop()) {
        (1, Some(Statement::Query(query))) => Ok(query),
        _ => Err(Error::usage("it is not exactly one SELECT")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, params: &str, body: &str) -> (String, String) {
        let text = format!(
            "-- name: {name}\n-- answers: ?\n-- grain: one row\n-- params: {params}\n-- reads: none\n-- columns: n int\n-- order: n\n-- unit: none\n-- source: test\n{body}\n"
        );
        (format!("q/{name}.sql"), text)
    }
    fn catalogue(files: &[(String, String)]) -> Result<Catalogue> {
        Catalogue::parse(files.iter().map(|(p, t)| (p.as_str(), t.as_str())))
    }

    #[test]
    fn header_and_body_must_agree() {
        for (params, body, says) in [
            ("none", "select 1 as n where $day is null", "q/a.sql:10: `$day` is not declared"),
            ("day date", "select 1 as n", "q/a.sql:4: parameter `day` is declared but not used"),
            ("none", "select 1 as n; select 2 as n", "not exactly one SELECT"),
            ("none", "delete from x", "not exactly one SELECT"),
            ("none", "select 1 as", "cannot be read"),
            ("none", "select n from b(1)", "`b`, which is no query"),
            ("none", "select x.n from x, lateral b(x.n) as y", "lateral"),
            ("none", "select n from x where n in (select n from b(x.n))", "`x.n` of `b` depends on rows"),
        ] {
            let error = catalogue(&[file("a", params, body)]).unwrap_err().to_string();
            assert!(error.contains(says), "{body}: {error}");
        }
    }

    #[test]
    fn shipped_files_believed_are_those_parsed() {
        let (believed, parsed) = (Catalogue::shipped().unwrap(), Catalogue::parse(SHIPPED.iter().copied()).unwrap());
        assert_eq!(believed.files.len(), parsed.files.len());
        for (a, b) in believed.files().zip(parsed.files()) {
            assert_eq!((&a.path, &a.digest, &a.calls, &a.tables), (&b.path, &b.digest, &b.calls, &b.tables));
            assert_eq!(a.body().unwrap(), b.body().unwrap());
        }
    }

    #[test]
    fn circles_are_refused_and_shown() {
        let files =
            [file("a", "none", "select n from b()"), file("b", "none", "select n from c()"), file("c", "none", "select n from b()")];
        let error = catalogue(&files).unwrap_err().to_string();
        assert!(error.contains("b → c → b"), "{error}");
        assert!(catalogue(&[file("a", "none", "select n from b()"), file("b", "none", "select 1 as n")]).is_ok());
    }
}
