//! `days_between(later, earlier)`, `month_start(day)`, `month_end(day)`: calendar days, no time of day.

use crate::domain::days::{epoch_day, month_end, month_start};
use chrono::NaiveDate;
use datafusion::arrow::array::AsArray;
use datafusion::arrow::compute::kernels::arity::{try_binary, try_unary};
use datafusion::arrow::datatypes::{DataType, Date32Type, Int32Type};
use datafusion::arrow::error::ArrowError;
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

/// Days as they may be given: days, texts that are days, instants.
fn days(function: &str, given: &[DataType], count: usize) -> Result<Vec<DataType>> {
    let day = |kind: &DataType| {
        matches!(kind, DataType::Date32 | DataType::Date64 | DataType::Null | DataType::Timestamp(..))
            || matches!(kind, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View)
    };
    match given.iter().find(|kind| !day(kind)) {
        Some(other) => plan_err!("{function} takes days, not {other}"),
        None if given.len() != count => plan_err!("{function} takes {count} day(s), not {}", given.len()),
        None => Ok(vec![DataType::Date32; count]),
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct DaysBetween {
    signature: Signature,
}

impl Default for DaysBetween {
    fn default() -> Self {
        DaysBetween { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

impl ScalarUDFImpl for DaysBetween {
    fn name(&self) -> &str {
        "days_between"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        days("days_between", given, 2)
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Int32)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (later, earlier) = (arrays[0].as_primitive::<Date32Type>(), arrays[1].as_primitive::<Date32Type>());
        let days = try_binary::<_, _, _, Int32Type>(later, earlier, |l, e| {
            l.checked_sub(e).ok_or_else(|| ArrowError::ArithmeticOverflow("days_between is out of range".to_string()))
        })?;
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MonthEdge {
    signature: Signature,
    name: &'static str,
}

impl MonthEdge {
    pub(super) fn start() -> Self {
        MonthEdge { signature: Signature::user_defined(Volatility::Immutable), name: "month_start" }
    }
    pub(super) fn end() -> Self {
        MonthEdge { signature: Signature::user_defined(Volatility::Immutable), name: "month_end" }
    }
}

impl ScalarUDFImpl for MonthEdge {
    fn name(&self) -> &str {
        self.name
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        days(self.name, given, 1)
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Date32)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let edge = if self.name == "month_start" { month_start } else { month_end };
        let days = try_unary::<_, _, Date32Type>(arrays[0].as_primitive::<Date32Type>(), |day| {
            NaiveDate::from_epoch_days(day)
                .map(|d| epoch_day(edge(d)))
                .ok_or_else(|| ArrowError::ArithmeticOverflow(format!("{} is out of range", self.name)))
        })?;
        Ok(ColumnarValue::Array(Arc::new(days)))
    }
}
