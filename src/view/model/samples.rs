//! What samples of an address say of the caches behind it, in words. The bounds are the judge's; nothing is counted here.

use crate::judge::{DelegationState, SampleCount, ShareInterval};

/// A share in whole percent, never rounded to a better one than it is: up for an upper bound.
fn percent_up(share: f64) -> String {
    format!("{:.0} %", (share * 100.0 - 1e-6).ceil().clamp(0.0, 100.0))
}

/// `14/14 good, so < 20 % of the caches behind 9.9.9.9 seen from here are stale (95 %)`, or `parked in 3 of 8 samples (95 %:
/// 9–76 % of the caches seen from here)`; with what comes from servers not seen yet, where answers name them. None without a
/// sample that says anything.
#[must_use]
pub(super) fn share_words(samples: &SampleCount, state: DelegationState, address: &str) -> Option<String> {
    let said = match (samples.stale_share(), samples.stale_share_at_most()) {
        (Some(between), _) => {
            format!("{} ({} of the caches seen from here)", mixed_words(samples, state), between_words(between))
        }
        (None, Some(most)) => {
            let sure = samples.sure;
            let since = if sure < samples.good { " since a packet was lost" } else { "" };
            format!(
                "{sure}/{sure} good{since}, so < {} of the caches behind {address} seen from here are stale (95 %)",
                percent_up(most)
            )
        }
        (None, None) => return None,
    };
    let unseen = samples.groups.filter(|g| g.once > 0).and_then(|groups| {
        let servers = if groups.seen == 1 { "1 server".to_owned() } else { format!("{} servers", groups.seen) };
        Some(format!("; {servers} named, about {} of answers from others", percent_up(groups.unseen_share()?)))
    });
    Some(said + &unseen.unwrap_or_default())
}

/// `parked in 3 of 8 samples`: of one moment.
pub(super) fn mixed_words(samples: &SampleCount, state: DelegationState) -> String {
    let what = match state {
        DelegationState::Parked | DelegationState::ParkedSilent | DelegationState::Stuck => "parked",
        DelegationState::Held => "held",
        _ => "wrong",
    };
    format!("{what} in {} of {} samples", samples.bad, samples.together)
}

/// `95 %: 9–76 %`.
fn between_words(between: ShareInterval) -> String {
    format!("95 %: {:.0}–{}", between.low * 100.0, percent_up(between.high))
}

/// How small a share of stale caches so many good samples in a row leave possible, for sentences: `20 %`.
#[must_use]
pub fn stale_at_most_words(good: usize) -> String {
    percent_up(crate::judge::stale_share_at_most(good))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::CacheGroups;

    #[test]
    fn clean_samples_exclude_a_share() {
        let samples = SampleCount { good: 14, sure: 14, usable: 14, together: 14, sent: 15, ..SampleCount::default() };
        let text = "14/14 good, so < 20 % of the caches behind 9.9.9.9 seen from here are stale (95 %)";
        assert_eq!(share_words(&samples, DelegationState::Parked, "9.9.9.9").as_deref(), Some(text));
        let named = SampleCount { groups: Some(CacheGroups { told: 14, seen: 3, once: 1, bad: 0 }), ..samples };
        assert!(
            share_words(&named, DelegationState::Parked, "9.9.9.9")
                .unwrap()
                .ends_with("; 3 servers named, about 8 % of answers from others")
        );
        assert_eq!(stale_at_most_words(59), "5 %");
    }

    #[test]
    fn bad_ones_give_an_interval() {
        let samples = SampleCount { good: 1, sure: 1, usable: 8, together: 8, bad: 3, sent: 8, groups: None };
        let text = "parked in 3 of 8 samples (95 %: 9–76 % of the caches seen from here)";
        assert_eq!(share_words(&samples, DelegationState::Parked, "8.8.8.8").as_deref(), Some(text));
        assert_eq!(share_words(&SampleCount::default(), DelegationState::Unknown, "8.8.8.8"), None);
    }
}
