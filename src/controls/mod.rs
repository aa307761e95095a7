//! Named checks over the history and the tie-out to the general ledger.
