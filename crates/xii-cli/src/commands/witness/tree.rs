//! The record by process: who did what, under whom.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::Timestamp;
use xii_model::Deed;

use super::record::Record;

/// A process and what it did.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// How deep below the first it stands.
    pub(super) depth: usize,
    /// The words of the program that it was last; none if it only came of a fork.
    pub(super) words: Option<Vec<String>>,
    /// What it did, each once.
    pub(super) deeds: Vec<Done>,
}

/// A deed, and how often.
#[derive(Debug)]
pub(super) struct Done {
    /// When it was done first.
    pub(super) at: Timestamp,
    pub(super) deed: Deed,
    pub(super) times: u64,
}

/// How deep a process is shown at most.
const DEEPEST: usize = 12;

impl Process {
    /// Whether it only came of a fork, and did nothing that was told.
    fn is_bare(&self) -> bool {
        self.words.is_none() && self.deeds.is_empty()
    }

    /// The only program that it was, with the time.
    pub(super) fn program(&self) -> Option<(&str, Timestamp)> {
        let mut programs = self.deeds.iter().filter_map(|done| match &done.deed {
            Deed::Executed { path, .. } => Some((path.as_str(), done.at)),
            _ => None,
        });
        programs.next().filter(|_| programs.next().is_none())
    }
}

/// All processes that did something, children after their parents, and how many forks did nothing. What
/// came of such a fork stands under its parent.
pub(super) fn of(record: &Record) -> (Vec<Process>, usize) {
    let mut processes: BTreeMap<u32, Process> = BTreeMap::new();
    let mut order = Vec::new();
    let mut parents: HashMap<u32, u32> = HashMap::new();
    let mut places: HashMap<(u32, String), usize> = HashMap::new();
    for seen in &record.seen {
        let pid = seen.act.pid;
        let process = processes.entry(pid).or_insert_with(|| {
            order.push(pid);
            Process {
                pid,
                depth: 0,
                words: None,
                deeds: Vec::new(),
            }
        });
        match &seen.act.deed {
            Deed::Born { parent } => {
                parents.insert(pid, *parent);
                continue;
            }
            Deed::Executed { words, .. } => process.words = Some(words.clone()),
            _ => {}
        }
        let key = (pid, seen.act.deed.to_string());
        let place = *places.entry(key).or_insert_with(|| {
            process.deeds.push(Done {
                at: seen.at,
                deed: seen.act.deed.clone(),
                times: 0,
            });
            process.deeds.len() - 1
        });
        if let Some(done) = process.deeds.get_mut(place) {
            done.times += 1;
        }
    }
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    let mut roots = Vec::new();
    for pid in &order {
        match parents
            .get(pid)
            .filter(|parent| processes.contains_key(parent))
        {
            Some(parent) if parent != pid => children.entry(*parent).or_default().push(*pid),
            _ => roots.push(*pid),
        }
    }
    sorted(roots, &children, processes)
}

/// Depth first, without recursion: a chain of processes may be long.
fn sorted(
    roots: Vec<u32>,
    children: &HashMap<u32, Vec<u32>>,
    mut processes: BTreeMap<u32, Process>,
) -> (Vec<Process>, usize) {
    let mut bare = 0;
    let mut sorted = Vec::new();
    let mut seen = HashSet::new();
    let mut next: Vec<(u32, usize)> = roots.into_iter().rev().map(|pid| (pid, 0)).collect();
    while let Some((pid, depth)) = next.pop() {
        if !seen.insert(pid) {
            continue;
        }
        let mut below = depth + 1;
        match processes.remove(&pid) {
            Some(process) if process.is_bare() => {
                bare += 1;
                below = depth;
            }
            Some(mut process) => {
                process.depth = depth.min(DEEPEST);
                sorted.push(process);
            }
            None => {}
        }
        let of = children.get(&pid).into_iter().flatten().rev();
        next.extend(of.map(|child| (*child, below)));
    }
    // Ids that were given twice may have made a circle; nothing is left out for that.
    for process in processes.into_values() {
        if process.is_bare() {
            bare += 1;
        } else {
            sorted.push(process);
        }
    }
    (sorted, bare)
}

#[cfg(test)]
mod tests {
    use xii_model::Act;
    use xii_witness::Seen;

    use super::*;

    fn record(acts: &[(u32, Deed)]) -> Record {
        let seen = acts.iter().map(|(pid, deed)| Seen {
            at: Timestamp::UNIX_EPOCH,
            label: "run.1".to_owned(),
            act: Act {
                pid: *pid,
                deed: deed.clone(),
            },
        });
        Record {
            seen: seen.collect(),
            lost: 0,
        }
    }

    fn born(parent: u32) -> Deed {
        Deed::Born { parent }
    }

    fn removed(path: &str) -> Deed {
        Deed::Removed {
            path: path.to_owned(),
        }
    }

    #[test]
    fn children_come_after_their_parents_in_the_order_of_their_births() {
        let (tree, bare) = of(&record(&[
            (10, born(1)),
            (10, removed("/a")),
            (11, born(10)),
            (11, removed("/a")),
            (12, born(10)),
            (13, born(11)),
            (13, removed("/a")),
            (14, born(12)),
            (14, removed("/a")),
            (15, born(99)),
            (15, removed("/a")),
        ]));
        let shape: Vec<_> = tree.iter().map(|one| (one.pid, one.depth)).collect();
        // 12 did nothing, so what came of it stands where it would.
        assert_eq!(shape, [(10, 0), (11, 1), (13, 2), (14, 1), (15, 0)]);
        assert_eq!(bare, 1);
    }

    #[test]
    fn what_is_done_again_is_counted() {
        let (tree, _) = of(&record(&[
            (10, removed("/a")),
            (10, removed("/b")),
            (10, removed("/a")),
        ]));
        let times: Vec<_> = tree[0].deeds.iter().map(|done| done.times).collect();
        assert_eq!(times, [2, 1]);
    }

    #[test]
    fn a_circle_of_ids_loses_nobody() {
        let (tree, bare) = of(&record(&[
            (10, born(11)),
            (11, born(10)),
            (11, removed("/a")),
            (12, born(12)),
            (12, removed("/a")),
        ]));
        let mut pids: Vec<_> = tree.iter().map(|one| one.pid).collect();
        pids.sort_unstable();
        assert_eq!((pids, bare), (vec![11, 12], 1));
    }
}
