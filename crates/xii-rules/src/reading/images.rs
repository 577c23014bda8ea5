//! Which images of an app are deployed, and what their bases bring along.

use xii_model::{App, Fact, Image, ImageRef, Instruction};

use crate::deploy_names::{self, Deploy};
use crate::manifests::is_own;

/// The app's images, those for developers and tests left out.
pub(crate) fn deployed(app: &App) -> impl Iterator<Item = &Fact<Image>> {
    app.facts.images.iter().filter(|image| {
        is_own(&image.scope) && !is_for_developers(image) && !runs_others_code(app, image)
    })
}

/// Whether an image takes nothing of the repository while another one does: it runs a program of
/// somebody else (a mail catcher, a proxy) and not the app.
fn runs_others_code(app: &App, image: &Image) -> bool {
    let takes = |image: &Image| {
        image
            .stages
            .iter()
            .flat_map(|stage| &stage.steps)
            .any(|step| matches!(&step.does, Instruction::Copy { .. }))
    };
    !takes(image) && app.facts.images.iter().any(|other| takes(other))
}

/// Whether an image is for developers, tests or the build itself, as its file's name, its folder's
/// or its last stage's says.
pub(crate) fn is_for_developers(image: &Fact<Image>) -> bool {
    let variant = image.variant.as_deref().and_then(deploy_names::of_text);
    let stage = image
        .last()
        .and_then(|stage| stage.name.as_deref())
        .and_then(deploy_names::of_text);
    let folder = if variant.is_none() {
        deploy_names::folder(&image.at.path)
            .split('/')
            .find_map(|part| match part {
                ".devcontainer" | "devcontainer" => Some(Deploy::Development),
                part => deploy_names::of_word(part),
            })
    } else {
        None
    };
    let names = [
        image.variant.as_deref(),
        image.last().and_then(|stage| stage.name.as_deref()),
    ];
    [variant, stage, folder]
        .into_iter()
        .flatten()
        .any(|deploy| matches!(deploy, Deploy::Development | Deploy::Test))
        || names.into_iter().flatten().any(serves_the_build)
}

/// Whether a name says that an image is a step of the build and not what runs.
fn serves_the_build(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphanumeric())
        .any(|word| {
            matches!(
                word.to_ascii_lowercase().as_str(),
                "base"
                    | "build"
                    | "builder"
                    | "upload"
                    | "artifact"
                    | "artifacts"
                    | "export"
                    | "lint"
                    | "docs"
            )
        })
}

/// How much an image's base brings along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// A language's full image: compilers, git, curl, ImageMagick and more.
    Full,
    /// A slim Debian, an Alpine, a distroless image: next to nothing.
    Slim,
    /// Not known.
    Unknown,
}

/// How much a base brings along, judged by the official images' naming.
pub(crate) fn weight(base: &ImageRef) -> Weight {
    if base.variable {
        return Weight::Unknown;
    }
    let tag = base.tag.as_deref().unwrap_or_default();
    let slim = ["slim", "alpine", "distroless"]
        .iter()
        .any(|word| tag.contains(word) || base.name.contains(word));
    if slim
        || matches!(
            base.name.as_str(),
            "alpine" | "debian" | "ubuntu" | "scratch" | "busybox"
        )
    {
        return Weight::Slim;
    }
    let official = !base.name.contains('/') || base.name.starts_with("docker.io/library/");
    match base.short_name() {
        "node" | "python" | "ruby" | "golang" | "rust" | "php" if official => Weight::Full,
        _ => Weight::Unknown,
    }
}
