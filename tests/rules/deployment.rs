//! What is handed to operators says what the program does: commands exist, secrets stay out of a proxy's log, and
//! nothing runs with more rights than it needs.

use clap::Parser;
use grantlink::{
    paths,
    server::{cli::Arguments, config::Config},
};
use std::{fs, path::Path};

fn text(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).unwrap()
}

#[test]
fn every_command_in_the_guide_exists() {
    let guide = text("docs/operating.md").replace("$(date +%F)", "today");
    let mut seen = 0;
    for line in guide.lines().filter_map(|line| line.strip_prefix("grantlink-do ")) {
        let words = line.split(" #").next().unwrap().split_whitespace();
        let parsed = Arguments::try_parse_from(["grantlink"].into_iter().chain(words));
        assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
        seen += 1;
    }
    assert!(seen >= 6, "only {seen} commands were found");
}

#[test]
fn the_least_settings_in_the_guide_serve_the_public() {
    let guide = text("docs/operating.md");
    let block = guide.split("```\n").find(|block| block.starts_with("BASE_URL=")).unwrap().replace('…', "1");
    let settings: Vec<(&str, &str)> = block.lines().filter_map(|line| line.split_once('=')).collect();
    let lookup = |name: &str| settings.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
    let config = Config::read(&lookup).unwrap();
    assert!(config.web.is_production() && !config.instagram.is_sandbox());
    assert!(!config.web.trusted_proxies.is_empty());
}

#[test]
fn a75_the_proxy_s_log_keeps_what_our_own_keeps() {
    let nginx = text("deploy/nginx.conf");
    let map = nginx.lines().find(|line| line.contains("(?<place>")).unwrap();
    let secret = [paths::CONNECT, paths::RESET_PASSWORD, paths::REMINDERS, paths::INVITATIONS, paths::VERIFY_EMAIL];
    for path in secret {
        assert_eq!(paths::redacted(&format!("{path}/abc")), format!("{path}/[redacted]"));
        let name = path.trim_start_matches('/');
        assert!(map.split(['<', '>', '|', ')']).any(|word| word == name), "{path}: {map}");
        assert!(text("docs/operating.md").contains(&format!("`{path}`")), "the guide does not name {path}");
    }
    assert!(!nginx.contains("$request ") && !nginx.contains("$request'"), "the whole line of a request is logged");
}

#[test]
fn a91_service_and_image_run_as_nobody_special_on_a_root_that_is_read_only() {
    let unit = text("deploy/grantlink.service");
    for line in [
        "User=grantlink",
        "UMask=0077",
        "NoNewPrivileges=yes",
        "CapabilityBoundingSet=",
        "ProtectSystem=strict",
        "ProtectHome=yes",
        "PrivateDevices=yes",
        "PrivateTmp=yes",
        "ProtectKernelModules=yes",
        "ProtectKernelTunables=yes",
        "ProtectControlGroups=yes",
        "RestrictNamespaces=yes",
        "MemoryDenyWriteExecute=yes",
        "SystemCallFilter=@system-service",
        "LimitCORE=0",
    ] {
        assert!(unit.lines().any(|l| l == line), "the unit lacks {line}");
    }
    let image = text("deploy/Dockerfile");
    let last = image.rsplit("\nFROM ").next().unwrap();
    assert!(last.contains("\nUSER 65532:65532\n"), "{last}");
    assert!(!last.contains("\nRUN "), "the image has no shell to run anything with");
    assert!(image.contains("docker run") && image.contains("--read-only --cap-drop ALL"), "{image}");
}
