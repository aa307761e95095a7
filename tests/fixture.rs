//! Ledgers for tests, by name: folders under `tests/fixtures/ledgers`.
//!
//! `NAME/tables/<table>.csv` gives rows of tables directly, for tests of the engine alone: any of the table's columns in any order, `load_id` 1
//! where it is not given, columns that may not be empty filled with something harmless. `NAME/cartera.toml` configures it, if there.
//! `NAME/closes.csv`, if there, gives the close records that the ledger has (`number,kind,period,as_of,load_id`).
//! `NAME/1`, `NAME/2`, … are canonical extracts instead: loaded one after the other, as a user would, each one load.

use arrow::array::{ArrayRef, RecordBatch, StringArray, UInt32Array};
use arrow::compute::{CastOptions, cast_with_options, take};
use arrow::datatypes::{DataType, SchemaRef};
use cartera::config::Config;
use cartera::engine::{Catalogue, Engine, Limits};
use cartera::extract;
use cartera::ledger::load;
use cartera::ledger::posting::Corrections;
use cartera::ledger::snapshot::{CloseRow, Snapshot, SnapshotFile, SnapshotTable};
use cartera::ledger::store::{SourceFact, Store};
use cartera::schema::{TABLES, system::SYSTEM_TABLES};
use parquet::arrow::ArrowWriter;
use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The engine over a named ledger; opened once a test run.
pub fn fixture_engine(name: &str) -> Engine {
    static OPEN: Mutex<Option<HashMap<String, Engine>>> = Mutex::new(None);
    let mut open = OPEN.lock().unwrap_or_else(|e| e.into_inner());
    let engines = open.get_or_insert_default();
    engines
        .entry(name.to_string())
        .or_insert_with(|| {
            let open =
                shipped_files().and_then(|c| Engine::open_with(&fixture_snapshot(name), &fixture_config(name), c, &Limits::default()));
            open.unwrap_or_else(|e| panic!("ledger {name}: {e}"))
        })
        .clone()
}

/// The folder of the crate: where cargo runs the tests, else where they were compiled.
pub fn root() -> PathBuf {
    std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from)
}

/// The query files as they are in the folder, so that a changed one is tested without compiling; that the shipped ones are the same
/// is a test of its own.
pub fn shipped_files() -> cartera::error::Result<Catalogue> {
    let mut files = Vec::new();
    for room in ["base", "checks", "metrics", "statements"] {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(root().join("queries").join(room)).unwrap().map(|f| f.unwrap().path()).collect();
        paths.sort();
        for path in paths.into_iter().filter(|p| p.extension().is_some_and(|e| e == "sql")) {
            let name = format!("queries/{room}/{}", path.file_name().unwrap().to_str().unwrap());
            files.push((name, std::fs::read_to_string(&path).unwrap()));
        }
    }
    Catalogue::parse(files.iter().map(|(p, t)| (p.as_str(), t.as_str())))
}

/// The snapshot of a named ledger; written once a test run.
pub fn fixture_snapshot(name: &str) -> Snapshot {
    static WRITTEN: Mutex<Option<HashMap<String, Snapshot>>> = Mutex::new(None);
    let mut written = WRITTEN.lock().unwrap_or_else(|e| e.into_inner());
    written.get_or_insert_default().entry(name.to_string()).or_insert_with(|| write_snapshot(name)).clone()
}

fn write_snapshot(name: &str) -> Snapshot {
    let closes = closes(name);
    if folder(name).join("1").is_dir() {
        return Snapshot { closes, ..load_extracts(name) };
    }
    let folder = folder(name).join("tables");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display())).map(|f| f.unwrap().path()).collect();
    files.sort();
    let store = fresh_folder(name);
    let mut rows: HashMap<String, Vec<SnapshotFile>> = HashMap::new();
    for file in &files {
        let table = file.file_stem().unwrap().to_str().unwrap().to_string();
        let schema = schema_of(&table).unwrap_or_else(|| panic!("{}: no such table", file.display()));
        rows.insert(table.clone(), write_loads(&store, &table, read_csv(file, &schema)));
    }
    let load_id = rows.values().flatten().map(|f| f.load_id).max().unwrap_or(0);
    Snapshot { load_id, tables: every_table(|name| rows.remove(name).unwrap_or_default()), closes }
}

