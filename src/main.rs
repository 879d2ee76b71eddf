//! The `unpark` command.

fn main() {}
