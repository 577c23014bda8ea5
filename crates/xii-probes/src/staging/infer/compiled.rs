//! Apps in languages that the survey does not read: by the manifests and locks in their folder.

use xii_model::Ecosystem;

use super::super::plan::{BuildPlan, Planned};
use super::ground::Ground;

/// Bundler's settings for a deploy.
pub(crate) const BUNDLER: [(&str, &str); 3] = [
    ("BUNDLE_DEPLOYMENT", "true"),
    ("BUNDLE_PATH", "vendor/bundle"),
    ("BUNDLE_WITHOUT", "development:test"),
];

/// Adds what builds an app in Rust, Go, Ruby, PHP, Java, .NET or Elixir.
pub(super) fn plan(ground: Ground<'_>, plan: &mut BuildPlan) {
    rust(ground, plan);
    go(ground, plan);
    ruby(ground, plan);
    php(ground, plan);
    java(ground, plan);
    dotnet(ground, plan);
    elixir(ground, plan);
}

fn rust(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.has("Cargo.toml") {
        return;
    }
    let lock = ground.lock("Cargo.lock").is_some();
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Cargo),
        needs: Some("cargo".to_owned()),
        frozen: lock,
        otherwise: lock.then(|| "cargo build --release".to_owned()),
        ..match lock {
            true => ground.step("cargo build --release --locked", "Cargo.lock"),
            false => ground.step("cargo build --release", "Cargo.toml"),
        }
    });
}

fn go(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.has("go.mod") {
        return;
    }
    // Every program of the module is put into bin, as Heroku does; nothing is written to go.mod.
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Go),
        needs: Some("go".to_owned()),
        frozen: ground.has("go.sum"),
        ..ground.step("mkdir -p bin && go build -o bin/ ./...", "go.mod")
    });
}

fn ruby(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.has("Gemfile") {
        return;
    }
    let lock = ground.has("Gemfile.lock");
    let settings = |all: bool| {
        let taken = BUNDLER
            .iter()
            .filter(|(name, _)| all || *name != "BUNDLE_DEPLOYMENT");
        let words: Vec<String> = taken
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        words.join(" ")
    };
    let unfrozen = format!("{} bundle install", settings(false));
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Ruby),
        needs: Some("bundle".to_owned()),
        frozen: lock,
        otherwise: lock.then(|| unfrozen.clone()),
        ..match lock {
            true => ground.step(
                &format!("{} bundle install", settings(true)),
                "Gemfile.lock",
            ),
            false => ground.step(&unfrozen, "Gemfile"),
        }
    });
    if ground.has("config/application.rb") && ground.has("Rakefile") {
        // Rails asks for its key unless it is told that it is only building.
        let line = format!(
            "{} RAILS_ENV=production SECRET_KEY_BASE_DUMMY=1 bundle exec rake assets:precompile",
            settings(true)
        );
        plan.steps.push(Planned {
            optional: true,
            needs: Some("bundle".to_owned()),
            ..ground.step(&line, "config/application.rb")
        });
    }
}

fn php(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.has("composer.json") {
        return;
    }
    let lock = ground.has("composer.lock");
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Composer),
        needs: Some("composer".to_owned()),
        frozen: lock,
        ..ground.step(
            "composer install --no-dev --no-interaction --no-progress --prefer-dist",
            if lock {
                "composer.lock"
            } else {
                "composer.json"
            },
        )
    });
}

fn java(ground: Ground<'_>, plan: &mut BuildPlan) {
    let maven = "-B -q -DskipTests package";
    let gradle = "assemble --no-daemon --console=plain";
    let gradle_file = ["build.gradle", "build.gradle.kts"]
        .into_iter()
        .find(|name| ground.has(name));
    let (line, origin, needs) = if ground.has("pom.xml") {
        match ground.has("mvnw") {
            true => (format!("sh ./mvnw {maven}"), "pom.xml", "java"),
            false => (format!("mvn {maven}"), "pom.xml", "mvn"),
        }
    } else if let Some(origin) = gradle_file {
        match ground.has("gradlew") {
            true => (format!("sh ./gradlew {gradle}"), origin, "java"),
            false => (format!("gradle {gradle}"), origin, "gradle"),
        }
    } else {
        return;
    };
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Maven),
        needs: Some(needs.to_owned()),
        ..ground.step(&line, origin)
    });
}

fn dotnet(ground: Ground<'_>, plan: &mut BuildPlan) {
    let project = ground.app.files.iter().find(|file| {
        super::ground::is_at(&file.path, &ground.app.root)
            && [".csproj", ".fsproj", ".sln"]
                .iter()
                .any(|end| file.path.ends_with(end))
    });
    let Some(project) = project else { return };
    let frozen = ground.has("packages.lock.json");
    let line = match frozen {
        true => "dotnet restore --locked-mode && dotnet publish -c Release --no-restore -o out",
        false => "dotnet publish -c Release -o out",
    };
    let origin = project.path.rsplit('/').next().unwrap_or_default();
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Nuget),
        needs: Some("dotnet".to_owned()),
        frozen,
        ..ground.step(line, origin)
    });
}

fn elixir(ground: Ground<'_>, plan: &mut BuildPlan) {
    if !ground.has("mix.exs") {
        return;
    }
    let frozen = ground.has("mix.lock");
    let check = if frozen { " --check-locked" } else { "" };
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Hex),
        needs: Some("mix".to_owned()),
        frozen,
        ..ground.step(
            &format!("mix local.hex --force --if-missing && mix deps.get --only prod{check}"),
            if frozen { "mix.lock" } else { "mix.exs" },
        )
    });
    plan.steps.push(Planned {
        ecosystem: Some(Ecosystem::Hex),
        needs: Some("mix".to_owned()),
        ..ground.step("MIX_ENV=prod mix compile", "mix.exs")
    });
}
