//! Looking at all processes of the machine, once for all who want to know at the same time.

use std::cell::Cell;
use std::rc::Rc;

use tokio::sync::watch;
use tokio::task::{spawn_local, yield_now};

use crate::platform::{self, ProcessInfo};

/// Takes lists of all processes. On a machine with many, one takes milliseconds, and a formation of a
/// hundred instances that stops wants two for each.
#[derive(Debug)]
pub(crate) struct Census {
    asked: Cell<bool>,
    taken: watch::Sender<Rc<Vec<ProcessInfo>>>,
}

impl Census {
    pub(crate) fn new() -> Rc<Self> {
        Rc::new(Census {
            asked: Cell::new(false),
            taken: watch::Sender::new(Rc::default()),
        })
    }

    /// All processes, as they are some time after this was called.
    pub(crate) async fn take(self: &Rc<Self>) -> Rc<Vec<ProcessInfo>> {
        let mut taken = self.taken.subscribe();
        if !self.asked.replace(true) {
            let census = Rc::clone(self);
            spawn_local(async move {
                // Whoever has something to do does it first, and may ask too.
                yield_now().await;
                census.asked.set(false);
                census.taken.send_replace(Rc::new(platform::list()));
            });
        }
        // It cannot fail: the sender is our own.
        let _ = taken.changed().await;
        let list = taken.borrow_and_update();
        Rc::clone(&list)
    }
}

#[cfg(test)]
mod tests {
    use futures_util::future::join_all;
    use tokio::task::LocalSet;

    use super::*;

    #[test]
    fn who_asks_together_is_answered_together_and_who_asks_later_anew() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        LocalSet::new().block_on(&runtime, async {
            let census = Census::new();
            let lists = join_all((0..10).map(|_| census.take())).await;
            let own = rustix::process::getpid().as_raw_pid();
            assert!(lists[0].iter().any(|one| one.pid == own));
            assert!(lists.iter().all(|list| Rc::ptr_eq(list, &lists[0])));
            assert!(!Rc::ptr_eq(&census.take().await, &lists[0]));
        });
    }
}
