//! `cartera`: accounts-receivable analytics. ERP extracts become an append-only AR history; every measure is a sum over it.
//!
//! # The one idea
//!
//! The ledger is one table of signed movements with two times: `posting_date`, the accounting day a row counts from, and
//! `load_id`, the load in which we learned it. A balance at day *t* as known at load *k* is
//! `sum(amount) where posting_date <= t and load_id <= k`. Nothing is updated: what changes is taken back and posted anew. Each
//! row carries its item's due day and aging class, so aging, DSO, CEI and the roll-forward need no per-item netting.
//!
//! # Rooms, in flow order
//!
//! A room may import only rooms above it (`tests/house.rs` reads the sources and enforces it).
//!
//! ```text
//! error, domain   words of the trade, no input or output
//! config          cartera.toml, typed and resolved
//! schema          canonical and system tables: the contract with extracts and with readers of the history
//! extract         files → canonical rows or rejects with file:line:column; profiles map foreign exports
//! ledger          posting (facts → the rows that should stand), load (in bounded memory), store (published loads)
//! engine          DataFusion: query files as table functions, load-pinned tables, only SELECT and EXPLAIN
//! metrics         the dictionary made from query headers
//! controls        named checks and the tie-out
//! report          pack spec + answers → a Pack, customers' answers → Statements: plain data in the reader's language
//! render          Pack → HTML, PDF, XLSX, PNG, SVG, CSV, JSON; Statement → PDF, HTML, CSV, JSON, messages
//! pipeline        the one place where stages meet
//! cli             arguments, printing, the clock
//! ```
//!
//! # Decisions worth knowing
//!
//! - **Posting is a pure function of a document's history** ([`ledger::posting::post`]); a load compares what should stand with
//!   what does ([`ledger::posting::difference`]) and adds the difference. Late, corrected, repeated and re-ordered extracts are
//!   therefore one case, not many.
//! - **What one document must know of another** (posting day, reversal, value given up) travels as messages between bucket
//!   files in three rounds ([`ledger::load`]), so memory does not grow with the ledger. Several threads work on the buckets; what
//!   they find is sorted by hash and taken in the order of the buckets, so the same extract gives the same bytes.
//! - **SQL is planned by the engine's own planner** over a catalog of ours ([`engine`]): a planner over a provider type of ours would be
//!   compiled into this crate whole.
//! - **What questions have in common is computed once** ([`engine`]): a call of a query stays one node of a plan until everything that is asked
//!   is known; calls with the same arguments at the same load then share one answer in memory, and plans stay small. What is too large to
//!   keep runs where it stands.
//! - **Plans are made for the rows they read** ([`engine`]): each rule of the optimizer rebuilds the nodes above what it changes, so where little is
//!   read those that pay only over many rows are left out. One question of many is not split: the others keep the cores busy. A join
//!   holds the side that is known to be small, also where nothing is known of the other.
//! - **Workbooks are read here**, streaming ([`extract`]): a library that hands out floats cannot say what the cell shows, nor that
//!   a formula was never calculated.
//! - **The history is Delta Lake, its log written here.** A log entry is a few lines of JSON; the `deltalake` crate would bring a
//!   hundred crates, minutes of build, and no fsync. Strangers' readers check the result (`tests/outside_readers.py`).
//! - **The redo record is the commit** ([`ledger::store`]): data files first, then one record linked into place, then the logs,
//!   which any later start finishes.
//! - **A close is a record, not a state.** [`ledger::store::Closer`] chains sealed records under `history/_closes`; each keeps the digest of
//!   every file it wrote and all that its pack is made from again: load, configuration, languages, formats. A sealed pack sees the records
//!   before its own and nothing later, so the same day at the same load gives the same bytes for ever. Months are closed forwards and
//!   opened again backwards, so an opening balance always rests on a close that stands.
//! - **A figure knows its documents.** The header of a query lists, column by column, a SELECT of the documents behind it (`inputs`);
//!   [`metrics::explain`] adds them up again, and so do the tests of every measure. Laws (`holds`) stand there too.
//! - **One mechanism cuts measures**: `queries/base/members.sql` says which customer belongs to which member of a grain and in which
//!   money the member counts; measures join it, and none has a copy per grain.
//! - **The load is invisible to query files**: table names mean "as known at the load looked from" ([`engine`]).

#![forbid(unsafe_code)]

pub mod error;

pub mod domain;

pub mod config;

pub mod schema;

pub mod extract;

pub mod ledger;

pub mod engine;

pub mod metrics;

pub mod controls;

pub mod report;

pub mod render;

pub mod pipeline;

pub mod cli;
