//! The flush dialog: the guard first, then the plan, then one confirmation, then what came of it. Nothing is ever called
//! "flushed" here: a reply proves nothing, only asking the resolvers again does.

use crossterm::event::KeyEvent;

use crate::flush::{FlushEndpoints, FlushOperator, FlushPlan, FlushStep, Obstacle, SourceState, guard};
use crate::incident::Incident;
use crate::time::Timestamp;
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome};
use crate::view::tui::keys::{Action, FLUSH, LINE, action};

/// What must be typed to flush although the guard refuses: the words of the command line's flag.
pub const CONFIRMATION: &str = "even-if-parked";

/// Its state.
#[derive(Debug, Clone)]
pub struct FlushDialog {
    /// Every step of every operator.
    pub plan: FlushPlan,
    /// The step the operator is on.
    pub at: usize,
    /// What is typed against the guard.
    pub line: Line,
    /// Whether the operator has overridden the guard.
    pub overridden: bool,
    /// When the steps that need no person were asked for in this dialog.
    pub asked: Option<Timestamp>,
    /// Steps marked as done by hand in this dialog.
    pub marked: Vec<FlushStep>,
    endpoints: FlushEndpoints,
}

impl FlushDialog {
    /// Opens it: plans, sends nothing.
    #[must_use]
    pub fn open(incident: &Incident, endpoints: &FlushEndpoints) -> Self {
        Self {
            plan: FlushPlan::of(incident, &FlushOperator::ALL),
            at: 0,
            line: Line::default(),
            overridden: false,
            asked: None,
            marked: Vec::new(),
            endpoints: endpoints.clone(),
        }
    }

    /// Why the guard refuses now; none when it passes or was overridden.
    #[must_use]
    pub fn refusal(&self, incident: &Incident) -> Option<Vec<Obstacle>> {
        if self.overridden { None } else { guard(&SourceState::of(incident)).err() }
    }

    /// What will be done for a step, exactly.
    #[must_use]
    pub fn request(&self, step: &FlushStep) -> String {
        step.request(&self.endpoints)
    }

    /// How a step stands, in a few words.
    #[must_use]
    pub fn status(&self, step: &FlushStep, incident: &Incident) -> String {
        let ended = incident.flushes().iter().rev().find(|(_, record)| record.step == *step);
        let waits = self.asked.is_some() && !step.operator.needs_a_person();
        match ended {
            Some((at, record)) if !waits || self.asked.is_some_and(|asked| *at >= asked) => {
                format!("{} {}", record.outcome, at.clock())
            }
            _ if self.marked.contains(step) => "marked as done".to_owned(),
            _ if waits => "asked, no reply yet".to_owned(),
            _ if step.operator.needs_a_person() => "needs a person".to_owned(),
            _ => "planned".to_owned(),
        }
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent, incident: &Incident, now: Timestamp) -> Outcome {
        if self.refusal(incident).is_some() {
            return self.press_refused(key);
        }
        let last = self.plan.steps.len().saturating_sub(1);
        match action(FLUSH, key) {
            Some(Action::Close) => Outcome::Close,
            Some(Action::Confirm) => self.send(now),
            Some(Action::Up) => self.go(self.at.saturating_sub(1)),
            Some(Action::Down) => self.go((self.at + 1).min(last)),
            Some(Action::PageUp) => self.go(self.at.saturating_sub(10)),
            Some(Action::PageDown) => self.go((self.at + 10).min(last)),
            Some(asked) => match self.plan.steps.get(self.at).cloned() {
                Some(step) => self.by_hand(asked, step),
                None => Outcome::Stay,
            },
            None => Outcome::Stay,
        }
    }

    fn press_refused(&mut self, key: &KeyEvent) -> Outcome {
        match action(LINE, key) {
            Some(Action::Close) => Outcome::Close,
            Some(Action::Confirm) if self.line.text().trim() == CONFIRMATION => {
                self.overridden = true;
                Outcome::Stay
            }
            Some(Action::Confirm) => Outcome::Note(format!("type {CONFIRMATION} to go on all the same")),
            _ => {
                self.line.press(key);
                Outcome::Stay
            }
        }
    }

    fn go(&mut self, to: usize) -> Outcome {
        self.at = to;
        Outcome::Stay
    }

    fn send(&mut self, now: Timestamp) -> Outcome {
        if self.asked.is_some() {
            return Outcome::Note("already sent; to send again, close this and open it anew".to_owned());
        }
        let steps: Vec<FlushStep> =
            self.plan.steps.iter().filter(|step| !step.operator.needs_a_person()).cloned().collect();
        if steps.is_empty() {
            return Outcome::Note("no operator takes this zone without a person".to_owned());
        }
        self.asked = Some(now);
        Outcome::Wish(Wish::Flush(steps))
    }

    /// The keys for a step that a person has to do.
    fn by_hand(&mut self, asked: Action, step: FlushStep) -> Outcome {
        match (asked, step.link(&self.endpoints)) {
            (Action::CopyName, _) => Outcome::Wish(Wish::Copy(step.name.without_dot())),
            (Action::CopyType, _) => Outcome::Wish(Wish::Copy(step.rtype.to_string())),
            (Action::OpenPage, Some(link)) => Outcome::Wish(Wish::OpenPage(link)),
            (Action::MarkDone, Some(_)) => {
                if !self.marked.contains(&step) {
                    self.marked.push(step.clone());
                }
                self.at = (self.at + 1).min(self.plan.steps.len().saturating_sub(1));
                Outcome::Wish(Wish::FlushDone(step))
            }
            (Action::OpenPage | Action::MarkDone, None) => {
                Outcome::Note(format!("{} needs no person: Enter sends its steps", step.operator))
            }
            _ => Outcome::Stay,
        }
    }
}
