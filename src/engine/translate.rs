//! Engine errors in the reader's words: what is wrong, what exists instead, the next step; no names of internal types.

use super::planner::House;
use crate::domain::spelling::nearest;
use crate::error::Error;
use datafusion::arrow::error::ArrowError;
use datafusion::common::SchemaError;
use datafusion::error::DataFusionError;

/// Longest list of names in a hint.
const LISTED: usize = 40;

/// The error behind an engine error.
pub(super) fn translate(error: DataFusionError, house: &House) -> Error {
    match error {
        DataFusionError::Context(_, inner) | DataFusionError::Diagnostic(_, inner) => translate(*inner, house),
        DataFusionError::Collection(mut errors) if !errors.is_empty() => translate(errors.swap_remove(0), house),
        DataFusionError::Shared(inner) => match std::sync::Arc::try_unwrap(inner) {
            Ok(inner) => translate(inner, house),
            // Several partitions hold the same error: it cannot be taken apart, only told again.
            Err(inner) => match inner.find_root() {
                DataFusionError::External(ours) if ours.is::<Error>() => Error::data(ours.to_string()),
                DataFusionError::ResourcesExhausted(what) => translate(DataFusionError::ResourcesExhausted(what.clone()), house),
                other => Error::data(tidy(&other.strip_backtrace())),
            },
        },
        DataFusionError::External(inner) => external(inner, house),
        DataFusionError::ArrowError(inner, _) => match *inner {
            ArrowError::ExternalError(inner) => external(inner, house),
            other => Error::data(tidy(&other.to_string())),
        },
        DataFusionError::SchemaError(inner, _) => schema_error(&inner),
        DataFusionError::SQL(inner, _) => Error::usage(format!("the SQL cannot be read: {inner}")),
        DataFusionError::NotImplemented(what) => Error::usage(format!("not supported: {}", tidy(&what))),
        DataFusionError::ResourcesExhausted(what) => Error::data("the query needs more memory than it may use")
            .hint("ask for fewer rows or columns, group earlier, or run it where there is more memory: queries may take half of it")
            .caused_by(memory(&what)),
        DataFusionError::ParquetError(inner) => Error::data("a data file cannot be read")
            .hint("run `cartera verify`; a damaged file is restored from a copy, never edited")
            .caused_by(inner.to_string()),
        DataFusionError::ObjectStore(inner) => {
            Error::data("a data file cannot be read").hint("run `cartera verify`").caused_by(inner.to_string())
        }
        DataFusionError::IoError(inner) => Error::io("a data file cannot be read", inner),
        DataFusionError::Plan(what) => plan_error(&what, house),
        DataFusionError::Execution(what) => Error::data(tidy(&what)),
        other => plan_error(&other.strip_backtrace(), house),
    }
}

fn external(inner: Box<dyn std::error::Error + Send + Sync>, house: &House) -> Error {
    match inner.downcast::<Error>() {
        Ok(ours) => *ours,
        Err(inner) => match inner.downcast::<DataFusionError>() {
            Ok(theirs) => translate(*theirs, house),
            Err(other) => Error::data(tidy(&other.to_string())),
        },
    }
}

fn schema_error(error: &SchemaError) -> Error {
    match error {
        SchemaError::FieldNotFound { field, valid_fields } => {
            let error = Error::usage(format!("there is no column `{}`", field.flat_name()));
            let mut names: Vec<&str> = Vec::new();
            for valid in valid_fields {
                if !names.contains(&valid.name.as_str()) {
                    names.push(&valid.name);
                }
            }
            if names.is_empty() {
                return error.hint("no columns exist at that place");
            }
            let listed = list(&names);
            match nearest(&field.name, names.iter().copied()) {
                Some(near) => error.hint(format!("did you mean `{near}`? columns here are: {listed}")),
                None => error.hint(format!("columns here are: {listed}")),
            }
        }
        SchemaError::AmbiguousReference { field } => Error::usage(format!("column `{}` is in more than one table", field.name))
            .hint("write the table before it, as in `a.company_id`"),
        SchemaError::DuplicateQualifiedField { name, .. } | SchemaError::DuplicateUnqualifiedField { name } => {
            Error::usage(format!("column `{name}` stands twice")).hint("give one of them another name with `as`")
        }
    }
}

