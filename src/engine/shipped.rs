//! The query files that ship with the program, one entry a file; a test compares the list with the folder.

macro_rules! shipped {
    ($($path:literal),* $(,)?) => {
        /// Path and text of every shipped query file.
        pub const SHIPPED: &[(&str, &str)] = &[$(($path, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/", $path)))),*];
    };
}

shipped! {
    "queries/base/month_ends.sql",
}
