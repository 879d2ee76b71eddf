//! What `--only`, `--skip` and `--all` mean.

use crate::cli::args::FlushCommand;
use crate::cli::complain::Complaint;
use crate::cli::setup::read_host;
use crate::dns::{Name, RecordType};
use crate::flush::FlushOperator;
use crate::incident::{FlushChoice, FlushExclusion};

/// Whose resolvers, and whether all of the list.
///
/// # Errors
/// An operator that has no flush.
pub fn choice(command: &FlushCommand) -> Result<FlushChoice, Complaint> {
    let mut operators: Vec<FlushOperator> = Vec::new();
    for text in &command.only {
        let operator: FlushOperator = text.trim().parse().map_err(|e: crate::flush::UnknownOperator| {
            Complaint::usage(e.to_string(), "for example --only cloudflare,google")
        })?;
        if !operators.contains(&operator) {
            operators.push(operator);
        }
    }
    if operators.is_empty() {
        operators = FlushOperator::ALL.to_vec();
    }
    Ok(FlushChoice { operators, everything: command.all, left_out: Vec::new() })
}

/// The same choice without what `--skip` names: a type in capitals (`MX`), a host (`www`, `@`), or both (`www/A`).
///
/// # Errors
/// An item that is none of these.
pub fn with_exclusions(mut choice: FlushChoice, skip: &[String], zone: &Name) -> Result<FlushChoice, Complaint> {
    for item in skip.iter().map(|item| item.trim()).filter(|item| !item.is_empty()) {
        let wrong = |reason: String| {
            let shown = crate::dns::shown::text(item);
            Complaint::usage(
                format!("--skip {shown}: {reason}"),
                "give types in capitals, hosts, or host/TYPE: MX,www,api/AAAA",
            )
        };
        let rtype = |text: &str| text.parse::<RecordType>().map_err(wrong);
        let (name, rtype) = match item.split_once('/') {
            Some((host, kind)) => (Some(read_host(host, zone)?), Some(rtype(kind)?)),
            None if item.chars().any(char::is_uppercase) => (None, Some(rtype(item)?)),
            None => (Some(read_host(item, zone)?), None),
        };
        choice.left_out.push(FlushExclusion { operator: None, name, rtype });
    }
    Ok(choice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_skipped_is_a_type_a_host_or_both() {
        let zone: Name = "example.com.".parse().unwrap();
        let read = |text: &str| with_exclusions(FlushChoice::usual(), &[text.to_owned()], &zone);
        let exclusion = |name: Option<&str>, rtype| FlushExclusion {
            operator: None,
            name: name.map(|n| n.parse().unwrap()),
            rtype,
        };
        for (text, wanted) in [
            ("MX", exclusion(None, Some(RecordType::MX))),
            ("mx", exclusion(Some("mx.example.com."), None)),
            ("@", exclusion(Some("example.com."), None)),
            ("www/AAAA", exclusion(Some("www.example.com."), Some(RecordType::AAAA))),
        ] {
            assert_eq!(read(text).unwrap().left_out, [wanted], "{text}");
        }
        for bad in ["NOTYPE", "www/", "a..b", "www.example.org."] {
            assert!(read(bad).is_err(), "{bad}");
        }
    }
}
