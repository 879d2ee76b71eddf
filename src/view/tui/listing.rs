//! The table's state: which rows are shown, in which order, which of them is selected, and what stands still. Pure.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::incident::{Incident, ResolverWatch};
use crate::observation::{Role, TargetId, address_text};
use crate::time::Timestamp;
use crate::view::model::{Filter, Place, Sort, SortKey, arrange_resolvers, fold};

/// Rows are sorted anew at most this often by themselves.
const RESORT: Duration = Duration::from_secs(5);
/// So long after the last key in the table they are taken to be read, and keep still.
const READING: Duration = Duration::from_secs(15);

/// What the operator is on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    /// A resolver.
    Resolver(TargetId),
    /// An operator's resolvers, folded into one line.
    Operator(String),
}

/// The table as the operator arranged it.
///
/// Rows keep still while they are read: their order, and which of them pass the filter, are worked out when the operator
/// sorts or filters, and otherwise only every few seconds while no row is selected, no key was pressed lately and the order
/// is not frozen. A row whose verdict changes meanwhile changes in place. The selection belongs to a resolver or an
/// operator, not to a place on the screen.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    sort: Sort,
    filter: Filter,
    folded: bool,
    open: BTreeSet<String>,
    frozen: bool,
    /// Columns left out on the left, beyond those that always stand.
    shift: usize,
    /// Positions among the incident's resolvers, as they are arranged.
    order: Vec<usize>,
    /// The lines: the order, folded by operator where that is wished.
    places: Vec<Place>,
    selected: Option<Selected>,
    first: usize,
    /// How many resolvers there were when they were last arranged.
    known: usize,
    /// How long the longest address is.
    widest: usize,
    arranged: Option<Timestamp>,
    touched: Option<Timestamp>,
}

impl Listing {
    /// Puts the rows in order when that is due. To be called before every frame.
    pub fn refresh(&mut self, incident: &Incident, now: Timestamp) {
        // A replay goes back as well: what lies ahead has not happened yet.
        self.arranged = self.arranged.map(|at| if at > now { incident.started() } else { at });
        self.touched = self.touched.filter(|at| *at <= now);
        let quiet = !self.frozen && self.selected.is_none() && self.touched.is_none_or(|at| now.since(at) >= READING);
        let due = match self.arranged {
            None => true,
            // In the first seconds the order settles with every answer.
            Some(at) => quiet && (now.since(incident.started()) < RESORT || now.since(at) >= RESORT),
        };
        let all = incident.resolvers().len();
        if due || self.order.iter().any(|at| *at >= all) {
            self.arrange(incident, now);
        } else if self.known < all {
            let new = (self.known..all).zip(incident.resolvers().iter().skip(self.known));
            let passing: Vec<usize> =
                new.filter(|(_, watch)| self.filter.passes(watch, incident)).map(|(at, _)| at).collect();
            self.order.extend(passing);
            self.take_stock(incident);
        }
    }

    /// Sorts and filters anew.
    pub fn arrange(&mut self, incident: &Incident, now: Timestamp) {
        self.order = arrange_resolvers(incident, &self.filter, self.sort);
        self.arranged = Some(now);
        self.take_stock(incident);
    }

    fn take_stock(&mut self, incident: &Incident) {
        self.known = incident.resolvers().len();
        let addresses = incident.resolvers().iter().map(|w| w.target.address);
        // Only IPv6 addresses have very different lengths; the text of each is not worth making.
        let longest = addresses.clone().filter(std::net::SocketAddr::is_ipv6).map(|a| address_text(a).len()).max();
        self.widest = longest.unwrap_or(0).max(if addresses.clone().any(|a| a.port() != 53) { 21 } else { 15 });
        self.lay_out(incident);
    }

    fn lay_out(&mut self, incident: &Incident) {
        self.places = if self.folded {
            fold(incident, &self.order, &self.open)
        } else {
            self.order.iter().map(|at| Place::Resolver(*at)).collect()
        };
    }

    /// The filter.
    #[must_use]
    pub const fn filter(&self) -> &Filter {
        &self.filter
    }

    /// Shows only what passes.
    pub fn set_filter(&mut self, filter: Filter, incident: &Incident, now: Timestamp) {
        self.filter = filter;
        self.first = 0;
        self.arrange(incident, now);
    }

    /// What the rows are sorted by.
    #[must_use]
    pub const fn sort(&self) -> Sort {
        self.sort
    }

    /// Sorts by a key; the other way round when it was sorted by it already.
    pub fn sort_by(&mut self, key: SortKey, incident: &Incident, now: Timestamp) {
        let reversed = self.sort.key == key && !self.sort.reversed;
        self.set_sort(Sort { key, reversed }, incident, now);
    }

    /// Sorts anew.
    pub fn set_sort(&mut self, sort: Sort, incident: &Incident, now: Timestamp) {
        self.sort = sort;
        self.first = 0;
        self.arrange(incident, now);
    }

    /// Whether the order keeps still until it is let go.
    #[must_use]
    pub const fn is_frozen(&self) -> bool {
        self.frozen
    }

    /// Freezes the order, or lets it follow again.
    pub fn freeze(&mut self, incident: &Incident, now: Timestamp) {
        self.frozen = !self.frozen;
        if !self.frozen {
            self.arrange(incident, now);
        }
    }

