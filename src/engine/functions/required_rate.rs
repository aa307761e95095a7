//! `required_rate(rate, currency, to_currency, day)`: the rate, or an error that names pair and day where there is none.
//!
//! A missing rate must never become 1.0, 0 or a silently missing row; queries pass every joined rate through this. A row without a
//! currency has nothing to convert and stays NULL (the empty side of an outer join).

use super::ratio::exact;
use crate::domain::days::from_epoch_day;
use crate::error::Error;
use datafusion::arrow::array::{Array, AsArray};
use datafusion::arrow::datatypes::{DataType, Date32Type};
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct RequiredRate {
    signature: Signature,
    max_age_days: i32,
}

impl RequiredRate {
    pub(super) fn new(max_age_days: i32) -> Self {
        // Stable: it may fail, so it is not to be computed for rows that nobody asked for.
        RequiredRate { signature: Signature::user_defined(Volatility::Stable), max_age_days }
    }
}

impl ScalarUDFImpl for RequiredRate {
    fn name(&self) -> &str {
        "required_rate"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [rate, _, _, _] => Ok(vec![exact("required_rate", rate)?, DataType::Utf8, DataType::Utf8, DataType::Date32]),
            _ => plan_err!("required_rate takes a rate, its currency, the currency it leads to and a day"),
        }
    }
    fn return_type(&self, given: &[DataType]) -> Result<DataType> {
        Ok(given[0].clone())
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [rate, from, to, day] = &arrays[..] else { return plan_err!("required_rate takes four arguments") };
        if rate.null_count() > 0 {
            let from = from.as_string::<i32>();
            if let Some(row) = (0..rate.len()).find(|row| rate.is_null(*row) && !from.is_null(*row)) {
                let (to, day) = (to.as_string::<i32>(), day.as_primitive::<Date32Type>());
                let to = if to.is_null(row) { "?" } else { to.value(row) };
                let day = if day.is_null(row) { "?".to_string() } else { from_epoch_day(day.value(row)).to_string() };
                let pair = format!("{}→{to}", from.value(row));
                let error = Error::data(format!("no closing rate {pair} on or before {day} (max age {} days)", self.max_age_days))
                    .hint("load fx_rates for the pair and day, or allow older rates with fx.max_age_days");
                return Err(DataFusionError::External(Box::new(error)));
            }
        }
        Ok(ColumnarValue::Array(rate.clone()))
    }
}
