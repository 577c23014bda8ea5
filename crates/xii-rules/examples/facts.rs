fn main() {
    let path = std::env::args().nth(1).unwrap();
    let survey =
        xii_survey::survey(std::path::Path::new(&path), &xii_survey::Options::default()).unwrap();
    for app in &survey.apps {
        println!("# {} {:?} {:?}", app.root, app.kind, app.frameworks);
        for line in app.facts.lines() {
            println!("{line}");
        }
    }
}
