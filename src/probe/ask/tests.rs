//! The order of attempts and the meaning of their ends, in virtual time.

use hickory_proto::op::{Message, MessageType, ResponseCode};

use super::super::simulated::{Fate, Simulated};
use super::*;
use crate::dns::RecordType;
use crate::observation::{Purpose, Role, TargetId};
use Transport::{Tcp, Udp};

const TARGET: &str = "192.0.2.53:53";

fn query() -> Query {
    let target = TargetId::new(Role::Resolver, TARGET.parse().unwrap());
    Query::new(target, "example.com.".parse().unwrap(), RecordType::TXT, Purpose::Nonce)
}

fn answer(sent: &[u8], change: impl FnOnce(&mut Message)) -> Vec<u8> {
    let mut message = Message::from_vec(sent).unwrap();
    message.metadata.message_type = MessageType::Response;
    change(&mut message);
    message.to_vec().unwrap()
}

fn millis(number: u64) -> Duration {
    Duration::from_millis(number)
}

#[tokio::test(start_paused = true)]
async fn a_silent_target_gets_three_packets_in_three_seconds() {
    let network = Simulated::new(|_, _, _| Fate::Lost);
    let observation = network.prober().ask(&query()).await;
    assert_eq!(observation.outcome, Outcome::NoResponse);
    assert_eq!(network.packets(), [(0, Udp), (400, Udp), (1_200, Tcp)]);
    assert_eq!((observation.packets, observation.at.since(observation.sent)), (3, Duration::from_secs(3)));
    let sent = network.sent.lock().unwrap();
    let ids: Vec<u16> = sent.iter().map(|(.., message)| message.metadata.id).collect();
    assert!(ids[0] != ids[1] && ids[1] != ids[2]);
    let last = sent[2].3.queries[0].name().to_ascii();
    assert_eq!(observation.asked.to_string(), last, "the last name sent, where none was answered");
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_for_three_usual_round_trips() {
    let network = Simulated::new(|_, _, sent| Fate::Answered(millis(300), answer(sent, |_| ())));
    let prober = network.prober();
    prober.ask(&query()).await;
    prober.ask(&query()).await;
    assert_eq!(prober.first_retry(TARGET.parse().unwrap()), millis(900));
    assert_eq!(prober.first_retry("192.0.2.54:53".parse().unwrap()), millis(400));
    assert_eq!(network.packets(), [(0, Udp), (300, Udp)]);
}

#[tokio::test(start_paused = true)]
async fn the_answer_to_any_packet_ends_the_query_with_its_name() {
    let network = Simulated::new(|_, _, sent| Fate::Answered(millis(700), answer(sent, |_| ())));
    let observation = network.prober().ask(&query()).await;
    assert_eq!((observation.rtt, observation.packets), (Some(millis(700)), 2));
    let first = network.sent.lock().unwrap()[0].3.queries[0].name().to_ascii();
    assert_eq!(observation.asked.to_string(), first);
}

#[tokio::test(start_paused = true)]
async fn refusal_over_tcp_with_silence_over_udp_is_unreachable() {
    let network =
        Simulated::new(|_, transport, _| if transport == Udp { Fate::Lost } else { Fate::Refused(millis(1)) });
    let observation = network.prober().ask(&query()).await;
    assert_eq!(observation.outcome, Outcome::Unreachable);
    // An answer over UDP may still be on its way: the whole time is waited.
    assert_eq!(observation.at.since(observation.sent), Duration::from_secs(3));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_leave_is_our_fault_and_known_at_once() {
    let network = Simulated::new(|_, _, _| Fate::NotSent);
    let observation = network.prober().ask(&query()).await;
    assert_eq!(observation.outcome, Outcome::NotSent { reason: "Network is unreachable".to_owned() });
    assert_eq!((observation.packets, observation.at), (0, observation.sent));
    assert_eq!(network.packets(), [(0, Udp), (0, Tcp)]);
}

#[tokio::test(start_paused = true)]
async fn tcp_may_work_where_udp_cannot_leave_but_its_silence_alone_says_nothing() {
    let over_tcp = |fate: fn(&[u8]) -> Fate| {
        Simulated::new(move |_, transport, sent| if transport == Udp { Fate::NotSent } else { fate(sent) })
    };
    let answered = over_tcp(|sent| Fate::Answered(millis(5), answer(sent, |_| ())));
    let observation = answered.prober().ask(&query()).await;
    assert_eq!((observation.response().map(|r| r.transport), observation.packets), (Some(Tcp), 1));
    let observation = over_tcp(|_| Fate::Lost).prober().ask(&query()).await;
    assert!(matches!(observation.outcome, Outcome::NotSent { .. }));
    let observation = over_tcp(|_| Fate::Refused(millis(1))).prober().ask(&query()).await;
    assert_eq!(observation.outcome, Outcome::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn our_fault_over_tcp_does_not_excuse_silence_over_udp() {
    let network = Simulated::new(|_, transport, _| if transport == Udp { Fate::Lost } else { Fate::NotSent });
    let observation = network.prober().ask(&query()).await;
    assert_eq!((observation.outcome, observation.packets), (Outcome::NoResponse, 2));
}

#[tokio::test(start_paused = true)]
async fn a_query_for_tcp_uses_tcp_only() {
    let network = Simulated::new(|_, _, _| Fate::Lost);
    let observation = network.prober().ask(&Query { transport: Tcp, ..query() }).await;
    assert_eq!((observation.outcome, network.packets()), (Outcome::NoResponse, vec![(0, Tcp)]));
}

#[tokio::test(start_paused = true)]
async fn late_truncation_still_leaves_time_for_tcp() {
    let network = Simulated::new(|_, transport, sent| match transport {
        Udp => Fate::Answered(millis(2_900), answer(sent, |m| m.metadata.truncation = true)),
        Tcp if Message::from_vec(sent).is_ok() => Fate::Answered(millis(400), answer(sent, |_| ())),
        Tcp => Fate::Lost,
    });
    let patience = Patience { tcp_after: Duration::from_secs(10), ..Patience::default() };
    let prober = Prober::seeded(network.clone(), super::super::simulated::TestClock::start(), patience, 1);
    let observation = prober.ask(&query()).await;
    assert_eq!(observation.response().map(|r| (r.transport, r.tc)), Some((Tcp, false)));
    assert_eq!(network.packets(), [(0, Udp), (400, Udp), (2_900, Tcp)]);
}

#[tokio::test(start_paused = true)]
async fn an_error_stands_when_the_question_without_edns_is_lost() {
    let network = Simulated::new(|_, _, sent| {
        if Message::from_vec(sent).unwrap().edns.is_none() {
            return Fate::Lost;
        }
        Fate::Answered(
            millis(10),
            answer(sent, |m| {
                m.edns = None;
                m.metadata.response_code = ResponseCode::NotImp;
            }),
        )
    });
    let observation = network.prober().ask(&query()).await;
    assert_eq!(observation.response().map(|r| r.rcode), Some(Rcode::NOTIMP));
    assert_eq!(observation.at.since(observation.sent), millis(10), "when the error came, not when waiting ended");
}

#[tokio::test(start_paused = true)]
async fn equal_seeds_send_equal_packets() {
    let run = async || {
        let network = Simulated::new(|_, _, _| Fate::Lost);
        network.prober().ask(&query()).await;
        let sent = network.sent.lock().unwrap();
        sent.iter().map(|(.., message)| message.to_vec().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(run().await, run().await);
}

#[test]
fn patience_keeps_its_proportions() {
    let patience = Patience::ending_after(Duration::from_millis(1_500));
    assert_eq!((patience.first_retry, patience.tcp_after), (millis(200), millis(600)));
    assert_eq!(Patience::ending_after(Duration::from_secs(3)), Patience::default());
    let endless = Patience::ending_after(Duration::MAX);
    assert!(endless.first_retry < endless.tcp_after && endless.tcp_after < endless.give_up);
}

#[tokio::test(start_paused = true)]
async fn no_patience_and_endless_patience_both_end() {
    for give_up in [Duration::ZERO, Duration::MAX] {
        let network = Simulated::new(|_, _, _| Fate::Lost);
        let patience = Patience::ending_after(give_up);
        let prober = Prober::seeded(network, super::super::simulated::TestClock::start(), patience, 1);
        assert_eq!(prober.ask(&query()).await.outcome, Outcome::NoResponse);
    }
}
