//! The dictionary of measures, made from the headers of the query files.
