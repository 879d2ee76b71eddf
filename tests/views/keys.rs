//! Keys in, screen and wish out.
