use super::{Faulty, Formation};

/// The most instances of a type: its block of ports holds as many.
pub const MOST_INSTANCES: u32 = 100;

/// Reads `web=2,worker=1`; `all` stands for every type that is not named.
///
/// # Errors
/// Each part that is not a name, an equals sign and a number up to [`MOST_INSTANCES`], and names that
/// come twice.
pub fn scale(text: &str) -> Result<Vec<(String, u32)>, Faulty> {
    let mut counts: Vec<(String, u32)> = Vec::new();
    let mut faults = Vec::new();
    for part in text.split(',').map(str::trim) {
        let pair = part
            .split_once('=')
            .map(|(name, count)| (name.trim(), count.trim()));
        match pair.map(|(name, count)| (name, count.parse::<u32>())) {
            Some((name, Ok(count))) if !name.is_empty() && count <= MOST_INSTANCES => {
                if counts.iter().any(|(known, _)| known == name) {
                    faults.push(format!("`{name}` is scaled twice in `{text}`: name it once"));
                } else {
                    counts.push((name.to_owned(), count));
                }
            }
            _ => faults.push(format!(
                "`{part}` is no scale: write a process type and a number from 0 to {MOST_INSTANCES}, such as `web=2,worker=1`"
            )),
        }
    }
    Faulty::unless(faults, counts)
}

impl Formation {
    /// Sets how many instances run of each type.
    ///
    /// # Errors
    /// For types that are not there; nothing is changed then.
    pub fn scale(&mut self, counts: &[(String, u32)]) -> Result<(), Faulty> {
        let unknown = counts
            .iter()
            .filter(|(name, _)| name != "all" && self.process(name).is_none())
            .map(|(name, _)| self.unknown(name))
            .collect();
        Faulty::unless(unknown, ())?;
        for process in &mut self.processes {
            let named = counts.iter().find(|(name, _)| *name == process.name);
            let all = counts.iter().find(|(name, _)| name == "all");
            if let Some((_, count)) = named.or(all) {
                process.count = *count;
            }
        }
        Ok(())
    }

    /// Leaves running only these types and what they depend on: the others stay declared, so that every
    /// type keeps its ports, with no instance. No names: all.
    ///
    /// # Errors
    /// For types that are not there.
    pub fn select(&mut self, names: &[String]) -> Result<(), Faulty> {
        if names.is_empty() {
            return Ok(());
        }
        let unknown = names
            .iter()
            .filter(|name| self.process(name).is_none())
            .map(|name| self.unknown(name))
            .collect();
        Faulty::unless(unknown, ())?;
        let mut wanted: Vec<String> = names.to_vec();
        let mut at = 0;
        while let Some(name) = wanted.get(at) {
            let on = self.process(name).map(|one| one.depends_on.clone());
            for name in on.unwrap_or_default() {
                if !wanted.contains(&name) {
                    wanted.push(name);
                }
            }
            at += 1;
        }
        for process in &mut self.processes {
            if !wanted.contains(&process.name) {
                process.count = 0;
            }
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> String {
        let names: Vec<_> = self.names().collect();
        format!(
            "no process type is called `{name}`: there are {}",
            names.join(", ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formation::Process;

    fn formation() -> Formation {
        let mut web = Process::new("web", "true");
        web.depends_on = vec!["db".to_owned()];
        let processes = vec![
            web,
            Process::new("worker", "true"),
            Process::new("db", "true"),
        ];
        Formation { processes }
    }

    fn counts(formation: &Formation) -> Vec<u32> {
        formation.processes.iter().map(|one| one.count).collect()
    }

    #[test]
    fn types_are_scaled_as_foreman_does() {
        let mut formation = formation();
        let counts_of = scale("all=0, web=3").expect("a scale");
        formation.scale(&counts_of).expect("known types");
        assert_eq!(counts(&formation), [3, 0, 0]);
    }

    #[test]
    fn odd_scales_are_told_at_once() {
        let error = scale("web,x=-1,=2,web=1,web=2,worker=101").expect_err("faults");
        assert_eq!(error.0.len(), 5, "{error}");
        assert!(error.to_string().contains("`web` is scaled twice"));
        let mut formation = formation();
        let unknown = [("wbe".to_owned(), 2), ("web".to_owned(), 5)];
        assert_eq!(
            formation.scale(&unknown).expect_err("unknown").to_string(),
            "no process type is called `wbe`: there are web, worker, db"
        );
        assert_eq!(counts(&formation), [1, 1, 1]);
    }

    #[test]
    fn a_selection_brings_what_it_depends_on() {
        let mut formation = formation();
        formation.select(&["web".to_owned()]).expect("known");
        assert_eq!(counts(&formation), [1, 0, 1]);
        formation
            .select(&["nobody".to_owned()])
            .expect_err("unknown");
    }
}
