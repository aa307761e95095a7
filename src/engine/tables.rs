//! Tables of a snapshot as one scan each: an explicit list of Parquet files with known sizes and row counts, no listing, no URLs.
//!
//! Separate from the planner because this is all that touches files. A filter on `load_id` drops whole files (a file belongs to the
//! load that wrote it); everything else is left to the Parquet reader's own pruning. Which rows are *current* is the planner's view.

use super::catalogue::Catalogue;
use super::local_files::LocalFiles;
use crate::config::Config;
use crate::domain::days::epoch_day;
use crate::ledger::snapshot::{CloseRow, SnapshotFile, SnapshotTable};
use crate::schema::system::{CLOSES, SYSTEM_TABLES};
use async_trait::async_trait;
use datafusion::arrow::array::{ArrayRef, Date32Array, Int32Array, RecordBatch, StringArray};
use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use datafusion::catalog::{Session, TableProvider};
use datafusion::common::stats::Precision;
use datafusion::common::{ScalarValue, Statistics};
use datafusion::datasource::MemTable;
use datafusion::datasource::listing::PartitionedFile;
use datafusion::datasource::object_store::ObjectStoreUrl;
use datafusion::datasource::physical_plan::parquet::CachedParquetFileReaderFactory;
use datafusion::datasource::physical_plan::{FileGroup, FileScanConfigBuilder, ParquetSource};
use datafusion::datasource::source::DataSourceExec;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{BinaryExpr, Expr, Operator, TableProviderFilterPushDown, TableType};
use datafusion::object_store::path::Path as StorePath;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::physical_plan::empty::EmptyExec;
use std::sync::Arc;

/// Tables that can be read under the customers of the extracts too, before merges: their name then, and the table.
pub(super) const AS_LOADED: &[(&str, &str)] = &[("customers_as_loaded", "customers"), ("movements_as_posted", "movements")];

/// A table of a snapshot.
#[derive(Debug)]
pub(super) struct FileTable {
    schema: SchemaRef,
    files: Vec<SnapshotFile>,
}

impl FileTable {
    pub(super) fn new(table: &SnapshotTable) -> FileTable {
        let fields = plain_fields(&table.schema).map(|field| {
            // Texts are read as views: a quarter less work in an aging over four million movements.
            if *field.data_type() == DataType::Utf8 { field.with_data_type(DataType::Utf8View) } else { field }
        });
        FileTable { schema: Arc::new(Schema::new(fields.collect::<Vec<_>>())), files: table.files.clone() }
    }

    fn newest_load(&self) -> i32 {
        self.files.iter().map(|f| f.load_id).max().unwrap_or(0)
    }
}

/// Columns without their meanings: those are metadata, which the planner carries on some ways and not on others, and then finds its own
/// plan wrong.
fn plain_fields(schema: &Schema) -> impl Iterator<Item = Field> {
    schema.fields().iter().map(|field| field.as_ref().clone().with_metadata(Default::default()))
}

/// The load a filter looks from: `load_id <= 7`.
fn load_limit(filter: &Expr) -> Option<i32> {
    match filter {
        Expr::BinaryExpr(BinaryExpr { left, op: Operator::LtEq, right }) => match (left.as_ref(), right.as_ref()) {
            (Expr::Column(column), Expr::Literal(ScalarValue::Int32(Some(load)), _)) if column.name == "load_id" => Some(*load),
            _ => None,
        },
        _ => None,
    }
}

