//! The profiles that come with the program, in one place, and how a profile is found by name or path.

use super::{Profile, Read, Shape};
use crate::domain::spelling::nearest;
use crate::error::{Error, Result};
use std::path::Path;

/// Shipped profiles: name and text.
pub const SHIPPED: &[(&str, &str)] = &[
    ("aging_list", include_str!("../../../reports/profiles/aging_list.toml")),
    ("antiguedad_de_saldos", include_str!("../../../reports/profiles/antiguedad_de_saldos.toml")),
    ("business_central", include_str!("../../../reports/profiles/business_central.toml")),
    ("cfdi", include_str!("../../../reports/profiles/cfdi.toml")),
    ("dynamics365_finance", include_str!("../../../reports/profiles/dynamics365_finance.toml")),
    ("erpnext", include_str!("../../../reports/profiles/erpnext.toml")),
    ("ibm_late_payments", include_str!("../../../reports/profiles/ibm_late_payments.toml")),
    ("netsuite", include_str!("../../../reports/profiles/netsuite.toml")),
    ("odoo", include_str!("../../../reports/profiles/odoo.toml")),
    ("quickbooks_online", include_str!("../../../reports/profiles/quickbooks_online.toml")),
    ("s4_operational_items", include_str!("../../../reports/profiles/s4_operational_items.toml")),
    ("sage_intacct", include_str!("../../../reports/profiles/sage_intacct.toml")),
    ("sap_bsid_bsad", include_str!("../../../reports/profiles/sap_bsid_bsad.toml")),
    ("sap_fbl5n", include_str!("../../../reports/profiles/sap_fbl5n.toml")),
    ("xero_invoices", include_str!("../../../reports/profiles/xero_invoices.toml")),
];

/// Name of the built-in profile for files that are canonical already.
pub const CANONICAL: &str = "canonical";

/// A profile by the name of a shipped one, or by the path of a TOML file relative to `base`.
pub fn find(name: &str, base: &Path) -> Result<Profile> {
    if name == CANONICAL {
        return Ok(canonical());
    }
    if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
        return Profile::parse(text, name);
    }
    let path = base.join(name);
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
        let text = std::fs::read_to_string(&path).map_err(|e| {
            Error::io(format!("cannot read the profile {}", path.display()), e)
                .hint("give the path of a TOML file, or a shipped profile's name")
        })?;
        return Profile::parse(&text, &path.file_name().map_or(name.into(), |n| n.to_string_lossy()));
    }
    let names = || SHIPPED.iter().map(|(n, _)| *n).chain([CANONICAL]);
    let all = names().collect::<Vec<_>>().join(", ");
    let near = nearest(name, names()).unwrap_or(CANONICAL);
    Err(Error::usage(format!("there is no profile `{name}`"))
        .hint(format!("did you mean {near}? shipped: {all}; or give the path of a TOML file")))
}

/// Files named after canonical tables, in their columns.
pub fn canonical() -> Profile {
    Profile {
        name: CANONICAL.to_string(),
        description: "Files named <table>.csv, .parquet, .xlsx or .jsonl (also gzipped or zipped) in the columns of the canonical tables"
            .to_string(),
        columns_from: "this program's schema".to_string(),
        shape: Shape::History,
        mode: None,
        text: String::new(),
        canonical: true,
        read: Read::default(),
        tables: crate::schema::TABLES.iter().map(|t| super::TableRule::canonical(t.name)).collect(),
        constants: Vec::new(),
        clearing: None,
        cfdi: None,
        lookups: Vec::new(),
        given: super::given::Given::new(),
        unasked: Vec::new(),
    }
}

impl super::TableRule {
    fn canonical(table: &str) -> super::TableRule {
        super::TableRule {
            table: table.to_string(),
            files: ["csv", "parquet", "xlsx", "jsonl", "ndjson", "json"].iter().map(|ending| format!("{table}.{ending}")).collect(),
            only_when: super::Conditions::default(),
            distinct: false,
            each_company: false,
            read: Read::default(),
            // The header itself says which columns are there.
            columns: std::collections::BTreeMap::new(),
        }
    }
}
