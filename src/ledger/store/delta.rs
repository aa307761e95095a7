//! The text of Delta log entries: version 0 that lays a table out, and the version that adds a load's files to it.
//!
//! We write the log ourselves because each entry must be an exact, fsynced, create-only step of a publication. Reader version 1 and
//! writer version 2 are what every Delta reader knows. Deterministic: the same load gives the same bytes. No I/O here.

use super::statistics::Statistics;
use crate::error::{Error, Result};
use arrow::datatypes::{DataType, Schema};
use serde_json::{Map, Value, json};

/// Application id of our transactions in every log; their versions are load numbers.
const APPLICATION: &str = "cartera";

/// Long enough for any retention duty; nothing removes files anyway.
const RETENTION: &str = "interval 3650 days";

/// A file to be added.
pub(super) struct Added<'a> {
    pub(super) name: &'a str,
    pub(super) size: u64,
    pub(super) rows: u64,
    pub(super) statistics: &'a Statistics,
}

/// Version 0: protocol, schema and properties of the table.
pub(super) fn layout_entry(table: &str, grain: &str, schema: &Schema) -> Result<String> {
    let protocol = json!({"protocol": {"minReaderVersion": 1, "minWriterVersion": 2}});
    let metadata = json!({"metaData": {
        "id": table_id(table),
        "name": table,
        "description": format!("One row per {grain}"),
        "format": {"provider": "parquet", "options": {}},
        "schemaString": schema_string(schema)?,
        "partitionColumns": [],
        "configuration": {
            "delta.appendOnly": "true",
            "delta.enableExpiredLogCleanup": "false",
            "delta.logRetentionDuration": RETENTION,
            "delta.deletedFileRetentionDuration": RETENTION,
        },
    }});
    Ok(lines(&[protocol, metadata]))
}

