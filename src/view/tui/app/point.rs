//! The mouse: a click selects and opens, the wheel scrolls, and borders between panes can be dragged.

use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
use ratatui::layout::Position;

use crate::incident::Incident;
use crate::judge::Verdict;
use crate::view::model::Glance;
use crate::view::tui::Wish;
use crate::view::tui::app::{App, signed};
use crate::view::tui::draw::{Layout, column_at, count_at, moment_at, rung_at, server_at};
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
            return None;
        }
        let layout = Layout::of(self, board);
        let at = Position::new(mouse.column, mouse.row);
        match mouse.kind {
            MouseEventKind::ScrollUp => self.step(-signed(WHEEL), incident, board),
            MouseEventKind::ScrollDown => self.step(signed(WHEEL), incident, board),
            MouseEventKind::Down(MouseButton::Left) => {
                self.dragged = layout.border_at(at);
                if self.dragged.is_none() {
                    return self.click(at, &layout, incident, board);
                }
            }
            MouseEventKind::Drag(MouseButton::Left) => {
                if let Some(border) = self.dragged {
                    layout.drag(border, at, &mut self.sizes);
                    let page = self.page(board);
                    self.listing.follow(page, incident);
                }
            }
            MouseEventKind::Up(_) => self.dragged = None,
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
        } else if let Some(action) = layout.behind(at) {
            return self.act(action, incident, board);
        }
        self.listing.follow(page, incident);
        None
    }

    /// Shows only the rows that a number counts.
    fn show_only(&mut self, verdict: Verdict, incident: &Incident, board: &Glance) {
        let term = format!("verdict:{}", verdict.word());
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