/// Close records as a project would have them; seals and digests are the store's business.
fn closes(name: &str) -> Vec<CloseRow> {
    let path = folder(name).join("closes.csv");
    if !path.exists() {
        return Vec::new();
    }
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(&path).unwrap();
    let rows = reader.records().map(|r| r.unwrap_or_else(|e| panic!("{}: {e}", path.display())));
    rows.map(|row| CloseRow {
        number: row[0].parse().unwrap(),
        kind: row[1].to_string(),
        period: row[2].to_string(),
        as_of: row[3].parse().unwrap(),
        load_id: row[4].parse().unwrap(),
        sealed_at: format!("{}T23:00:00Z", &row[3]),
        reason: (&row[1] == "reopen").then(|| "found late".to_string()),
        prepared_by: None,
        reviewed_by: None,
        movements_digest: String::new(),
        digest: String::new(),
    })
    .collect()
}

fn fresh_folder(name: &str) -> PathBuf {
    // A blank and an accent: paths of real users have them.
    let stores = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ledgers de año");
    let old = |e: &std::fs::DirEntry| e.metadata().and_then(|m| m.modified()).is_ok_and(|t| t.elapsed().is_ok_and(|e| e.as_secs() > 3600));
    for entry in std::fs::read_dir(&stores).into_iter().flatten().flatten().filter(old) {
        let _ = std::fs::remove_dir_all(entry.path());
    }
    let store = stores.join(format!("{name}-{}", std::process::id()));
    std::fs::create_dir_all(&store).unwrap();
    store
}

fn load_extracts(name: &str) -> Snapshot {
    let store = Store::create(&fresh_folder(name)).unwrap();
    let config = fixture_config(name);
    for extract in (1..).map(|n| folder(name).join(n.to_string())).take_while(|f| f.is_dir()) {
        load_extract(&store, &config, &extract).unwrap_or_else(|e| panic!("{}: {e}", extract.display()));
    }
    store.snapshot(None).unwrap()
}

fn load_extract(store: &Store, config: &Config, extract: &Path) -> cartera::error::Result<()> {
    let plan = extract::plan(extract, &extract::Request::default())?;
    let fact =
        |s: &extract::SourceFile| SourceFact { name: s.name.clone(), sha256: s.sha256.clone(), bytes: s.bytes, ..SourceFact::default() };
    let request = load::Request {
        day: plan.day.expect("extract.toml says the day"),
        loaded_at: format!("{}T20:00:00Z", plan.day.unwrap_or_default()),
        scopes: plan.sources.iter().map(|s| load::Scope { fact: fact(s), mode: load::Mode::Add, window_from: None }).collect(),
        scope_digest: String::new(),
        corrections: Corrections::default(),
        vanish_limit_pct: config.vanish_limit_pct,
        fx_source: config.fx_source.clone(),
        fx_max_age_days: config.fx_max_age_days,
        group_currency: config.group_currency.clone(),
        merges: config.merges.clone(),
    };
    let mut load = load::Load::begin(store, request)?;
    let rows: Vec<u64> = extract::read(&plan, &mut load)?.iter().map(|s| s.rows_read).collect();
    load.finish(&rows, false, &mut |_, _, _| {})?;
    Ok(())
}

/// Every canonical and system table with the given files.
pub fn every_table(mut files: impl FnMut(&str) -> Vec<SnapshotFile>) -> Vec<SnapshotTable> {
    let names = TABLES.iter().map(|t| t.name).chain(SYSTEM_TABLES.iter().map(|t| t.name));
    names.map(|name| SnapshotTable { name: name.to_string(), schema: schema_of(name).unwrap(), files: files(name) }).collect()
}

