//! A pack becomes bytes: charts, HTML, PDF, XLSX, CSV, JSON. Knows nothing of SQL or the store.