fn plan_error(what: &str, house: &House) -> Error {
    let what = what.split("\n\nbacktrace:").next().unwrap_or(what);
    if let Some(name) = what.strip_prefix("Invalid function '").and_then(|w| w.split('\'').next()) {
        let error = Error::usage(format!("there is no function `{name}`"));
        if let Some(file) = house.catalogue.get(name) {
            return error.hint(format!("it is a query and stands in FROM: select * from {}", file.header.signature()));
        }
        let state = &house.state;
        let names = state.scalar_functions().keys().chain(state.aggregate_functions().keys()).chain(state.window_functions().keys());
        return match nearest(name, names.map(String::as_str)) {
            Some(near) => error.hint(format!("did you mean `{near}`?")),
            None => error.hint("`select * from catalogue` lists tables and queries"),
        };
    }
    if let Some(name) = what.strip_prefix("table '").and_then(|w| w.strip_suffix("' not found")) {
        let catalog = &house.state.config_options().catalog;
        let default = format!("{}.{}.", catalog.default_catalog, catalog.default_schema);
        return match name.strip_prefix(&default) {
            Some(name) => house.no_table(name),
            None => {
                let name = name.strip_prefix(&format!("{}.", catalog.default_catalog)).unwrap_or(name);
                Error::missing(format!("there is no table `{name}`")).hint("tables have no schema before their name")
            }
        };
    }
    if let Some(said) = wrong_arguments(what) {
        return Error::usage(said);
    }
    let ungrouped = what.split("column \"").nth(1).filter(|_| what.contains("must appear in the GROUP BY clause"));
    if let Some(column) = ungrouped.and_then(|w| w.split('"').next()) {
        return Error::usage(format!("column `{column}` is neither grouped nor aggregated"))
            .hint("add it to GROUP BY, or take its sum, min, max or count");
    }
    if let Some((_, twice)) = what.split_once("require unique expression names but the expression \"") {
        let name = twice.split('"').next().unwrap_or_default();
        let name = name.rsplit(" AS ").next().unwrap_or(name);
        return Error::usage(format!("two columns are called `{name}`")).hint("give one of them another name with `as`");
    }
    Error::usage(tidy(what))
}

/// A call of a built-in function with arguments it does not take.
fn wrong_arguments(what: &str) -> Option<String> {
    if let Some((_, reason)) = what.split_once("user-defined coercion failed with: ") {
        // Our own functions say themselves what they take.
        let reason = reason.split(" No function matches").next().unwrap_or(reason);
        return Some(tidy(reason));
    }
    let name = match what.split_once("Function '") {
        Some((_, rest)) if what.contains("failed to match any signature") => rest.split('\'').next()?,
        _ => what.split_once("No function matches the given name and argument types '")?.1.split('(').next()?,
    };
    match what.rsplit_once("(DataType: ").and_then(|(_, rest)| rest.split(").").next()) {
        Some(kind) => Some(format!("`{name}` does not take {}", plain_types(kind.trim_end_matches(')')))),
        None => Some(format!("`{name}` does not take these arguments")),
    }
}

/// The line of an allocation failure that says how much was asked for.
fn memory(what: &str) -> String {
    let line = what.lines().find(|l| l.contains("Failed to allocate")).or(what.lines().next()).unwrap_or_default();
    tidy(line.trim_start_matches("Resources exhausted: "))
}

fn list(names: &[&str]) -> String {
    let more = names.len().saturating_sub(LISTED);
    let listed = names.iter().take(LISTED).copied().collect::<Vec<_>>().join(", ");
    if more == 0 { listed } else { format!("{listed} and {more} more") }
}

/// Takes the engine's prefixes and back traces off a message.
fn tidy(message: &str) -> String {
    const PREFIXES: [&str; 11] = [
        "Internal error: ",
        "Error during planning: ",
        "Execution error: ",
        "Arrow error: ",
        "External error: ",
        "Schema error: ",
        "Optimizer rule ",
        "This feature is not implemented: ",
        "Invalid argument error: ",
        "Cast error: ",
        "Compute error: ",
    ];
    let mut message = message.split("\n\nbacktrace:").next().unwrap_or(message).trim();
    while let Some(rest) = PREFIXES.iter().find_map(|p| message.strip_prefix(p)) {
        message = rest;
    }
    let message = message.split("\nThis issue was likely caused by").next().unwrap_or(message);
    plain_types(message).trim_end_matches(['.', '\n']).to_string()
}

/// Names of internal types as a reader knows them; `Int64(1)` becomes `1`.
fn plain_types(message: &str) -> String {
    const TYPES: [(&str, &str); 16] = [
        ("LargeUtf8", "text"),
        ("Utf8View", "text"),
        ("Utf8", "text"),
        ("UInt64", "int"),
        ("UInt32", "int"),
        ("UInt16", "int"),
        ("UInt8", "int"),
        ("Int64", "int"),
        ("Int32", "int"),
        ("Int16", "int"),
        ("Int8", "int"),
        ("Date32", "date"),
        ("Float64", "float"),
        ("Float32", "float"),
        ("Boolean", "bool"),
        ("Decimal128", "decimal"),
    ];
    let mut message = message.to_string();
    for (internal, plain) in TYPES {
        if plain != "decimal" {
            while let Some(start) = message.find(&format!("{internal}(")) {
                let inside = start + internal.len() + 1;
                let Some(end) = message[inside..].find(')').map(|e| inside + e) else { break };
                message = format!("{}{}{}", &message[..start], &message[inside..end], &message[end + 1..]);
            }
        }
        message = message.replace(internal, plain);
    }
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_names_are_put_into_words() {
        assert_eq!(tidy("Error during planning: Cannot coerce Utf8 + Int64 to valid types"), "Cannot coerce text + int to valid types");
        assert_eq!(tidy("Arrow error: Cast error: Utf8(\"x\") is no Decimal128(18, 2)."), "\"x\" is no decimal(18, 2)");
        assert_eq!(tidy("Execution error: a Date32( b"), "a date( b");
    }
}
