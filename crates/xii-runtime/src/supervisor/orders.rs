//! What somebody asks of a slot, in the order that it came, and what must not wait for its turn.

use std::collections::VecDeque;

use tokio::sync::{mpsc, oneshot};

/// What was done, or why not, in one sentence.
pub(crate) type Answer = Result<(), String>;

/// What somebody asks of a slot.
#[derive(Debug)]
pub(crate) enum Order {
    /// End what runs and start it anew, without a gap where a router stands in front.
    Restart(oneshot::Sender<Answer>),
    /// End what runs, and leave it so.
    Stop(oneshot::Sender<Answer>),
    /// End what runs, and the slot.
    Remove,
}

impl Order {
    /// Answers that another order has made this one pointless.
    pub(crate) fn refuse(self) {
        if let Order::Restart(reply) | Order::Stop(reply) = self {
            // Who asked may have gone.
            let _ = reply.send(Err("somebody stopped it meanwhile".to_owned()));
        }
    }
}

/// The orders that a slot has not carried out.
#[derive(Debug)]
pub(crate) struct Orders {
    receiver: mpsc::UnboundedReceiver<Order>,
    waiting: VecDeque<Order>,
}

impl Orders {
    /// Orders from nobody yet, and what to give them with.
    pub(crate) fn new() -> (mpsc::UnboundedSender<Order>, Self) {
        let (sender, receiver) = mpsc::unbounded_channel();
        let waiting = VecDeque::new();
        (sender, Orders { receiver, waiting })
    }

    /// The next order. When nobody can give any more the slot is to end.
    pub(crate) async fn next(&mut self) -> Order {
        match self.waiting.pop_front() {
            Some(order) => order,
            None => self.receiver.recv().await.unwrap_or(Order::Remove),
        }
    }

    /// Resolves when there is an order that ends what runs: what somebody else waits for is then given
    /// up. The order becomes the next one.
    pub(crate) async fn ending(&mut self) {
        while !self.ends() {
            let order = self.receiver.recv().await.unwrap_or(Order::Remove);
            self.waiting.push_back(order);
        }
    }

    /// Whether there is an order that ends what runs, which then is the next one.
    pub(crate) fn ends(&mut self) -> bool {
        while let Ok(order) = self.receiver.try_recv() {
            self.waiting.push_back(order);
        }
        let ends = |order: &Order| !matches!(order, Order::Restart(_));
        let Some(at) = self.waiting.iter().position(ends) else {
            return false;
        };
        for overtaken in self.waiting.drain(..at) {
            overtaken.refuse();
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_ends_does_not_wait_for_its_turn() {
        let (sender, mut orders) = Orders::new();
        let restart = || {
            let (reply, answer) = oneshot::channel();
            let order = Order::Restart(reply);
            sender.send(order).expect("somebody listens");
            answer
        };
        let mut overtaken = restart();
        assert!(!orders.ends());
        sender.send(Order::Remove).expect("somebody listens");
        let mut later = restart();
        assert!(orders.ends());
        assert!(orders.ends());
        assert!(matches!(overtaken.try_recv(), Ok(Err(_))));
        assert!(later.try_recv().is_err());
        assert!(matches!(orders.waiting.pop_front(), Some(Order::Remove)));
        assert!(matches!(
            orders.waiting.pop_front(),
            Some(Order::Restart(_))
        ));
    }
}
