//! IV Backing services.

use super::catalogue::EVERY;
use crate::{Criterion, Factor};

pub(super) const CRITERIA: &[Criterion] = &[
    Criterion {
        id: "IV.1",
        factor: Factor::IV,
        title: "finds every resource through config",
        statement: "Every resource is reached through a locator in config.",
        why: "An address in the code makes one database special: it cannot be replaced after a \
             failure, and no second deploy can be given its own. A test run may reach the real one.",
        how: "Give each database, cache, queue, mail server, bucket and foreign API a URL in a \
             variable of its own. Give locators no default that production could fall back to: an \
             unset one stops the start.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services",
        profiles: EVERY,
        from_code: Some(
            "literals passed to database, cache, queue, mail, storage and HTTP clients",
        ),
        from_run: Some("connections made to addresses that no variable named"),
    },
    Criterion {
        id: "IV.2",
        factor: Factor::IV,
        title: "swaps resources without a code change",
        statement: "A resource can be swapped without a code change.",
        why: "When a database fails, the operator's fastest cure is to attach its replica. If host, \
             user and options are spread through the code, that cure is a change, a review and a \
             build.",
        how: "Build one client per resource, in one place, from its locator. Keep what is special to \
             a provider in the locator or behind an adapter that the locator's scheme chooses.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services",
        profiles: EVERY,
        from_code: Some("one client per resource, built from config"),
        from_run: Some("each locator is pointed at an interposed address, and the app uses it"),
    },
    Criterion {
        id: "IV.3",
        factor: Factor::IV,
        title: "survives a resource's outage",
        statement: "The app outlives a resource's outage and recovers alone.",
        why: "Databases fail over and networks blink. If every instance exits or keeps dead \
             connections, an outage of ten seconds becomes one of minutes and needs a person to end \
             it.",
        how: "Handle connection errors, answer 503 on the requests that need the resource, and \
             reconnect with back-off. Let readiness turn false and liveness stay true, so that the \
             platform does not restart what is only waiting.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services; \
             Kubernetes, Liveness, readiness and startup probes: \
             https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/",
        profiles: EVERY,
        from_code: Some("retry and reconnect settings of the clients"),
        from_run: Some(
            "the resource is cut: the process stays up, readiness says no and requests that need \
             it fail cleanly; restored, it serves without a restart",
        ),
    },
    Criterion {
        id: "IV.4",
        factor: Factor::IV,
        title: "sets a timeout on every call",
        statement: "A slow resource cannot hang the app.",
        why: "A resource that answers slowly is worse than one that is down: each waiting request \
             holds a thread, a connection or memory. Soon routes that never needed it stop answering \
             too.",
        how: "Set connect and read timeouts on every client, since many default to none, and a \
             statement timeout on the database. Keep their sum below the request's own budget, and \
             bound how many requests may wait.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services",
        profiles: EVERY,
        from_code: Some("timeouts set on the clients of resources"),
        from_run: Some(
            "with latency added, requests end within their budget and other routes answer",
        ),
    },
    Criterion {
        id: "IV.5",
        factor: Factor::IV,
        title: "pools and closes its connections",
        statement: "Connections are pooled, bounded and closed on exit.",
        why: "Databases allow a few hundred connections. Instances times pool size passes that \
             number on the day of the scale-out, and connections that a dying process leaves behind \
             keep counting until they time out.",
        how: "Use one pool per process, with its maximum in a variable. Choose it so that all \
             instances together stay below the server's limit, and close the pool last at shutdown.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services",
        profiles: EVERY,
        from_code: Some("the configuration of connection pools, and their closing at shutdown"),
        from_run: Some("connections counted under load and after SIGTERM"),
    },
    Criterion {
        id: "IV.6",
        factor: Factor::IV,
        title: "reports each resource's health",
        statement: "Each resource's health is reported.",
        why: "When requests fail, the operator must learn which of six resources is at fault. \
             Without a report by resource that is found by trial, while users wait.",
        how: "Check each resource cheaply, with a short timeout, and report it by name in a health \
             route or a metric. Use it for readiness and for people, never for liveness; show no \
             addresses or credentials.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services",
        profiles: EVERY,
        from_code: Some("a health route that checks the resources"),
        from_run: Some("the report changes when the resource is cut"),
    },
    Criterion {
        id: "IV.7",
        factor: Factor::IV,
        title: "backs off from a failing dependency",
        statement: "A failing dependency is not hammered.",
        why: "Clients that retry at once multiply the load on a service exactly when it is weakest. \
             It comes back, is knocked over by the retries, and the outage feeds itself.",
        how: "Retry only what is safe to repeat, a few times, with exponential back-off and random \
             jitter. Put a circuit breaker before dependencies that fail for long, so that calls fail \
             fast and are tried again one at a time.",
        source: "The Twelve-Factor App, IV Backing services: https://12factor.net/backing-services; \
             Amazon Builders' Library, Timeouts, retries and backoff with jitter: \
             https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        profiles: EVERY,
        from_code: Some("a circuit breaker, or retries with back-off"),
        from_run: Some("attempts per second against a dead resource fall"),
    },
];
