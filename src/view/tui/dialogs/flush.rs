//! The flush dialog: the guard first, or a flush armed to wait for the source; then the plan, which can be edited; then what came of
//! each step. Nothing is ever called "flushed" here: a reply proves nothing, only asking the resolvers again does.

use crossterm::event::KeyEvent;

use crate::flush::{FlushEndpoints, FlushOperator, FlushPlan, FlushStep, Obstacle, SourceState, guard};
use crate::incident::{FlushChoice, FlushExclusion, FlushStanding, FlushState, Incident};
use crate::time::Timestamp;
use crate::view::tui::Wish;
use crate::view::tui::dialogs::{Line, Outcome};
use crate::view::tui::keys::{Action, Binding, FLUSH, FLUSH_BY_HAND, FLUSH_REFUSED, LINE, action};

/// Its state.
#[derive(Debug, Clone)]
pub struct FlushDialog {
    /// The step the operator is on, and its place, should it be gone.
    current: (Option<FlushStep>, usize),
    /// The steps that were planned at some time while it was open: they stay in sight when they become clean.
    seen: Vec<FlushStep>,
    /// Steps left out by the operator.
    left_out: Vec<FlushStep>,
    /// Requests asked for here, and when: until the incident shows them they are not asked for again.
    asked: Vec<(FlushStep, Timestamp)>,
    /// Whether the whole list is wanted.
    everything: bool,
    /// What is typed against the guard, while it is being typed.
    typed: Option<Line>,
    /// Whether the operator has overridden the guard.
    overridden: bool,
    endpoints: FlushEndpoints,
}

impl FlushDialog {
    /// Opens it: plans, sends nothing.
    #[must_use]
    pub fn open(incident: &Incident, endpoints: &FlushEndpoints) -> Self {
        Self {
            current: (None, 0),
            seen: FlushPlan::of(incident, &FlushChoice::usual()).steps,
            left_out: Vec::new(),
            asked: Vec::new(),
            everything: false,
            typed: None,
            overridden: false,
            endpoints: endpoints.clone(),
        }
    }

    /// Why the guard refuses now; none when it passes or was overridden.
    #[must_use]
    pub fn refusal(&self, incident: &Incident) -> Option<Vec<Obstacle>> {
        if self.overridden { None } else { guard(&SourceState::of(incident)).err() }
    }

    /// What must be typed to flush although the guard refuses.
    #[must_use]
    pub fn confirmation(incident: &Incident) -> String {
        incident.zone().without_dot()
    }

    /// The plan as what was heard stands now.
    #[must_use]
    pub fn plan(&self, incident: &Incident) -> FlushPlan {
        FlushPlan::of(incident, &FlushChoice { everything: self.everything, ..FlushChoice::usual() })
    }

    /// The steps to be shown, in the order in which they are sent: those planned, those under way or over, and those that were
    /// planned before.
    #[must_use]
    pub fn steps(&self, incident: &Incident, plan: &FlushPlan) -> Vec<FlushStep> {
        let whole = FlushPlan::of(incident, &FlushChoice { everything: true, ..FlushChoice::usual() });
        let wanted = |step: &FlushStep| {
            plan.steps.contains(step) || self.seen.contains(step) || standing(incident, step).is_some()
        };
        let mut steps: Vec<FlushStep> = whole.steps.into_iter().filter(|step| wanted(step)).collect();
        // An operator none of whose resolvers is asked here may still have been flushed.
        let others = incident.flush_standings().iter().map(|s| &s.step);
        let others: Vec<FlushStep> = others.filter(|step| !steps.contains(step)).cloned().collect();
        steps.extend(others);
        steps
    }

    /// The place of the step the operator is on.
    #[must_use]
    pub fn at(&self, steps: &[FlushStep]) -> usize {
        let (current, place) = &self.current;
        let found = current.as_ref().and_then(|current| steps.iter().position(|step| step == current));
        found.unwrap_or_else(|| (*place).min(steps.len().saturating_sub(1)))
    }

