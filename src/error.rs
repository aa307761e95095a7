//! The one error of the crate: we could not do what was asked, where, and what to do next.
//!
//! Separate from [`crate::domain::finding`]: an error stops the command, a finding says something about the data and is
//! stored. Callers branch on the predicates, never on the text.

use std::fmt;

/// What went wrong, in the order a reader needs it: what, where it happened, the next step.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    kind: Kind,
    message: String,
    context: Vec<String>,
    hint: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// The broad class of an error; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Usage,
    Io,
    Data,
    Internal,
    Missing,
}

/// Result of everything in the crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    fn new(kind: Kind, message: impl Into<String>) -> Self {
        Error(Box::new(Inner { kind, message: message.into(), context: Vec::new(), hint: None, source: None }))
    }
    /// The request or the configuration is wrong (exit code 2).
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }
    /// The data cannot answer or cannot be taken (exit code 1).
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(Kind::Data, message)
    }
    /// Something asked for does not exist (exit code 1).
    pub fn missing(message: impl Into<String>) -> Self {
        Self::new(Kind::Missing, message)
    }
    /// A broken promise of our own code (exit code 1).
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Kind::Internal, message)
    }
    /// The operating system refused (exit code 1); `what` names the action and the path.
    pub fn io(what: impl Into<String>, source: std::io::Error) -> Self {
        let mut error = Self::new(Kind::Io, what);
        error.0.source = Some(Box::new(source));
        error
    }
    /// Adds where it happened, outermost last.
    pub fn context(mut self, context: impl Into<String>) -> Self {
        self.0.context.push(context.into());
        self
    }
    /// Adds the next step for the reader.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }
    /// Adds the cause.
    pub fn caused_by(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }
    /// Whether the request or the configuration was wrong.
    pub fn is_usage(&self) -> bool {
        self.0.kind == Kind::Usage
    }
    /// Whether something asked for does not exist.
    pub fn is_missing(&self) -> bool {
        self.0.kind == Kind::Missing
    }
    /// Whether the operating system refused.
    pub fn is_io(&self) -> bool {
        self.0.kind == Kind::Io
    }
    /// Whether our own code broke a promise.
    pub fn is_internal(&self) -> bool {
        self.0.kind == Kind::Internal
    }
    /// The next step, if one is known.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {source}")?;
        }
        for context in &self.0.context {
            write!(f, "\n  in {context}")?;
        }
        if let Some(hint) = &self.0.hint {
            write!(f, "\n  next: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|s| s.as_ref() as _)
    }
}
