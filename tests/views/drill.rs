//! A drill can never be taken for the real thing, and its keys do nothing where it is real.

use crossterm::event::KeyCode;
use unpark::flush::FlushEndpoints;
use unpark::view::tui::{App, DrillAct, Wish};

use crate::stage::{PLAIN, Stage};
use crate::world::{self, World};

fn drill(world: &World, width: u16, height: u16) -> Stage {
    let mut stage = Stage::new(width, height, PLAIN);
    stage.app = App::new(PLAIN, FlushEndpoints::default()).in_drill("DRILL x4");
    stage.app.resize(width, height);
    stage.show(world);
    stage
}

#[test]
fn drill_stands_on_every_screen_at_every_size() {
    let world = world::parked();
    for (width, height) in [(80, 24), (120, 40), (200, 60), (40, 12), (30, 5), (20, 2)] {
        let mut stage = drill(&world, width, height);
        assert!(stage.text().contains("DRILL"), "{width}x{height}\n{}", stage.text());
        for pane in ['?', 'F', 'p', 'u', 'h', 'e', 'f', '/', 'w'] {
            stage.press(&world, KeyCode::Char(pane));
            assert!(stage.text().contains("DRILL"), "{pane} at {width}x{height}\n{}", stage.text());
            stage.press(&world, KeyCode::Esc);
        }
    }
}

#[test]
fn the_keys_of_a_drill_work_in_a_drill_alone() {
    let world = world::parked();
    let mut stage = drill(&world, 100, 24);
    assert!(stage.text().contains("X expire") && stage.text().contains("R restore"), "{}", stage.text());
    stage.type_text(&world, "XRCM");
    let acts = [DrillAct::Park, DrillAct::Restore, DrillAct::Cut, DrillAct::Mend];
    assert_eq!(stage.wishes, acts.map(Wish::Drill));
    stage.press(&world, KeyCode::Char('?'));
    assert!(stage.text().contains("the registration expires"), "{}", stage.text());

    let mut real = Stage::new(100, 24, PLAIN);
    real.show(&world).type_text(&world, "XRCM");
    assert!(real.wishes.is_empty() && !real.text().to_lowercase().contains("drill"), "{}", real.text());
    real.press(&world, KeyCode::Char('?'));
    assert!(!real.text().contains("the registration expires"), "{}", real.text());
}

#[test]
fn what_is_copied_for_customers_is_marked() {
    let world = world::parked();
    let mut stage = drill(&world, 100, 24);
    stage.press(&world, KeyCode::Char('y'));
    let [Wish::Copy(text)] = stage.wishes.as_slice() else { panic!("{:?}", stage.wishes) };
    assert!(text.starts_with("DRILL, not real: "), "{text}");
}