    /// Whether rows are folded by operator.
    #[must_use]
    pub const fn is_folded(&self) -> bool {
        self.folded
    }

    /// Folds by operator, or shows every row again. The selection stays with its resolver or operator.
    pub fn fold(&mut self, incident: &Incident) {
        self.folded = !self.folded;
        self.open.clear();
        if self.folded {
            if let Some(Selected::Resolver(target)) = &self.selected
                && let Some(watch) = incident.resolver(target.address)
                && self.order.iter().filter(|at| operator_of(incident, **at) == Some(&watch.target.operator)).count()
                    > 1
            {
                self.selected = Some(Selected::Operator(watch.target.operator.clone()));
            }
        } else if let Some(Selected::Operator(operator)) = &self.selected {
            let first = self.order.iter().find(|at| operator_of(incident, **at) == Some(operator));
            self.selected = first.and_then(|at| target_at(incident, *at)).map(Selected::Resolver);
        }
        self.lay_out(incident);
    }

    /// Shows an operator's resolvers below its line, or hides them again.
    pub fn unfold(&mut self, operator: &str, incident: &Incident) {
        if !self.open.remove(operator) {
            self.open.insert(operator.to_owned());
        }
        self.lay_out(incident);
    }

    /// How many of the columns that move are left out on the left.
    #[must_use]
    pub const fn shift(&self) -> usize {
        self.shift
    }

    /// Moves the columns by one.
    pub fn shift_by(&mut self, by: isize, most: usize) {
        self.shift = self.shift.saturating_add_signed(by).min(most);
    }

    /// The lines in order.
    #[must_use]
    pub fn places(&self) -> &[Place] {
        &self.places
    }

    /// How many resolvers pass the filter.
    #[must_use]
    pub fn passing(&self) -> usize {
        self.order.len()
    }

    /// Positions of the resolvers that pass, in order, folded or not.
    #[must_use]
    pub fn order(&self) -> &[usize] {
        &self.order
    }

    /// How long the longest address is.
    #[must_use]
    pub const fn widest_address(&self) -> usize {
        self.widest
    }

    /// What is selected, if anything is.
    #[must_use]
    pub const fn selected(&self) -> Option<&Selected> {
        self.selected.as_ref()
    }

    /// Whether a line is the selected one.
    #[must_use]
    pub fn is_selected(&self, place: &Place, incident: &Incident) -> bool {
        match (&self.selected, place) {
            (Some(Selected::Resolver(target)), Place::Resolver(at)) => {
                incident.resolvers().get(*at).is_some_and(|w| w.target.address == target.address)
            }
            (Some(Selected::Operator(operator)), Place::Operator(group)) => group.operator == *operator,
            _ => false,
        }
    }

    /// Where the selected line stands.
    #[must_use]
    pub fn place(&self, incident: &Incident) -> Option<usize> {
        self.selected.as_ref()?;
        self.places.iter().position(|place| self.is_selected(place, incident))
    }

    /// Selects the line at a position; gives back whether it was selected before.
    pub fn select(&mut self, at: usize, incident: &Incident, now: Timestamp) -> bool {
        let before = self.selected.clone();
        if let Some(place) = self.places.get(at) {
            self.selected = match place {
                Place::Resolver(at) => target_at(incident, *at).map(Selected::Resolver),
                Place::Operator(group) => Some(Selected::Operator(group.operator.clone())),
            };
            self.touched = Some(now);
        }
        self.selected.is_some() && before == self.selected
    }

    /// Lets go of the selection, so that rows sort themselves again.
    pub fn let_go(&mut self) {
        (self.selected, self.touched, self.frozen, self.shift) = (None, None, false, 0);
    }

    /// The first line to show in a table of `height` lines.
    #[must_use]
    pub fn first(&self, height: usize) -> usize {
        self.first.min(self.places.len().saturating_sub(height))
    }

    /// Moves the selection by so many lines.
    pub fn step(&mut self, by: isize, page: usize, incident: &Incident, now: Timestamp) {
        let Some(last) = self.places.len().checked_sub(1) else { return };
        let to = match self.place(incident) {
            Some(at) => at.saturating_add_signed(by).min(last),
            // The first key selects the row at the top; only a jump goes further.
            None if by == isize::MAX => last,
            None if by == isize::MIN => 0,
            None => self.first(page).min(last),
        };
        self.select(to, incident, now);
        self.follow(page, incident);
    }

    /// Moves the window so that the selected line is in it.
    pub fn follow(&mut self, page: usize, incident: &Incident) {
        self.first = self.first(page);
        if let Some(place) = self.place(incident) {
            self.first = self.first.min(place).max((place + 1).saturating_sub(page));
        }
    }
}

fn watch_at(incident: &Incident, at: usize) -> Option<&ResolverWatch> {
    incident.resolvers().get(at)
}

fn operator_of(incident: &Incident, at: usize) -> Option<&String> {
    watch_at(incident, at).map(|watch| &watch.target.operator)
}

fn target_at(incident: &Incident, at: usize) -> Option<TargetId> {
    watch_at(incident, at).map(|watch| TargetId::new(Role::Resolver, watch.target.address))
}