    /// Whether a step is to be sent.
    #[must_use]
    pub fn takes(&self, step: &FlushStep) -> bool {
        !self.left_out.contains(step)
    }

    /// Whether the whole list is planned.
    #[must_use]
    pub const fn plans_everything(&self) -> bool {
        self.everything
    }

    /// Whether the operator has overridden the guard.
    #[must_use]
    pub const fn is_overridden(&self) -> bool {
        self.overridden
    }

    /// What is being typed against the guard.
    #[must_use]
    pub const fn typed(&self) -> Option<&Line> {
        self.typed.as_ref()
    }

    /// What will be done for a step, exactly.
    #[must_use]
    pub fn request(&self, step: &FlushStep) -> String {
        step.request(&self.endpoints)
    }

    /// The page for a step that a person has to do.
    #[must_use]
    pub fn page(&self, step: &FlushStep) -> Option<String> {
        step.link(&self.endpoints)
    }

    /// The keys that work now.
    #[must_use]
    pub fn keys(&self, incident: &Incident) -> &'static [Binding] {
        match (&self.typed, self.refusal(incident)) {
            (Some(_), _) => LINE,
            (None, Some(_)) => FLUSH_REFUSED,
            (None, None) => {
                let steps = self.steps(incident, &self.plan(incident));
                let by_hand = steps.get(self.at(&steps)).is_some_and(|step| step.operator.needs_a_person());
                if by_hand { FLUSH_BY_HAND } else { FLUSH }
            }
        }
    }

    /// The requests that would leave now: planned, not left out, and not taken already.
    #[must_use]
    pub fn sendable(&self, incident: &Incident, plan: &FlushPlan) -> Vec<FlushStep> {
        let open = |step: &&FlushStep| {
            let asked = self.asked.iter().rev().find(|(asked, _)| asked == *step).map(|(_, at)| *at);
            let stands = standing(incident, step);
            // One that was asked for just now is under way, although the incident does not show it yet.
            let shown = asked.is_none_or(|at| stands.is_some_and(|s| s.ordered >= at));
            let taken = [FlushState::Sent, FlushState::Accepted, FlushState::AwaitsSource, FlushState::Confirmed];
            let free = shown && stands.is_none_or(|s| !taken.contains(&s.state));
            !step.operator.needs_a_person() && self.takes(step) && free
        };
        plan.steps.iter().filter(open).cloned().collect()
    }

    /// Takes in a key.
    pub fn press(&mut self, key: &KeyEvent, incident: &Incident, now: Timestamp) -> Outcome {
        if let Some(line) = &mut self.typed {
            match action(LINE, key) {
                Some(Action::Close) => self.typed = None,
                Some(Action::Confirm) if line.text().trim().eq_ignore_ascii_case(&Self::confirmation(incident)) => {
                    (self.typed, self.overridden) = (None, true);
                }
                Some(Action::Confirm) => {
                    return Outcome::Note(format!("type {} to go on all the same", Self::confirmation(incident)));
                }
                _ => {
                    line.press(key);
                }
            }
            return Outcome::Stay;
        }
        let armed = incident.armed_flush().is_some();
        if self.refusal(incident).is_some() {
            return match action(FLUSH_REFUSED, key) {
                Some(Action::Close) => Outcome::Close,
                Some(Action::Arm) if armed => Outcome::Note("armed already; x cancels it".to_owned()),
                Some(Action::Arm) => Outcome::Wish(Wish::ArmFlush(self.choice())),
                Some(Action::Disarm) if armed => Outcome::Wish(Wish::DisarmFlush),
                Some(Action::Disarm) => Outcome::Note("nothing is armed".to_owned()),
                Some(Action::Override) => {
                    self.typed = Some(Line::default());
                    Outcome::Stay
                }
                _ => Outcome::Stay,
            };
        }
        let plan = self.plan(incident);
        for step in &plan.steps {
            if !self.seen.contains(step) {
                self.seen.push(step.clone());
            }
        }
        let steps = self.steps(incident, &plan);
        let (at, last) = (self.at(&steps), steps.len().saturating_sub(1));
        let to = match action(FLUSH, key) {
            Some(Action::Close) => return Outcome::Close,
            Some(Action::Confirm) => return self.send(incident, &plan, now),
            Some(Action::Disarm) if armed => return Outcome::Wish(Wish::DisarmFlush),
            Some(Action::PlanAll) => {
                self.everything = !self.everything;
                return Outcome::Stay;
            }
            Some(Action::Up) => at.saturating_sub(1),
            Some(Action::Down) => (at + 1).min(last),
            Some(Action::PageUp) => at.saturating_sub(10),
            Some(Action::PageDown) => (at + 10).min(last),
            Some(asked) => {
                return match steps.get(at) {
                    Some(step) => {
                        let next = (at + 1).min(last);
                        self.on_step(asked, step, (steps.get(next).cloned(), next), incident)
                    }
                    None => Outcome::Stay,
                };
            }
            None => return Outcome::Stay,
        };
        self.current = (steps.get(to).cloned(), to);
        Outcome::Stay
    }

    fn choice(&self) -> FlushChoice {
        let left_out = self.left_out.iter().map(FlushExclusion::of).collect();
        FlushChoice { operators: FlushOperator::ALL.to_vec(), everything: self.everything, left_out }
    }

    fn send(&mut self, incident: &Incident, plan: &FlushPlan, now: Timestamp) -> Outcome {
        let steps = self.sendable(incident, plan);
        if steps.is_empty() {
            let why = if self.asked.is_empty() {
                "nothing to send: no request is planned, or all are left out; a plans the whole list"
            } else {
                "everything planned is on its way already; nothing is sent twice unasked"
            };
            return Outcome::Note(why.to_owned());
        }
        self.asked.extend(steps.iter().map(|step| (step.clone(), now)));
        let against = guard(&SourceState::of(incident)).err().unwrap_or_default();
        Outcome::Wish(Wish::Flush { steps, against: against.iter().map(ToString::to_string).collect() })
    }

    /// The keys for the step the operator is on.
    fn on_step(
        &mut self,
        asked: Action,
        step: &FlushStep,
        next: (Option<FlushStep>, usize),
        incident: &Incident,
    ) -> Outcome {
        match (asked, self.page(step)) {
            (Action::Rows, _) => Outcome::ShowRows(format!("op:{}", step.operator.to_string().to_lowercase())),
            (Action::CopyName, _) => Outcome::Wish(Wish::Copy(step.name.without_dot())),
            (Action::CopyType, _) => Outcome::Wish(Wish::Copy(step.rtype.to_string())),
            (Action::Toggle, _) if standing(incident, step).is_some_and(|s| !s.state.is_final()) => {
                Outcome::Note("this step is under way already".to_owned())
            }
            (Action::Toggle, _) => {
                match self.left_out.iter().position(|left_out| left_out == step) {
                    Some(at) => {
                        self.left_out.remove(at);
                    }
                    None => self.left_out.push(step.clone()),
                }
                self.current = next;
                Outcome::Stay
            }
            (Action::OpenPage, Some(page)) => Outcome::Wish(Wish::OpenPage(page)),
            (Action::MarkDone, Some(_)) => {
                self.current = next;
                Outcome::Wish(Wish::FlushDone(step.clone()))
            }
            (Action::OpenPage | Action::MarkDone, None) => {
                Outcome::Note(format!("{} needs no person: Enter sends its steps", step.operator))
            }
            _ => Outcome::Stay,
        }
    }
}

/// How a step stands, if it was ever ordered or done.
#[must_use]
pub fn standing<'a>(incident: &'a Incident, step: &FlushStep) -> Option<&'a FlushStanding> {
    incident.flush_standings().iter().find(|s| s.step == *step)
}
