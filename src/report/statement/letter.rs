//! The letter that a statement is mailed with: addressees, subject and a few lines, in the customer's language.
//!
//! Plain data: how a message is written so that nothing in it can become a header is left to the renderer.

use super::{Book, Key, Statement};
use crate::error::{Error, Result};

/// A letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Letter {
    /// Sender: name and address.
    pub from: (String, String),
    /// Name of the addressee.
    pub to_name: String,
    /// Its addresses.
    pub to: Vec<String>,
    /// Subject.
    pub subject: String,
    /// Lines of text.
    pub body: String,
}

impl Book {
    /// An error if a company whose customers would get a letter has no address to send it from.
    pub fn must_have_senders(&self, keys: &[Key]) -> Result<()> {
        let with_address = |key: &&Key| self.parties().get(*key).is_some_and(|r| !r.emails.is_empty());
        keys.iter().filter(with_address).try_for_each(|key| self.sender(&key.0).map(|_| ()))
    }

    fn sender(&self, company: &str) -> Result<&str> {
        self.request.payees.get(company).and_then(|payee| payee.from.as_deref()).ok_or_else(|| {
            Error::usage(format!("cartera.toml gives no address that statements of {company} are mailed from"))
                .hint(format!("add [statement.{company}] with from = \"name@company.com\""))
        })
    }

    /// The letter for a statement; none for a customer without an e-mail address.
    pub fn letter(&self, key: &Key, statement: &Statement) -> Result<Option<Letter>> {
        let Some(recipient) = self.parties().get(key).filter(|r| !r.emails.is_empty()) else { return Ok(None) };
        let from = self.sender(&key.0)?.to_string();
        let (text, _) = self.texts.get(statement.lang.code()).ok_or_else(|| Error::internal("a language without texts"))?;
        let day = statement.lang.day(statement.as_of);
        let common = [
            ("number", statement.number.as_str()),
            ("as_of", &day),
            ("company", &statement.company.name),
            ("customer", &statement.customer.name),
        ];
        let mut lines = Vec::new();
        for section in &statement.sections {
            let (balance, past_due) = (statement.money(section.balance), statement.money(section.past_due));
            lines.push(
                text.fill("statement.mail_line", &[("currency", &section.currency), ("balance", &balance), ("past_due", &past_due)])?,
            );
        }
        if lines.is_empty() {
            lines.push(text.get("statement.nothing_open")?.to_string());
        }
        let mut body = vec![text.fill("statement.mail_opening", &common)?, text.fill("statement.mail_text", &common)?, lines.join("\n")];
        if !statement.contact.is_empty() {
            body.push(text.fill("statement.mail_contact", &[("contact", &statement.contact)])?);
        }
        body.push(text.fill("statement.mail_closing", &common)?);
        Ok(Some(Letter {
            from: (statement.company.name.clone(), from),
            to_name: statement.customer.name.clone(),
            to: recipient.emails.clone(),
            subject: text.fill("statement.mail_subject", &common)?,
            body: body.join("\n\n"),
        }))
    }
}
