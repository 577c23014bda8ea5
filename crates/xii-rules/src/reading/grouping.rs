//! Keeps a rule that could fire dozens of times to a few findings: one a file, the rest beside it.

use xii_model::Fact;

/// The most findings that one rule gives for one app in this way.
const MOST: usize = 10;

/// Facts of one file: the first one, which the finding names, and the others.
pub(crate) struct Group<'a, T> {
    pub(crate) first: &'a Fact<T>,
    pub(crate) rest: Vec<&'a Fact<T>>,
}

impl<T> Group<'_, T> {
    /// How many facts it holds.
    pub(crate) fn len(&self) -> usize {
        1 + self.rest.len()
    }
}

/// Groups facts by file, in the order given. What is beyond the tenth file joins the tenth group.
pub(crate) fn by_file<'a, T>(facts: impl IntoIterator<Item = &'a Fact<T>>) -> Vec<Group<'a, T>> {
    by(facts, |fact| fact.at.path.to_string())
}

/// Groups facts by any key, in the order given. What is beyond the tenth key joins the tenth group.
pub(crate) fn by<'a, T, K: PartialEq>(
    facts: impl IntoIterator<Item = &'a Fact<T>>,
    key: impl Fn(&Fact<T>) -> K,
) -> Vec<Group<'a, T>> {
    let mut groups: Vec<(K, Group<'a, T>)> = Vec::new();
    for fact in facts {
        let own = key(fact);
        let full = groups.len() >= MOST;
        match groups.iter().position(|(known, _)| *known == own) {
            Some(index) => groups[index].1.rest.push(fact),
            None if full => {
                if let Some((_, last)) = groups.last_mut() {
                    last.rest.push(fact);
                }
            }
            None => groups.push((
                own,
                Group {
                    first: fact,
                    rest: Vec::new(),
                },
            )),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}
