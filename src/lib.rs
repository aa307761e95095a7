//! `cartera`: accounts-receivable analytics. ERP extracts become an append-only AR history; every measure is a sum over it.
//!
//! Rooms in flow order; a room may import only rooms above it (`tests/house.rs` enforces it):
//!
//! `error`, `domain` → `config` → `schema` → `extract` → `ledger` → `engine` → `metrics` → `controls` → `report` →
//! `render` → `pipeline` → `cli`.

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
