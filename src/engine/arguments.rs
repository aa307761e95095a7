//! Arguments of a call: checked against the parameters of the query, defaults filled in, computed where they are values.

use super::catalogue::QueryFile;
use super::header::{DefaultValue, Kind, Param};
use super::planner::{House, refuse};
use super::view::View;
use crate::domain::days::{epoch_day, parse_day};
use crate::domain::spelling::nearest;
use crate::error::Error;
use chrono::NaiveDate;
use datafusion::arrow::datatypes::DataType;
use datafusion::common::{DFSchema, Result, ScalarValue};
use datafusion::logical_expr::simplify::SimplifyContext;
use datafusion::logical_expr::{Expr, ExprSchemable, cast, lit};
use datafusion::optimizer::simplify_expressions::ExprSimplifier;
use std::sync::Arc;

impl View {
    /// The arguments of a call by placeholder in the order of the parameters, the load last; checked, defaults filled in.
    pub(super) fn arguments(&self, file: &QueryFile, arguments: Vec<Expr>) -> Result<Vec<(String, Expr)>> {
        let header = &file.header;
        let wrong = |message: String| refuse(Error::usage(message).hint(format!("call it as {}", header.signature())));
        let needed = header.params.iter().filter(|p| p.default.is_none()).count();
        if arguments.len() < needed || arguments.len() > header.params.len() + 1 {
            let missing: Vec<&str> = header.params.iter().take(needed).skip(arguments.len()).map(|p| p.name.as_str()).collect();
            return Err(wrong(match missing.is_empty() {
                true => format!("`{}` takes at most {} arguments, not {}", header.name, header.params.len() + 1, arguments.len()),
                false => format!("the call of `{}` lacks {}", header.name, missing.join(", ")),
            }));
        }
        let load = Param { name: "load".to_string(), kind: Kind::Int, default: Some(DefaultValue::Load), choices: Vec::new() };
        let mut given = arguments.into_iter();
        let mut values = Vec::with_capacity(header.params.len() + 1);
        for param in header.params.iter().chain([&load]) {
            let value = match (given.next(), &param.default) {
                (Some(argument), _) => self.argument(param, argument).map_err(|says| wrong(format!("`{}`: {says}", header.name)))?,
                (None, Some(DefaultValue::Load)) => self.load.clone(),
                (None, Some(default)) => default_expr(param.kind, default),
                (None, None) => return Err(refuse(Error::internal("an argument was counted but is not there"))),
            };
            values.push((format!("${}", param.name), value));
        }
        let day = |name: &str| match values.iter().find(|(n, _)| n == name) {
            Some((_, Expr::Literal(ScalarValue::Date32(Some(day)), _))) => Some(*day),
            _ => None,
        };
        if let (Some(from), Some(to)) = (day("$from"), day("$to"))
            && to < from
        {
            let said = |day| NaiveDate::from_epoch_days(day).map_or_else(String::new, |d| d.to_string());
            return Err(wrong(format!("`{}`: its last day {} lies before its first, {}", header.name, said(to), said(from))));
        }
        Ok(values)
    }

    fn argument(&self, param: &Param, argument: Expr) -> std::result::Result<Expr, String> {
        let said = match &argument {
            Expr::Literal(value, _) if value.is_null() => "NULL".to_string(),
            Expr::Literal(ScalarValue::Utf8(Some(text)), _) => format!("'{text}'"),
            other => other.human_display().to_string(),
        };
        let not = |reason: &str| format!("{} {} cannot be {said}{reason}", param.name, param.kind.as_str());
        let argument = self.house.computed(argument).map_err(|e| not(&format!(" ({})", e.strip_backtrace())))?;
        if let Expr::Literal(value, _) = argument {
            let value = literal(param, &value).ok_or_else(|| not(""))?;
            if let (ScalarValue::Int32(Some(load)), "load") = (&value, param.name.as_str())
                && !(0..=self.house.history.load_id).contains(load)
            {
                return Err(format!("there is no load {load}; the newest is {}", self.house.history.load_id));
            }
            if let Some(Some(word)) = value.try_as_str()
                && !param.choices.is_empty()
                && !param.choices.iter().any(|choice| choice == word)
            {
                let near = nearest(word, param.choices.iter().map(String::as_str));
                let meant = near.map_or_else(String::new, |near| format!("; did you mean '{near}'?"));
                return Err(format!("{} is one of {}, not '{word}'{meant}", param.name, param.choices.join(", ")));
            }
            return Ok(lit(value));
        }
        let found = argument.get_type(&DFSchema::empty()).map_err(|e| not(&format!(" ({})", e.strip_backtrace())))?;
        if !fits(param.kind, &found) {
            return Err(not(""));
        }
        Ok(if found == param.kind.parameter_type() { argument } else { cast(argument, param.kind.parameter_type()) })
    }
}

impl House {
    /// An expression without columns, as a value where it can be one.
    pub(super) fn computed(&self, expr: Expr) -> Result<Expr> {
        if matches!(expr, Expr::Literal(..)) {
            return Ok(expr);
        }
        let context = SimplifyContext::builder()
            .with_config_options(Arc::clone(self.state.config_options()))
            .with_query_execution_start_time(self.state.execution_props().query_execution_start_time)
            .build();
        let simplifier = ExprSimplifier::new(context);
        simplifier.simplify(simplifier.coerce(expr, &DFSchema::empty())?)
    }
}

/// Whether an expression of that type may be given for a parameter.
fn fits(kind: Kind, found: &DataType) -> bool {
    match kind {
        Kind::Id | Kind::Text => matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
        Kind::Date => matches!(found, DataType::Date32 | DataType::Date64 | DataType::Timestamp(..)),
        Kind::Int => found.is_integer(),
        Kind::Money | Kind::Rate | Kind::Ratio | Kind::Pct | Kind::Days => {
            found.is_integer() || matches!(found, DataType::Decimal128(..) | DataType::Decimal256(..))
        }
        Kind::Bool => *found == DataType::Boolean,
    }
}

/// A literal as a value of a parameter; `None` if it cannot be one.
fn literal(param: &Param, value: &ScalarValue) -> Option<ScalarValue> {
    let target = param.kind.parameter_type();
    if value.is_null() {
        return (param.default == Some(DefaultValue::Null)).then(|| ScalarValue::try_from(&target).ok()).flatten();
    }
    if param.kind == Kind::Date
        && let Some(Some(text)) = value.try_as_str()
    {
        return parse_day(text.trim()).map(|day| ScalarValue::Date32(Some(epoch_day(day))));
    }
    if !fits(param.kind, &value.data_type()) {
        return None;
    }
    let cast = value.cast_to(&target).ok()?;
    // An amount with more decimals than the parameter would be rounded in silence.
    let same = cast.cast_to(&value.data_type()).ok().is_some_and(|back| back == *value);
    (!cast.is_null() && (same || param.kind == Kind::Date)).then_some(cast)
}

fn default_expr(kind: Kind, default: &DefaultValue) -> Expr {
    let value = match default {
        DefaultValue::Null | DefaultValue::Load => ScalarValue::Null,
        DefaultValue::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        DefaultValue::Int(number) => ScalarValue::Int64(Some(*number)),
        DefaultValue::Decimal(number) => {
            ScalarValue::Decimal128(Some(number.mantissa()), 38, i8::try_from(number.scale()).expect("a scale is at most 28"))
        }
        DefaultValue::Date(day) => ScalarValue::Date32(Some(epoch_day(*day))),
        DefaultValue::Bool(yes) => ScalarValue::Boolean(Some(*yes)),
    };
    cast(lit(value), kind.parameter_type())
}
