//! Says what happens, and keeps count of what would be too much to say.

use std::cell::{Cell, RefCell};

use xii_model::Relayed;

/// How many connections are told of one by one between two interventions. An app without a pool makes
/// thousands, and one that hammers a dead resource does so in a second.
const EACH: u32 = 100;

/// What happens to single connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Opened,
    Ended,
    Refused,
}

type Tell = Box<dyn Fn(Relayed) + Send>;

/// Whom to tell.
pub(super) struct Teller {
    resource: String,
    tell: Tell,
    left: Cell<u32>,
    untold: RefCell<[u64; 3]>,
}

impl Teller {
    pub(super) fn new(resource: String, tell: Tell) -> Self {
        Teller {
            resource,
            tell,
            left: Cell::new(EACH),
            untold: RefCell::default(),
        }
    }

    fn say(&self, how: String) {
        (self.tell)(Relayed {
            resource: self.resource.clone(),
            how,
        });
    }

    /// Something was done to all connections. What was not told before is summed up first.
    pub(super) fn intervention(&self, how: String) {
        self.sum_up();
        self.say(how);
    }

    /// Something happened to one connection.
    pub(super) fn connection(&self, kind: Kind, how: impl FnOnce() -> String) {
        match self.left.get().checked_sub(1) {
            Some(left) => {
                self.left.set(left);
                self.say(how());
            }
            None => self.untold.borrow_mut()[kind as usize] += 1,
        }
    }

    /// Tells how many connections were not told of one by one.
    pub(super) fn sum_up(&self) {
        self.left.set(EACH);
        let untold = self.untold.take();
        if untold != [0; 3] {
            let [opened, ended, refused] = untold;
            self.say(format!(
                "besides, opened {opened} connections, closed {ended}, refused {refused}"
            ));
        }
    }
}

/// `2 connections`.
pub(super) fn connections(count: usize) -> String {
    match count {
        1 => "1 connection".to_owned(),
        _ => format!("{count} connections"),
    }
}

/// `310 bytes`, `5 kB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        1 => "1 byte".to_owned(),
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn what_is_too_much_is_summed_up() {
        let said = Arc::new(Mutex::new(Vec::new()));
        let to = Arc::clone(&said);
        let tell = Box::new(move |relayed: Relayed| to.lock().expect("one").push(relayed.how));
        let teller = Teller::new("CACHE_URL".to_owned(), tell);
        for number in 0..EACH + 7 {
            teller.connection(Kind::Refused, || format!("refused connection {number}"));
        }
        teller.intervention("restored".to_owned());
        teller.connection(Kind::Opened, || "opened connection 200".to_owned());
        let said = said.lock().expect("one");
        assert_eq!(said.len() as u32, EACH + 3);
        assert_eq!(
            said[EACH as usize..],
            [
                "besides, opened 0 connections, closed 0, refused 7",
                "restored",
                "opened connection 200"
            ]
        );
    }

    #[test]
    fn sizes_are_short() {
        assert_eq!(size(0), "0 bytes");
        assert_eq!(size(1), "1 byte");
        assert_eq!(size(9_999), "9999 bytes");
        assert_eq!(size(10_000), "10 kB");
        assert_eq!(size(23_000_000), "23 MB");
    }
}
