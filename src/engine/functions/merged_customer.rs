//! `merged_customer(company_id, customer_id, load)`: the customer that a customer is, by the merges known at a load.
//!
//! A function and not a join: most queries do not ask for customers, and then it is not computed; a join would stay.

use crate::ledger::merges::Merges;
use datafusion::arrow::array::{Array, AsArray, StringViewBuilder};
use datafusion::arrow::datatypes::{DataType, Int32Type};
use datafusion::common::{Result, plan_err};
use datafusion::logical_expr::{ColumnarValue, ScalarFunctionArgs, ScalarUDFImpl, Signature, Volatility};
use std::sync::Arc;

#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct MergedCustomer {
    signature: Signature,
    merges: Arc<Merges>,
}

impl MergedCustomer {
    pub(super) fn new(merges: Arc<Merges>) -> Self {
        MergedCustomer { signature: Signature::user_defined(Volatility::Immutable), merges }
    }
}

impl ScalarUDFImpl for MergedCustomer {
    fn name(&self) -> &str {
        super::MERGED_CUSTOMER
    }
    fn signature(&self) -> &Signature {
        &self.signature
    }
    fn coerce_types(&self, given: &[DataType]) -> Result<Vec<DataType>> {
        match given {
            [_, _, _] => Ok(vec![DataType::Utf8View, DataType::Utf8View, DataType::Int32]),
            _ => plan_err!("merged_customer takes a company, a customer and a load"),
        }
    }
    fn return_type(&self, _: &[DataType]) -> Result<DataType> {
        Ok(DataType::Utf8View)
    }
    fn invoke_with_args(&self, args: ScalarFunctionArgs) -> Result<ColumnarValue> {
        let arrays = ColumnarValue::values_to_arrays(&args.args)?;
        let [companies, customers, loads] = &arrays[..] else { return plan_err!("merged_customer takes three arguments") };
        let (company, customer, load) = (companies.as_string_view(), customers.as_string_view(), loads.as_primitive::<Int32Type>());
        let into = |row: usize| {
            let known = !company.is_null(row) && !customer.is_null(row) && !load.is_null(row);
            known.then(|| self.merges.merged_into(company.value(row), customer.value(row), load.value(row))).flatten()
        };
        if (0..customer.len()).all(|row| into(row).is_none()) {
            return Ok(ColumnarValue::Array(Arc::clone(customers)));
        }
        let mut merged = StringViewBuilder::with_capacity(customer.len());
        for row in 0..customer.len() {
            merged.append_option(into(row).or_else(|| (!customer.is_null(row)).then(|| customer.value(row))));
        }
        Ok(ColumnarValue::Array(Arc::new(merged.finish())))
    }
}