#[async_trait]
impl TableProvider for FileTable {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(&self, filters: &[&Expr]) -> Result<Vec<TableProviderFilterPushDown>> {
        // Every row of a file was known when its load wrote it: looking from that load or later, the filter is true everywhere.
        let newest = self.newest_load();
        let kind = |filter: &&Expr| match load_limit(filter) {
            Some(load) if load >= newest => TableProviderFilterPushDown::Exact,
            _ => TableProviderFilterPushDown::Inexact,
        };
        Ok(filters.iter().map(kind).collect())
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let load = filters.iter().filter_map(load_limit).min().unwrap_or(i32::MAX);
        let files: Vec<&SnapshotFile> = self.files.iter().filter(|f| f.load_id <= load && f.rows > 0).collect();
        if files.is_empty() {
            let schema = match projection {
                Some(columns) => Arc::new(self.schema.project(columns)?),
                None => self.schema(),
            };
            return Ok(Arc::new(EmptyExec::new(schema)));
        }
        let mut statistics = Statistics::new_unknown(&self.schema);
        let rows = files.iter().map(|f| f.rows).sum::<u64>();
        statistics.num_rows = Precision::Exact(usize::try_from(rows).unwrap_or(usize::MAX));
        let parts = files
            .iter()
            .map(|f| {
                let path = StorePath::from_absolute_path(&f.path).map_err(|e| DataFusionError::External(Box::new(e)))?;
                let mut part = PartitionedFile::new("", f.size);
                part.object_meta.location = path;
                Ok(part)
            })
            .collect::<Result<Vec<_>>>()?;
        let url = ObjectStoreUrl::local_filesystem();
        let runtime = state.runtime_env();
        let reader = CachedParquetFileReaderFactory::new(runtime.object_store(&url)?, runtime.cache_manager.get_file_metadata_cache());
        let source = ParquetSource::new(self.schema())
            .with_table_parquet_options(state.table_options().parquet.clone())
            .with_parquet_file_reader_factory(Arc::new(LocalFiles::new(reader)));
        let config = FileScanConfigBuilder::new(url, Arc::new(source))
            .with_file_groups(FileGroup::new(parts).split_files(state.config().target_partitions()))
            .with_statistics(statistics)
            .with_projection_indices(projection.cloned())?
            .with_limit(limit)
            .build();
        Ok(DataSourceExec::from_data_source(config))
    }
}

/// `aging_buckets`: the configured buckets.
pub(super) fn aging_buckets(config: &Config) -> Result<MemTable> {
    let buckets = config.aging_buckets();
    let schema = schema(&[
        ("bucket_order", DataType::Int32),
        ("bucket", DataType::Utf8),
        ("from_days", DataType::Int32),
        ("to_days", DataType::Int32),
    ]);
    let batch = RecordBatch::try_new(
        Arc::clone(&schema),
        vec![
            Arc::new(Int32Array::from_iter_values(buckets.iter().map(|b| b.0))),
            Arc::new(StringArray::from_iter_values(buckets.iter().map(|b| &b.1))),
            Arc::new(Int32Array::from_iter_values(buckets.iter().map(|b| b.2))),
            Arc::new(Int32Array::from_iter_values(buckets.iter().map(|b| b.3))),
        ],
    )?;
    MemTable::try_new(schema, vec![vec![batch]])
}

/// `settings`: one row with what the project chose and queries need.
pub(super) fn settings(config: &Config) -> Result<MemTable> {
    let points = &config.risk_points;
    let numbers = [
        ("fx_max_age_days", config.fx_max_age_days),
        ("points_past_due_share", points.past_due_share),
        ("points_worst_days_late", points.worst_days_late),
        ("points_days_late_trend", points.days_late_trend),
        ("points_broken_promises", points.broken_promises),
        ("points_disputes", points.disputes),
        ("points_utilisation", points.utilisation),
    ];
    let mut columns = vec![("group_name", DataType::Utf8), ("group_currency", DataType::Utf8), ("fx_source", DataType::Utf8)];
    columns.extend(numbers.iter().map(|(name, _)| (*name, DataType::Int32)));
    let schema = schema(&columns);
    let mut row: Vec<ArrayRef> = vec![
        Arc::new(StringArray::from_iter_values([&config.group_name])),
        Arc::new(StringArray::from_iter_values([&config.group_currency])),
        Arc::new(StringArray::from_iter([config.fx_source.as_deref()])),
    ];
    row.extend(numbers.iter().map(|(_, n)| Arc::new(Int32Array::from_iter_values([*n])) as ArrayRef));
    MemTable::try_new(Arc::clone(&schema), vec![vec![RecordBatch::try_new(schema, row)?]])
}

