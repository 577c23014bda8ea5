//! Whether an instance can serve, from its start to its end.

use std::rc::Rc;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};
use xii_model::What;

use super::check::{Asked, ask};
use super::run::Run;
use super::running::{Running, State, millis};
use crate::formation::{Check, How, Process};
use crate::platform;
use crate::ports::listening_ports;

/// The waits between two askings before the first success: short at first, since most are ready soon.
const FIRST: Duration = Duration::from_millis(5);
const LONGEST: Duration = Duration::from_millis(100);
/// A wait is this part of the time that has passed, so that what is found to be ready was not ready
/// much earlier: the time to ready is measured by it.
const PART: u32 = 20;
/// How often it is looked why one that is late is not ready.
const LOOK: Duration = Duration::from_secs(1);

/// Follows an instance from its start to its end: makes it ready, not ready, and has it stopped when it
/// is no longer alive.
pub(crate) async fn follow(
    run: Rc<Run>,
    running: Rc<Running>,
    process: Rc<Process>,
    mut asked: Asked,
) {
    let mut state = running.state.subscribe();
    let following = async {
        let declared = process.ready.clone();
        let check = declared.clone().or_else(|| {
            // The router must not send requests to what does not listen yet.
            run.is_routed(&process).then(|| Check::new(How::Tcp))
        });
        if let Some(check) = &check {
            become_ready(&run, &running, check, &mut asked).await;
        } else {
            running.become_(State::Ready);
        }
        run.changed();
        let again = async {
            match declared {
                Some(check) if matches!(check.how, How::Http(_) | How::Tcp | How::Command(_)) => {
                    stay_ready(&run, &running, &check, &asked).await;
                }
                _ => std::future::pending().await,
            }
        };
        let alive = async {
            match &process.live {
                Some(check) => stay_alive(&run, &running, check, &asked).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = again => {}
            () = alive => {}
        }
    };
    tokio::select! {
        () = following => {}
        _ = state.wait_for(|state| matches!(state, State::Stopping | State::Gone)) => {}
        _ = running.leader_ended() => {}
    }
}

/// Asks until the first success. One that does not come in time is told of, and asked for on.
async fn become_ready(run: &Run, running: &Running, check: &Check, asked: &mut Asked) {
    let success = async {
        match &check.how {
            How::Delay(time) => sleep(time.saturating_sub(running.started.elapsed())).await,
            How::Line(_) => {
                let seen = match asked.line.take() {
                    Some(line) => line.await.is_ok(),
                    None => false,
                };
                if !seen {
                    // It ended without such a line: its end says the rest.
                    std::future::pending::<()>().await;
                }
            }
            _ => {
                // A command costs a process each time.
                let costly = matches!(check.how, How::Command(_));
                let mut wait = FIRST;
                let mut looked: Option<Instant> = None;
                loop {
                    let Err(why) = ask(check, asked, &run.reaper).await else {
                        return;
                    };
                    let late = running.started.elapsed() > check.within;
                    if late && looked.is_none_or(|last| last.elapsed() >= LOOK) {
                        looked = Some(Instant::now());
                        say_late(run, running, check, &why);
                    }
                    sleep(wait).await;
                    wait = if costly {
                        wait * 2
                    } else {
                        running.started.elapsed() / PART
                    };
                    wait = wait.clamp(FIRST, LONGEST);
                }
            }
        }
    };
    tokio::pin!(success);
    let waited = matches!(check.how, How::Line(_));
    if waited && timeout(check.within, &mut success).await.is_err() {
        say_late(run, running, check, "no such line was written");
        success.await;
    } else if !waited {
        success.await;
    }
    say_ready(running);
}

/// Says that an instance is ready, if it was not.
fn say_ready(running: &Running) -> bool {
    let now = running.become_(State::Ready);
    if now {
        *running.why.borrow_mut() = None;
        running.say(What::Ready {
            after_ms: millis(running.started.elapsed()),
        });
    }
    now
}

/// Says that an instance is late, and what it does instead where that shows, unless it was said before.
fn say_late(run: &Run, running: &Running, check: &Check, why: &str) {
    let within = check.within.as_secs_f64();
    let mut reason = format!("not ready after {within} s: {why}");
    let others = match check.how {
        How::Http(_) | How::Tcp => listening_ports(&platform::members(running.pid)),
        // Whether it listens was not asked.
        How::Line(_) | How::Command(_) | How::Delay(_) => Vec::new(),
    };
    if let (Some(port), [other, ..]) = (running.port, others.as_slice())
        && !others.contains(&port)
    {
        reason = format!(
            "not ready after {within} s: it listens on port {other} although PORT is {port}; let it \
             read PORT"
        );
    }
    if running.why.replace(Some(reason.clone())).as_ref() != Some(&reason) {
        running.say(What::NotReady { reason });
        run.changed();
    }
}

/// Asks a ready instance again and again; failures in a row make it not ready, one success ready.
async fn stay_ready(run: &Run, running: &Running, check: &Check, asked: &Asked) {
    let mut failures = 0;
    loop {
        sleep(check.every).await;
        match ask(check, asked, &run.reaper).await {
            Ok(()) => {
                failures = 0;
                if say_ready(running) {
                    run.changed();
                }
            }
            Err(reason) => {
                failures += 1;
                if failures >= check.failures && running.become_(State::NotReady) {
                    *running.why.borrow_mut() = Some(reason.clone());
                    running.say(What::NotReady { reason });
                    run.changed();
                }
            }
        }
    }
}

/// Asks whether it is alive; failures in a row have it stopped, and its end counts as a failure. Before
/// the first success they count only once the time for that is over: it may still be starting.
async fn stay_alive(run: &Rc<Run>, running: &Rc<Running>, check: &Check, asked: &Asked) {
    let mut failures = 0;
    let mut succeeded = false;
    loop {
        sleep(check.every).await;
        match ask(check, asked, &run.reaper).await {
            Ok(()) => {
                failures = 0;
                succeeded = true;
            }
            Err(_) if !succeeded && running.started.elapsed() < check.within => {}
            Err(reason) => {
                failures += 1;
                if failures < check.failures {
                    continue;
                }
                running.say(What::Unhealthy { reason });
                running.unhealthy.set(true);
                // No more requests.
                running.become_(State::Stopping);
                run.changed();
                let grace = run.grace_of(&running.instance.process);
                let (running, run) = (Rc::clone(running), Rc::clone(run));
                // Not in this task: stopping it ends this task.
                tokio::task::spawn_local(async move {
                    running
                        .stop(grace, run.hurry(), "it failed its liveness check")
                        .await;
                });
                return;
            }
        }
    }
}
