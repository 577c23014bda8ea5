use std::collections::HashSet;

use super::{Formation, Kind, Process};

impl Formation {
    /// Dependencies that can never be met: on types that are not there or never become ready, and in a
    /// circle.
    pub(super) fn unmet(&self) -> Vec<String> {
        let mut faults = Vec::new();
        for process in &self.processes {
            for name in &process.depends_on {
                if let Some(why) = self.never_ready(process, name) {
                    faults.push(format!(
                        "{}: `{}` depends on `{name}`, {why}",
                        place(process),
                        process.name
                    ));
                }
            }
        }
        let mut done = HashSet::new();
        for process in &self.processes {
            let mut path = Vec::new();
            if let Some(circle) = self.circle(process, &mut path, &mut done) {
                faults.push(format!(
                    "{}: {} depend on each other in a circle, so that none could start: take out one `depends-on`",
                    place(process),
                    circle.join(" -> ")
                ));
                break;
            }
        }
        faults
    }

    fn never_ready(&self, of: &Process, name: &str) -> Option<String> {
        let Some(on) = self.process(name) else {
            let names: Vec<_> = self.names().collect();
            return Some(format!(
                "which is no process type: there are {}",
                names.join(", ")
            ));
        };
        match &on.kind {
            _ if on.name == of.name => Some("which is itself".to_owned()),
            Kind::Task => {
                Some("which runs only when somebody asks: make it `once = true`".to_owned())
            }
            Kind::Schedule(_) => {
                Some("which runs by the clock: depend on what it prepares".to_owned())
            }
            Kind::Service | Kind::Once if on.count == 0 => {
                Some("of which no instance runs: give it a `count`".to_owned())
            }
            Kind::Service | Kind::Once => None,
        }
    }

    /// The first circle that is found from here; `done` are types from which there is none. A type's
    /// dependency on itself is told elsewhere.
    fn circle<'a>(
        &'a self,
        from: &'a Process,
        path: &mut Vec<&'a str>,
        done: &mut HashSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(at) = path.iter().position(|name| *name == from.name) {
            let mut circle = path.split_off(at);
            circle.push(&from.name);
            return Some(circle);
        }
        if done.contains(from.name.as_str()) {
            return None;
        }
        path.push(&from.name);
        let next = from.depends_on.iter().filter(|name| **name != from.name);
        for process in next.filter_map(|name| self.process(name)) {
            if let Some(circle) = self.circle(process, path, done) {
                return Some(circle);
            }
        }
        path.pop();
        done.insert(&from.name);
        None
    }

    /// The names of the types, in their order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.processes.iter().map(|process| process.name.as_str())
    }
}

fn place(process: &Process) -> &str {
    if process.origin.is_empty() {
        "xii.toml"
    } else {
        &process.origin
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formation(types: &[(&str, &[&str])]) -> Formation {
        let processes = types
            .iter()
            .map(|(name, on)| {
                let mut process = Process::new(*name, "true");
                process.depends_on = on.iter().map(|&name| name.to_owned()).collect();
                process
            })
            .collect();
        Formation { processes }
    }

    #[test]
    fn what_can_be_met_is_no_fault() {
        let shared: &[&str] = &["db"];
        let types = [
            ("a", shared),
            ("b", shared),
            ("c", &["a", "b"]),
            ("db", &[]),
        ];
        assert_eq!(formation(&types).unmet(), Vec::<String>::new());
    }

    #[test]
    fn what_can_never_be_met_is_told() {
        let mut formation = formation(&[
            ("web", &["web", "wroker", "release", "clock", "none"]),
            ("release", &[]),
            ("clock", &[]),
            ("none", &[]),
        ]);
        formation.processes[1].kind = Kind::Task;
        formation.processes[2].kind = Kind::Schedule("@daily".to_owned());
        formation.processes[3].count = 0;
        insta::assert_snapshot!(formation.unmet().join("\n"), @r"
        xii.toml: `web` depends on `web`, which is itself
        xii.toml: `web` depends on `wroker`, which is no process type: there are web, release, clock, none
        xii.toml: `web` depends on `release`, which runs only when somebody asks: make it `once = true`
        xii.toml: `web` depends on `clock`, which runs by the clock: depend on what it prepares
        xii.toml: `web` depends on `none`, of which no instance runs: give it a `count`
        ");
    }

    #[test]
    fn circles_are_told() {
        let faults =
            formation(&[("z", &["a"]), ("a", &["b"]), ("b", &["c"]), ("c", &["a"])]).unmet();
        assert_eq!(
            faults,
            [
                "xii.toml: a -> b -> c -> a depend on each other in a circle, so that none could start: take out one `depends-on`"
            ]
        );
    }
}