/// `closes`: the close records. Each knows its load, so it is seen from that load on, like every row of the history.
pub(super) fn closes(rows: &[CloseRow]) -> Result<MemTable> {
    let schema = Arc::new(Schema::new(plain_fields(&CLOSES.schema()).collect::<Vec<_>>()));
    let text = |of: fn(&CloseRow) -> Option<&str>| Arc::new(StringArray::from_iter(rows.iter().map(of))) as ArrayRef;
    let number = |of: fn(&CloseRow) -> i32| Arc::new(Int32Array::from_iter_values(rows.iter().map(of))) as ArrayRef;
    let columns = vec![
        number(|r| r.load_id),
        number(|r| r.number),
        text(|r| Some(&r.kind)),
        text(|r| Some(&r.period)),
        Arc::new(Date32Array::from_iter_values(rows.iter().map(|r| epoch_day(r.as_of)))),
        text(|r| Some(&r.sealed_at)),
        text(|r| r.reason.as_deref()),
        text(|r| r.prepared_by.as_deref()),
        text(|r| r.reviewed_by.as_deref()),
        text(|r| Some(&r.movements_digest)),
        text(|r| Some(&r.digest)),
    ];
    MemTable::try_new(Arc::clone(&schema), vec![vec![RecordBatch::try_new(schema, columns)?]])
}

/// The table that lists tables and queries.
pub(super) const CATALOGUE: &str = "catalogue";

/// `catalogue`: every table and query that SQL can name, how it is written in FROM, and what it answers.
pub(super) fn listed<'a>(catalogue: &Catalogue, tables: impl Iterator<Item = &'a String>) -> Result<MemTable> {
    let grain = |name: &str| {
        let canonical = crate::schema::table(name).map(|t| t.grain);
        let own = SYSTEM_TABLES.iter().find(|t| t.name == name).map(|t| t.grain);
        match name {
            "aging_buckets" => "bucket of the project".to_string(),
            "settings" => "project".to_string(),
            "closes" => CLOSES.grain.to_string(),
            "customers_as_loaded" => "customer as the extracts call it, per version, merges aside".to_string(),
            "movements_as_posted" => "movement, under the customer of the extract, merges aside".to_string(),
            _ => canonical.or(own).unwrap_or_default().to_string(),
        }
    };
    let queries = catalogue.files().map(|f| {
        let kind = match f.path.split('/').nth(1) {
            Some("metrics" | "statements") => "query",
            Some("checks") => "check",
            _ => "helper",
        };
        [kind.to_string(), f.header.name.clone(), f.header.signature(), f.header.answers.clone()]
    });
    let tables = tables.map(|name| ["table".to_string(), name.clone(), name.clone(), format!("one row per {}", grain(name))]);
    // What most people look for comes first.
    const KINDS: [&str; 4] = ["query", "table", "helper", "check"];
    let mut rows: Vec<[String; 4]> = queries.chain(tables).collect();
    rows.sort_by_key(|row| (KINDS.iter().position(|k| *k == row[0]), row[1].clone()));
    let names = ["kind", "name", "call", "answers"];
    let schema = schema(&names.map(|name| (name, DataType::Utf8)));
    let column = |i: usize| Arc::new(StringArray::from_iter_values(rows.iter().map(|r| &r[i]))) as ArrayRef;
    MemTable::try_new(Arc::clone(&schema), vec![vec![RecordBatch::try_new(schema, (0..names.len()).map(column).collect())?]])
}

fn schema(columns: &[(&str, DataType)]) -> SchemaRef {
    Arc::new(Schema::new(columns.iter().map(|(name, kind)| Field::new(*name, kind.clone(), true)).collect::<Vec<_>>()))
}
