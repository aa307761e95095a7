//! Files become canonical rows, rejects and control totals; nothing is posted here.
