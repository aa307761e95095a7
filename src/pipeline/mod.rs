//! The one place where stages meet: a project and what can be done with it — load, query, check, report, state, begin.
//!
//! Everything here is silent and takes the clock as an argument; the command line talks and exits.

mod answers;
mod dictionary;
mod load;
mod merges;
mod pack;
mod project;
mod sample;
mod statement;

pub use answers::Figures;
pub use dictionary::{dictionary, dictionary_facts, write_dictionary};
pub use load::{FirstRow, LoadRequest, Loaded, SourceNote, WAITING, load};
pub use merges::{MergeState, merges, record_merges};
pub use pack::{FORMATS, PackRequest, write_pack};
pub use project::{Now, Project};
pub use sample::{SAMPLE_AS_OF, begin_project, sample_loads, unpack_sample};
pub use statement::{STATEMENT_FORMATS, StatementRequest, WrittenStatements, write_statements};