/// The version that adds a load's files; `instant` in milliseconds since 1970.
pub(super) fn load_entry(load_id: i32, instant: i64, files: &[Added<'_>]) -> String {
    let mut actions = vec![
        json!({"commitInfo": {
            "timestamp": instant,
            "operation": "WRITE",
            "operationParameters": {"mode": "Append", "partitionBy": "[]"},
            "isBlindAppend": true,
            "engineInfo": concat!("cartera/", env!("CARGO_PKG_VERSION")),
        }}),
        json!({"txn": {"appId": APPLICATION, "version": load_id, "lastUpdated": instant}}),
    ];
    actions.extend(files.iter().map(|file| {
        json!({"add": {
            "path": file.name,
            "partitionValues": {},
            "size": file.size,
            "modificationTime": instant,
            "dataChange": true,
            "stats": file.statistics.to_json(file.rows).to_string(),
        }})
    }));
    lines(&actions)
}

/// Columns of a laid-out table, name and Delta type, as its version 0 says; `None` if the text is not such an entry.
pub(super) fn laid_out_columns(entry: &str) -> Option<Vec<(String, String)>> {
    let metadata = entry.lines().filter_map(|l| serde_json::from_str::<Value>(l).ok()).find(|v| v.get("metaData").is_some())?;
    let schema: Value = serde_json::from_str(metadata["metaData"]["schemaString"].as_str()?).ok()?;
    schema["fields"].as_array()?.iter().map(|f| Some((f["name"].as_str()?.to_string(), f["type"].as_str()?.to_string()))).collect()
}

/// Columns of a schema, name and Delta type.
pub(super) fn columns(schema: &Schema) -> Result<Vec<(String, String)>> {
    schema.fields().iter().map(|f| Ok((f.name().clone(), type_name(f.data_type())?))).collect()
}

fn schema_string(schema: &Schema) -> Result<String> {
    let mut fields = Vec::new();
    for field in schema.fields() {
        let mut metadata: Vec<_> = field.metadata().iter().collect();
        metadata.sort();
        let metadata: Map<String, Value> = metadata.into_iter().map(|(k, v)| (k.clone(), json!(v))).collect();
        fields.push(json!({
            "name": field.name(),
            "type": type_name(field.data_type())?,
            "nullable": field.is_nullable(),
            "metadata": metadata,
        }));
    }
    Ok(json!({"type": "struct", "fields": fields}).to_string())
}

fn type_name(data_type: &DataType) -> Result<String> {
    Ok(match data_type {
        DataType::Utf8 => "string".to_string(),
        DataType::Int32 => "integer".to_string(),
        DataType::Int64 => "long".to_string(),
        DataType::Date32 => "date".to_string(),
        DataType::Decimal128(precision, scale) => format!("decimal({precision},{scale})"),
        other => return Err(Error::internal(format!("no Delta type for {other}"))),
    })
}

/// Delta wants a UUID per table. Made from the name, so that the same history has the same bytes wherever it is made.
fn table_id(table: &str) -> String {
    let digest = super::disk::sha256(format!("cartera/history/{table}").as_bytes());
    format!("{}-{}-8{}-8{}-{}", &digest[..8], &digest[8..12], &digest[13..16], &digest[17..20], &digest[20..32])
}

fn lines(actions: &[Value]) -> String {
    actions.iter().fold(String::new(), |text, action| text + &action.to_string() + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::datatypes::Field;

    /// Written once, read for ever: a change of these bytes must be meant, and must stay readable by every Delta reader.
    #[test]
    fn entries_are_these_bytes() {
        let meaning = [("comment".to_string(), "Day".to_string())].into();
        let schema = Schema::new(vec![
            Field::new("load_id", DataType::Int32, false),
            Field::new("as_of", DataType::Date32, true).with_metadata(meaning),
            Field::new("amount", DataType::Decimal128(18, 2), true),
        ]);
        let layout = layout_entry("exposures", "customer and day", &schema).unwrap();
        assert_eq!(
            layout,
            concat!(
                r#"{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}"#,
                "\n",
                r#"{"metaData":{"id":"3cd8ba9c-9286-89d4-88dc-fd3ea4fc318b","name":"exposures","description":"One row per customer and day","#,
                r#""format":{"provider":"parquet","options":{}},"schemaString":"{\"type\":\"struct\",\"fields\":["#,
                r#"{\"name\":\"load_id\",\"type\":\"integer\",\"nullable\":false,\"metadata\":{}},"#,
                r#"{\"name\":\"as_of\",\"type\":\"date\",\"nullable\":true,\"metadata\":{\"comment\":\"Day\"}},"#,
                r#"{\"name\":\"amount\",\"type\":\"decimal(18,2)\",\"nullable\":true,\"metadata\":{}}]}","partitionColumns":[],"#,
                r#""configuration":{"delta.appendOnly":"true","delta.enableExpiredLogCleanup":"false","#,
                r#""delta.logRetentionDuration":"interval 3650 days","delta.deletedFileRetentionDuration":"interval 3650 days"}}}"#,
                "\n",
            )
        );
        assert_eq!(laid_out_columns(&layout), Some(columns(&schema).unwrap()));
        let file = Added { name: "load-000007-0001.parquet", size: 12, rows: 0, statistics: &Statistics::default() };
        let load = load_entry(7, 1_793_491_201_000, &[file]);
        let lines: Vec<Value> = load.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines[1], json!({"txn": {"appId": "cartera", "version": 7, "lastUpdated": 1_793_491_201_000_i64}}));
        assert_eq!(lines[2]["add"]["path"], "load-000007-0001.parquet");
        assert_eq!(lines[2]["add"]["stats"], r#"{"numRecords":0,"minValues":{},"maxValues":{},"nullCount":{}}"#);
        assert!(load.ends_with("}\n"));
    }

    #[test]
    fn a_type_without_a_delta_name_is_refused() {
        let schema = Schema::new(vec![Field::new("x", DataType::Float32, true)]);
        assert!(layout_entry("x", "x", &schema).unwrap_err().is_internal());
    }
}
