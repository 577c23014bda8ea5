use std::io::{self, ErrorKind};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};

use super::{Holder, who_holds};
use crate::environment::{Environment, Origin};
use crate::formation::MOST_INSTANCES;

/// The port of the first process type when nobody says: foreman's.
const DEFAULT: u16 = 5000;
/// Ports between two process types: foreman's.
const BLOCK: usize = 100;

/// Why an instance cannot have a port.
#[derive(Debug, thiserror::Error)]
pub enum PortError {
    /// `PORT` is set to what is no port.
    #[error(
        "PORT is set by {0} to what is no port: write a number from 1 to 65535, or give --port"
    )]
    NoPort(Origin),
    /// The rule leads beyond the last port.
    #[error("{instance} would get port {port}, and 65535 is the last: give a lower --port")]
    Beyond {
        /// The instance.
        instance: String,
        /// The port that it would get.
        port: usize,
    },
    /// The rule leads into the ports of the next type.
    #[error(
        "{0} would get a port of the next process type: a type has {MOST_INSTANCES} instances at most"
    )]
    NextBlock(String),
    /// Another process listens on the port.
    #[error("port {port} is taken{}: stop it or give another --port", by(.holder.as_ref()))]
    Taken {
        /// The port.
        port: u16,
        /// Who listens, where the system tells.
        holder: Option<Holder>,
    },
    /// The system does not let us listen on the port.
    #[error("cannot listen on port {port}: {error}; give another --port")]
    Refused {
        /// The port.
        port: u16,
        /// What the system says.
        error: io::Error,
    },
}

fn by(holder: Option<&Holder>) -> String {
    holder.map_or_else(String::new, |holder| format!(" by {holder}"))
}

/// The port that the others are counted from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Base {
    /// The port.
    pub port: u16,
    /// Where `PORT` was set; `None` when it is the argument's or the default.
    pub origin: Option<Origin>,
}

/// The base: the argument's, else `PORT` of the env file, else of the caller, else 5000, as foreman does.
///
/// # Errors
/// When `PORT` is no port. Its value is not told: it may have been meant for something else.
pub fn base_port(argument: Option<u16>, environment: &Environment) -> Result<Base, PortError> {
    if let Some(port) = argument {
        return Ok(Base { port, origin: None });
    }
    let Some(variable) = environment
        .variable("PORT")
        .filter(|one| !one.value.is_empty())
    else {
        let (port, origin) = (DEFAULT, None);
        return Ok(Base { port, origin });
    };
    let origin = variable.origin.clone();
    let number = variable
        .value
        .to_str()
        .and_then(|text| text.trim().parse().ok());
    match number.filter(|port| *port > 0) {
        Some(port) => Ok(Base {
            port,
            origin: Some(origin),
        }),
        None => Err(PortError::NoPort(origin)),
    }
}

/// The port of an instance by foreman's rule: base + 100 × the type's index + number − 1. `index` counts
/// all types that are declared, whether they run or not, so that ports do not depend on a selection.
///
/// # Errors
/// When that is no port, or a port of the next type.
pub fn port_of(base: u16, index: usize, instance: &xii_model::Instance) -> Result<u16, PortError> {
    if instance.number == 0 || instance.number > MOST_INSTANCES {
        return Err(PortError::NextBlock(instance.to_string()));
    }
    let port = index
        .saturating_mul(BLOCK)
        .saturating_add(usize::from(base) + instance.number as usize - 1);
    u16::try_from(port).map_err(|_| PortError::Beyond {
        instance: instance.to_string(),
        port,
    })
}

/// Whether a process of ours could listen on the port, on any address of the machine.
///
/// # Errors
/// When it could not, with who listens there where the system tells.
pub fn check_free(port: u16) -> Result<(), PortError> {
    let addresses: [SocketAddr; 2] = [
        (Ipv4Addr::UNSPECIFIED, port).into(),
        (Ipv6Addr::UNSPECIFIED, port).into(),
    ];
    for address in addresses {
        match TcpListener::bind(address) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                let holder = who_holds(port);
                return Err(PortError::Taken { port, holder });
            }
            Err(error) if error.kind() == ErrorKind::PermissionDenied => {
                return Err(PortError::Refused { port, error });
            }
            // A machine may have one of the two families only.
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use xii_model::Instance;

    use super::*;

    #[test]
    fn the_base_is_the_arguments_the_files_the_callers_or_5000() {
        let caller = Environment::of_caller([("PORT".into(), "7000".into())]);
        let file = caller
            .clone()
            .with_file(".env", b"PORT=6000")
            .expect("a file");
        let base = |argument, environment: &Environment| {
            let base = base_port(argument, environment).expect("a port");
            (base.port, base.origin.map(|origin| origin.to_string()))
        };
        assert_eq!(base(Some(8000), &file), (8000, None));
        assert_eq!(base(None, &file), (6000, Some(".env:1".to_owned())));
        assert_eq!(base(None, &caller).0, 7000);
        assert_eq!(base(None, &Environment::default()), (5000, None));
        for wrong in ["0", "70000", "x", "-1"] {
            let caller = Environment::of_caller([("PORT".into(), wrong.into())]);
            let error = base_port(None, &caller).expect_err(wrong);
            assert_eq!(
                error.to_string(),
                "PORT is set by the caller's environment to what is no port: write a number from 1 to 65535, or give --port"
            );
        }
    }

    #[test]
    fn ports_follow_foremans_rule() {
        let port = |base, index, number| port_of(base, index, &Instance::new("web", number));
        assert_eq!(port(5000, 0, 1).ok(), Some(5000));
        assert_eq!(port(5000, 2, 3).ok(), Some(5202));
        assert_eq!(port(65_535, 0, 1).ok(), Some(65_535));
        let beyond = port(65_500, 1, 2).expect_err("beyond");
        assert_eq!(
            beyond.to_string(),
            "web.2 would get port 65601, and 65535 is the last: give a lower --port"
        );
        assert!(matches!(port(5000, 0, 101), Err(PortError::NextBlock(_))));
        assert!(port(5000, usize::MAX, 1).is_err());
    }

    #[test]
    fn a_taken_port_names_its_holder() {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let port = listener.local_addr().expect("its address").port();
        let error = check_free(port).expect_err("taken");
        let PortError::Taken { holder, .. } = &error else {
            panic!("{error}");
        };
        if cfg!(target_os = "linux") {
            let holder = holder.as_ref().expect("we hold it");
            assert_eq!(holder.pid, std::process::id());
            let program = &holder.program;
            assert_eq!(
                error.to_string(),
                format!(
                    "port {port} is taken by {program} (pid {}): stop it or give another --port",
                    holder.pid
                )
            );
        }
    }
}
