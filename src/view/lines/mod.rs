//! Plain text for pipes, logs and terminals without a screen. Pure functions from the words of `view::model` to lines; nothing
//! here prints, asks or judges, and no text from outside leaves it unescaped.

mod audit;
mod baseline;
mod changes;
mod check;
mod flush;
mod layout;
mod registration;
mod resolver_check;
mod resolvers;
mod trace;

pub use audit::audit_text;
pub use baseline::{baselines_text, comparison_text};
pub use changes::changes;
pub use check::check_text;
pub use flush::{flush_plan_text, flush_proof_line, flush_result_line};
pub use layout::Look;
pub use registration::registration_text;
pub use resolver_check::resolver_check_text;
pub use resolvers::resolvers_text;
pub use trace::trace_text;
