//! `ratio(numerator, denominator)`: exact division to eight decimals, half away from zero; NULL where the denominator is NULL or 0.
//!
//! The engine's own `/` on decimals truncates and takes its scale from its arguments; every ratio of a query goes through this one.

use crate::error::Error;
use datafusion::arrow::array::{Array, AsArray, Decimal128Array};
use datafusion::arrow::datatypes::{DataType, Decimal128Type, i256};
use datafusion::common::{Result, plan_err};
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

/// Decimals of the answer.
const SCALE: i8 = 8;
/// Digits of the answer: any share of two amounts fits.
const PRECISION: u8 = 28;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Ratio {
    signature: Signature,
}

impl Default for Ratio {
    fn default() -> Self {
        Ratio { signature: Signature::user_defined(Volatility::Immutable) }
    }
}

/// The exact type a number is divided in; floats are refused.
pub(super) fn exact(function: &str, given: &DataType) -> Result<DataType> {
    Ok(match given {
        DataType::Decimal128(p, s) => DataType::Decimal128(*p, *s),
        DataType::Decimal32(p, s) | DataType::Decimal64(p, s) => DataType::Decimal128(*p, *s),
        DataType::Null => DataType::Decimal128(18, 2),
        kind if kind.is_integer() => DataType::Decimal128(20, 0),
        other => return plan_err!("{function} takes exact numbers, not {other}"),
    })
}

impl ScalarUDFImpl for Ratio {
    fn name(&self) -> &str {
        "ratio"
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _] => given.iter().map(|g| exact("ratio", g)).collect(),
            _ => plan_err!("ratio takes a numerator and a denominator"),
        }
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Decimal128(PRECISION, SCALE))
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let (over, under) = (arrays[0].as_primitive::<Decimal128Type>(), arrays[1].as_primitive::<Decimal128Type>());
        let (over_scale, under_scale) = (scale(over.data_type()), scale(under.data_type()));
        let divided = (0..over.len())
            .map(|i| match over.is_null(i) || under.is_null(i) || under.value(i) == 0 {
                true => Ok(None),
                false => divide(over.value(i), over_scale, under.value(i), under_scale).map(Some).ok_or_else(|| {
                    let error = Error::data(format!("ratio({}, {}) is out of range", over.value_as_string(i), under.value_as_string(i)));
                    DataFusionError::External(Box::new(error))
                }),
            })
            .collect::<Result<Decimal128Array>>()?
            .with_precision_and_scale(PRECISION, SCALE)?;
        Ok(ColumnarValue::Array(Arc::new(divided)))
    }
}

fn scale(kind: &DataType) -> i8 {
    match kind {
        DataType::Decimal128(_, scale) => *scale,
        _ => 0,
    }
}

/// `over / under` in units of 10^-SCALE, half away from zero.
fn divide(over: i128, over_scale: i8, under: i128, under_scale: i8) -> Option<i128> {
    let shift = i32::from(SCALE) + i32::from(under_scale) - i32::from(over_scale);
    let rounded = divide_narrow(over, under, shift).or_else(|| divide_wide(over, under, shift));
    rounded.filter(|v| v.unsigned_abs() < 10u128.pow(u32::from(PRECISION)))
}

/// `over x 10^shift / under` where that fits 128 bits, as amounts of every day do: a fraction of the time that 256 bits take.
fn divide_narrow(over: i128, under: i128, shift: i32) -> Option<i128> {
    let power = 10i128.checked_pow(shift.unsigned_abs())?;
    let (over, under) = if shift >= 0 { (over.checked_mul(power)?, under) } else { (over, under.checked_mul(power)?) };
    let (quotient, rest) = (over.checked_div(under)?, over.checked_rem(under)?.unsigned_abs());
    match rest >= under.unsigned_abs() - rest {
        true if (over < 0) == (under < 0) => quotient.checked_add(1),
        true => quotient.checked_sub(1),
        false => Some(quotient),
    }
}

fn divide_wide(over: i128, under: i128, shift: i32) -> Option<i128> {
    let power = i256::from_i128(10).checked_pow(shift.unsigned_abs())?;
    let (mut over, mut under) = (i256::from_i128(over), i256::from_i128(under));
    if shift >= 0 {
        over = over.checked_mul(power)?;
    } else {
        under = under.checked_mul(power)?;
    }
    let (quotient, rest) = (over.checked_div(under)?, over.checked_rem(under)?);
    let zero = i256::from_i128(0);
    let twice = rest.checked_mul(i256::from_i128(2))?.wrapping_abs();
    let rounded = match twice >= under.wrapping_abs() {
        true if (over < zero) == (under < zero) => quotient.checked_add(i256::from_i128(1))?,
        true => quotient.checked_sub(i256::from_i128(1))?,
        false => quotient,
    };
    rounded.to_i128()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn division_is_exact_and_half_away_from_zero() {
        // 1/3, 2/3, -2/3, half of the last digit both ways, different scales, large amounts.
        assert_eq!(divide(1, 0, 3, 0), Some(33_333_333));
        assert_eq!(divide(2, 0, 3, 0), Some(66_666_667));
        assert_eq!(divide(-2, 0, 3, 0), Some(-66_666_667));
        assert_eq!(divide(1, 0, 200_000_000, 0), Some(1));
        assert_eq!(divide(-1, 0, 200_000_000, 0), Some(-1));
        assert_eq!(divide(1, 0, 200_000_001, 0), Some(0));
        assert_eq!(divide(10_000, 2, 4, 0), Some(2_500_000_000));
        assert_eq!(divide(1_000_000_000_000, 12, 2, 0), Some(50_000_000));
        assert_eq!(divide(10i128.pow(37), 2, 10i128.pow(37), 2), Some(100_000_000));
        assert_eq!(divide(10i128.pow(37), 0, 1, 2), None);
    }

    #[test]
    fn narrow_and_wide_division_agree() {
        let numbers = [0, 1, 2, 3, 5, 7, 49, 50, 51, 99, 100, 199, 12_345, 1_000_001, 999_999_999_999, 123_456_789_012_345_678];
        let signed = || numbers.iter().flat_map(|n| [*n, -*n]);
        for (over, under, shift) in signed().flat_map(|o| signed().flat_map(move |u| (-4..=12).map(move |s| (o, u, s)))) {
            let wide = divide_wide(over, under, shift);
            assert!(divide_narrow(over, under, shift).is_none_or(|narrow| Some(narrow) == wide), "{over} {under} {shift}");
            assert_eq!(divide_narrow(over, under, shift).is_some(), under != 0, "{over} {under} {shift}");
        }
        // What does not fit is left to the wide one.
        assert_eq!(divide_narrow(10i128.pow(37), 3, 8), None);
        assert_eq!(divide_wide(10i128.pow(37), 10i128.pow(37), 8), Some(100_000_000));
    }
}
