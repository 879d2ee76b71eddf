//! The mouse: a click selects and opens, the wheel scrolls, and borders between panes can be dragged.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::incident::Incident;
use crate::judge::Verdict;
use crate::view::model::Glance;
use crate::view::tui::Wish;
use crate::view::tui::app::press::with_verdict;
use crate::view::tui::app::{App, signed};
use crate::view::tui::draw::{
    BehindSide, Layout, behind_side, column_at, count_at, is_budget_at, moment_at, rung_at, rung_of_wall, server_at,
};
use crate::view::tui::keys::Action;
use crate::view::tui::overlay::Overlay;
use crate::view::tui::replay::ReplayAct;

/// Rows a turn of the wheel moves.
const WHEEL: usize = 3;

impl App {
    pub(super) fn point(&mut self, mouse: MouseEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
        if mouse.row >= self.canvas().1 && self.replay.is_some() {
            let pressed =
                matches!(mouse.kind, MouseEventKind::Down(MouseButton::Left) | MouseEventKind::Drag(MouseButton::Left));
            let on_scrubber = pressed && mouse.row == self.canvas().1;
            return moment_at(self, mouse.column).filter(|_| on_scrubber).map(|at| Wish::Replay(ReplayAct::To(at)));
        }
        if !self.overlays.is_empty() {
            return self.point_at_overlay(mouse, incident, board);
        }
        if self.big {
            return self.point_at_big(mouse, board);
        }
        let layout = Layout::of(self, board);
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollUp => self.step(-signed(WHEEL), incident, board),
            MouseEventKind::ScrollDown => self.step(signed(WHEEL), incident, board),
            MouseEventKind::Down(MouseButton::Left) => {
                self.dragged = layout.border_at(at).map(|border| (border, false));
                if self.dragged.is_none() {
                    return self.click(at, &layout, incident, board);
                }
            }
            MouseEventKind::Drag(MouseButton::Left) => {
                if let Some((border, moved)) = &mut self.dragged {
                    *moved = true;
                    let border = *border;
                    layout.drag(border, at, &mut self.sizes);
                    let page = self.page(board);
                    self.listing.follow(page, incident);
                }
            }
            MouseEventKind::Up(MouseButton::Left) => {
                // A border holds the title of its pane: pressed and let go in one place, it is a click on that.
                if let Some((_, false)) = self.dragged.take() {
                    return self.click(at, &layout, incident, board);
                }
            }
            _ => {}
        }
        None
    }

    fn click(&mut self, at: Position, layout: &Layout, incident: &Incident, board: &Glance) -> Option<Wish> {
        let page = self.page(board);
        if layout.rows.contains(at) {
            let place = self.listing.first(page) + usize::from(at.y - layout.rows.y);
            if place < self.listing.places().len() && self.listing.select(place, incident, board.now) {
                return self.act(Action::Detail, incident, board);
            }
        } else if layout.titles.contains(at) {
            if let Some(column) = column_at(self, layout, at.x) {
                self.listing.sort_by(column.sort_key(), incident, board.now);
            }
        } else if layout.rule.contains(at) {
            if let Some(verdict) = count_at(self, board, layout, at.x) {
                self.show_only(verdict, incident, board);
            }
        } else if layout.ladder.contains(at) {
            if let Some(rung) = rung_at(board, layout, at) {
                self.overlays.push(Overlay::Servers { rung, at: 0 });
            }
        } else if layout.side.contains(at) {
            return match behind_side(self, incident, board, layout, at) {
                Some(BehindSide::Resolver(target)) => {
                    self.overlays.push(Overlay::Detail { target, whole: false, scroll: 0 });
                    None
                }
                Some(BehindSide::Pane(action)) => self.act(action, incident, board),
                None => None,
            };
        } else if let Some(action) = layout.behind(at) {
            return self.act(behind_part(self, action, at, layout, incident, board), incident, board);
        }
        self.listing.follow(page, incident);
        None
    }

    /// On the screen for the wall a rung opens to its servers; a click elsewhere goes back to the table with its rows.
    fn point_at_big(&mut self, mouse: MouseEvent, board: &Glance) -> Option<Wish> {
        if mouse.kind == MouseEventKind::Down(MouseButton::Left) {
            let at = Position::new(mouse.column, mouse.row);
            match rung_of_wall(board, self.size.0, at) {
                Some(rung) => self.overlays.push(Overlay::Servers { rung, at: 0 }),
                None => self.big = false,
            }
        }
        None
    }

    /// Shows only the rows that a number counts.
    fn show_only(&mut self, verdict: Verdict, incident: &Incident, board: &Glance) {
        let term = with_verdict(verdict);
        // A second click takes it back.
        let text = if self.filter_line.text() == term { String::new() } else { term };
        self.filter_line.set(&text);
        self.apply_filter(incident, board);
    }

    fn point_at_overlay(&mut self, mouse: MouseEvent, incident: &Incident, board: &Glance) -> Option<Wish> {
        let lists = !matches!(
            self.overlays.last(),
            Some(
                Overlay::Expectation(_)
                    | Overlay::Hosts(_)
                    | Overlay::AddResolver(_)
                    | Overlay::Note(_)
                    | Overlay::Survey(_)
                    | Overlay::Flush(_)
                    | Overlay::Filter { .. }
            )
        );
        let action = match mouse.kind {
            MouseEventKind::ScrollUp => Action::Up,
            MouseEventKind::ScrollDown => Action::Down,
            MouseEventKind::Down(MouseButton::Left) if lists => {
                let at = Position::new(mouse.column, mouse.row);
                let overlay = self.overlays.last()?.clone();
                let server = server_at(self, &overlay, incident, board, at)?;
                let Some(Overlay::Servers { at: chosen, .. }) = self.overlays.last_mut() else { return None };
                return if std::mem::replace(chosen, server) == server {
                    self.act_on_list(Action::Detail, incident, board)
                } else {
                    None
                };
            }
            _ => return None,
        };
        for _ in 0..WHEEL {
            if lists {
                self.act_on_list(action, incident, board);
            } else {
                let code =
                    if action == Action::Up { crossterm::event::KeyCode::Up } else { crossterm::event::KeyCode::Down };
                let typed = crossterm::event::KeyEvent::new(code, crossterm::event::KeyModifiers::NONE);
                self.press(&typed, incident, board);
            }
        }
        self.clamp(incident, board);
        None
    }
}

/// Two parts hold numbers of different kinds: the notices, of which an armed flush has its own dialog, and the bottom line.
fn behind_part(app: &App, part: Action, at: Position, layout: &Layout, incident: &Incident, board: &Glance) -> Action {
    match part {
        Action::Asking if incident.armed_flush().is_some() && layout.is_first_notice(at) => Action::Flush,
        Action::Help if is_budget_at(app, incident, board, at) => Action::Asking,
        part => part,
    }
}