/// The configuration of a named ledger.
pub fn fixture_config(name: &str) -> Config {
    let path = folder(name).join("cartera.toml");
    if path.exists() { Config::read(&path).unwrap() } else { Config::parse("[group]\nname = 'Grupo'\ncurrency = 'MXN'\n").unwrap() }
}

/// Schema of a stored table.
pub fn schema_of(table: &str) -> Option<SchemaRef> {
    let canonical = TABLES.iter().find(|t| t.name == table).map(|t| t.stored_schema());
    canonical.or_else(|| SYSTEM_TABLES.iter().find(|t| t.name == table).map(|t| t.schema()))
}

/// Writes one file.
pub fn write_file(path: &Path, batch: &RecordBatch, load_id: i32) -> SnapshotFile {
    let mut writer = ArrowWriter::try_new(std::fs::File::create(path).unwrap(), batch.schema(), None).unwrap();
    writer.write(batch).unwrap();
    writer.close().unwrap();
    let size = std::fs::metadata(path).unwrap().len();
    SnapshotFile { path: path.to_path_buf(), size, rows: batch.num_rows() as u64, load_id }
}

fn folder(name: &str) -> PathBuf {
    root().join("tests/fixtures/ledgers").join(name)
}

fn read_csv(path: &Path, schema: &SchemaRef) -> RecordBatch {
    let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_path(path).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_string).collect();
    for column in &header {
        assert!(schema.column_with_name(column).is_some(), "{}: no column {column}", path.display());
    }
    let records: Vec<csv::StringRecord> = reader.records().map(|r| r.unwrap_or_else(|e| panic!("{}: {e}", path.display()))).collect();
    let value = |name: &str, row: usize| {
        let at = header.iter().position(|h| h == name)?;
        records[row].get(at).filter(|v| !v.is_empty()).map(str::to_string)
    };
    let columns: Vec<ArrayRef> = schema
        .fields()
        .iter()
        .map(|field| {
            let texts: StringArray = (0..records.len())
                .map(|row| {
                    let harmless = || match (field.name().as_str(), field.data_type()) {
                        ("company_amount", _) => value("amount", row).unwrap_or_else(|| "0.00".to_string()),
                        ("movement_id", _) => (row + 1).to_string(),
                        (_, DataType::Int32 | DataType::Int64) => "1".to_string(),
                        (_, DataType::Date32) => value("posting_date", row).unwrap_or_else(|| "1970-01-01".to_string()),
                        (_, DataType::Decimal128(..)) => "0.00".to_string(),
                        _ => "-".to_string(),
                    };
                    value(field.name(), row).or_else(|| (!field.is_nullable()).then(harmless))
                })
                .collect();
            let options = CastOptions { safe: false, ..CastOptions::default() };
            cast_with_options(&texts, field.data_type(), &options)
                .unwrap_or_else(|e| panic!("{}: column {}: {e}", path.display(), field.name()))
        })
        .collect();
    RecordBatch::try_new(Arc::clone(schema), columns).unwrap()
}

fn write_loads(store: &Path, table: &str, batch: RecordBatch) -> Vec<SnapshotFile> {
    let loads = batch.column_by_name("load_id").unwrap();
    let loads = loads.as_any().downcast_ref::<arrow::array::Int32Array>().unwrap();
    let mut by_load: BTreeMap<i32, Vec<u32>> = BTreeMap::new();
    for (row, load) in loads.values().iter().enumerate() {
        by_load.entry(*load).or_default().push(row as u32);
    }
    by_load
        .into_iter()
        .map(|(load, rows)| {
            let rows = UInt32Array::from(rows);
            let columns = batch.columns().iter().map(|c| take(c, &rows, None).unwrap()).collect();
            let part = RecordBatch::try_new(batch.schema(), columns).unwrap();
            write_file(&store.join(format!("{table}-{load}.parquet")), &part, load)
        })
        .collect()
}
