//! The one place where stages meet: a project and what can be done with it — load, query, check, report, state, close, verify, begin.
//!
//! Everything here is silent and takes the clock as an argument; the command line talks and exits.

mod answers;
mod close;
mod dictionary;
mod diff;
mod evidence;
mod load;
mod merges;
mod pack;
mod project;
mod sample;
mod statement;
mod verify;

pub use answers::Figures;
pub use close::{CloseRequest, Closed, EVIDENCE, close, period, postings_after_close, reopen};
pub use dictionary::{dictionary, dictionary_facts, write_dictionary};
pub use diff::{Diff, DiffRequest, diff, value as figure_value};
pub use load::{FirstRow, LoadRequest, Loaded, SourceNote, WAITING, load};
pub use merges::{MergeState, merges, record_merges};
pub use pack::{FORMATS, PackRequest, build_packs, write_pack};
pub use project::{Now, Project};
pub use sample::{SAMPLE_AS_OF, begin_project, sample_loads, unpack_sample};
pub use statement::{STATEMENT_FORMATS, StatementRequest, WrittenStatements, write_statements};
pub use verify::{Verified, verify_pack, verify_project};
