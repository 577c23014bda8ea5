//! The clients of AWS: one package a service.

use xii_model::ResourceKind;

/// The kind and the library of an AWS client, by the path of the call that makes it.
pub(super) fn client(path: &str) -> Option<(ResourceKind, String)> {
    if let Some(rest) = path.strip_prefix("@aws-sdk/client-") {
        let (service, class) = rest.split_once('.')?;
        let makes = class.ends_with("Client") || class.chars().all(|c| c.is_ascii_alphanumeric());
        let command = class.ends_with("Command") || class.contains('.') || class.contains('(');
        return (makes && !command && starts_upper(class))
            .then(|| (kind(service), format!("@aws-sdk/client-{service}")));
    }
    let class = path
        .strip_prefix("aws-sdk.")
        .or_else(|| path.strip_prefix("aws-sdk/clients/"))?;
    let plain = !class.contains(['.', '(']);
    (plain && (starts_upper(class) || path.contains("clients/")))
        .then(|| (kind(&class.to_lowercase()), "aws-sdk".to_owned()))
}

fn starts_upper(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_uppercase())
}

fn kind(service: &str) -> ResourceKind {
    match service {
        "s3" => ResourceKind::ObjectStore,
        "sqs" => ResourceKind::Queue,
        "ses" | "sesv2" => ResourceKind::Mail,
        "bedrock-runtime" => ResourceKind::Llm,
        "sns" => ResourceKind::Other("sns".to_owned()),
        other => ResourceKind::Other(other.to_owned()),
    }
}
