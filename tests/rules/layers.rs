//! A file imports only from a lower layer; inside a layer, from its own feature or from one further left.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Features, in the order in which a later one may use an earlier one's service. Members are people and organizations
/// at once, so they come after both, wherever their folder is, and after billing, which says how many there may be; and
/// so do the settings, which ask who may change them.
const FEATURES: [&str; 10] = [
    "audit",
    "organizations",
    "identity",
    "billing",
    "members",
    "settings",
    "accounts",
    "links",
    "collection",
    "connect",
];

/// Where those two folders are.
const MEMBERS: [&str; 2] = ["organizations", "members"];
const SETTINGS: [&str; 2] = ["organizations", "settings"];

/// Everything else, by layer.
fn layer_of_module(module: &str) -> Option<u8> {
    Some(match module {
        "error" | "ids" | "paths" | "plan" | "timestamp" | "token_death" | "clock" | "secret" | "failure"
        | "http_client" | "limits" | "sandbox_pages" | "ui" => 0,
        "db" | "queue" | "email" | "media" | "instagram" | "live" => 1,
        "work" => 2,
        "pages" | "jobs" => 50,
        "app" => 51,
        _ => return None,
    })
}

/// The feature or module that a path belongs to.
fn owner<'a>(path: &[&'a str]) -> Option<&'a str> {
    match path {
        [outer, inner, ..] if [MEMBERS, SETTINGS].contains(&[*outer, *inner]) => Some(*inner),
        _ => path.first().copied(),
    }
}

/// A place in the order: layer, and the feature's rank inside it.
fn place(path: &[&str]) -> Option<(u8, usize)> {
    for folder in [MEMBERS, SETTINGS] {
        if let Some(rest) = path.strip_prefix(&folder) {
            return place(&[&folder[1..], rest].concat());
        }
    }
    let (first, rest) = (*path.first()?, path.get(1).copied().unwrap_or(""));
    if let Some(rank) = FEATURES.iter().position(|feature| *feature == first) {
        let layer = match rest {
            "model" | "password_rules" | "words" | "stripe" | "sandbox" => 1,
            "queries" | "chain" | "passwords" | "common_passwords" | "browsers" | "totp" | "qr" => 20,
            "service" | "csv" => 30,
            "server_fns" | "routes" => 42,
            "components" => 43,
            _ => return None,
        };
        return Some((layer, rank));
    }
    if first == "live" && rest == "routes" {
        return Some((42, 0));
    }
    if first == "server" {
        return Some(match rest {
            "config" => (31, 0),
            "checks" | "cookies" | "door" | "forms" | "front_end" | "pages" | "security" | "listener" | "telemetry" => {
                (40, 0)
            }
            _ => (60, 0),
        });
    }
    layer_of_module(first).map(|layer| (layer, 0))
}

fn sources(folder: &Path, into: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push(path);
        }
    }
}

/// The `crate::` paths a file names, two segments deep, three inside of organizations, tests at its foot left out.
fn imports(text: &str) -> BTreeSet<Vec<String>> {
    let code = text.split("#[cfg(test)]").next().unwrap();
    let mut found = BTreeSet::new();
    let mut rest = code;
    while let Some(at) = rest.find("crate::") {
        let before = rest[..at].chars().next_back();
        rest = &rest[at + "crate::".len()..];
        if before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == '$') {
            continue;
        }
        collect(rest, &mut Vec::new(), &mut found);
    }
    found
}

fn collect(text: &str, prefix: &mut Vec<String>, found: &mut BTreeSet<Vec<String>>) {
    if let Some(group) = text.strip_prefix('{') {
        let mut depth = 1;
        let mut start = 0;
        for (index, c) in group.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            if (c == ',' && depth == 1) || depth == 0 {
                let item = group[start..index].trim();
                if !item.is_empty() {
                    collect(item, &mut prefix.clone(), found);
                }
                start = index + 1;
            }
            if depth == 0 {
                return;
            }
        }
        return;
    }
    let name: String = text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    if name.is_empty() {
        return;
    }
    prefix.push(name.clone());
    match text[name.len()..].strip_prefix("::") {
        Some(more) if prefix.len() < 2 || *prefix == MEMBERS || *prefix == SETTINGS => collect(more, prefix, found),
        _ => {
            found.insert(prefix.clone());
        }
    }
}

#[test]
fn a_file_imports_only_from_a_lower_layer() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    assert!(files.len() > 60, "only {} files were read", files.len());
    let mut wrong = Vec::new();
    let mut edges = 0;
    for file in files {
        let relative = file.strip_prefix(&root).unwrap().with_extension("");
        let own: Vec<&str> = relative.iter().map(|part| part.to_str().unwrap()).filter(|part| *part != "mod").collect();
        let Some(here) = place(&own) else { continue };
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            let path: Vec<&str> = import.iter().map(String::as_str).collect();
            if path.first() == own.first() && FEATURES.iter().all(|feature| Some(feature) != own.first()) {
                continue;
            }
            let Some(there) = place(&path) else { continue };
            edges += 1;
            let own_feature = owner(&path) == owner(&own);
            let allowed = if own_feature {
                there.0 <= here.0
            } else {
                there.0 < here.0 || (there.0 == here.0 && there.1 <= here.1)
            };
            if !allowed {
                wrong.push(format!("{} may not import {}", own.join("::"), path.join("::")));
            }
        }
    }
    assert!(edges > 100, "only {edges} imports were understood");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn rules_and_sql_know_no_leptos() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut seen = BTreeMap::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let name = file.strip_prefix(&root).unwrap().to_str().unwrap().to_owned();
        let kind = ["model.rs", "service.rs", "queries.rs", "/service/"].into_iter().find(|kind| name.contains(kind));
        if let Some(kind) = kind {
            *seen.entry(kind).or_insert(0) += 1;
            assert!(!text.contains("leptos"), "{name} knows leptos");
        }
    }
    assert_eq!(seen.len(), 4, "{seen:?}");
}

#[test]
fn an_upward_import_would_be_noticed() {
    let text = "use crate::{error::AppError, links::{service, queries::find}};\nlet x = crate::app::App;";
    let found: Vec<Vec<String>> = imports(text).into_iter().collect();
    let paths: Vec<String> = found.iter().map(|path| path.join("::")).collect();
    assert_eq!(paths, ["app::App", "error::AppError", "links::queries", "links::service"]);
    assert!(place(&["links", "service"]) > place(&["links", "queries"]));
    let members: Vec<_> = imports("use crate::organizations::members::service::list;").into_iter().collect();
    assert_eq!(members, [["organizations", "members", "service"]]);
    assert!(place(&["organizations", "members", "service"]) > place(&["identity", "service"]));
    assert_eq!(owner(&["organizations", "members", "service"]), Some("members"));
    assert_ne!(owner(&["organizations", "service"]), owner(&["organizations", "settings", "service"]));
    assert!(place(&["connect", "service"]) > place(&["links", "service"]));
}
