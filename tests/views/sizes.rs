//! Nothing panics, whatever the size, the keys and the number of rows.
