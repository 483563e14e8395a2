//! Where the browser's half of the product comes from: files inside this program, or a folder. Serves them, and says
//! what they are called. The document of a page and the wiring of requests ask here; nothing else knows such a name.

use crate::paths;
use axum::{
    Router,
    extract::Request,
    middleware,
    response::{IntoResponse, Response},
};
use http::{HeaderValue, StatusCode, header};
use leptos::config::LeptosOptions;
use leptos_axum::serve_site_root_service;
use std::{
    convert::Infallible,
    fs,
    path::{Path, PathBuf},
};
use tower::Service;

/// What `site_root` says when the files inside the program are meant: no folder has this name.
const INSIDE: &str = "";

/// Where the front end is: as set, else inside the program, else beside it, else one folder above it, else
/// `target/site`. The answer is one for `LeptosOptions::site_root`.
///
/// # Errors
/// One sentence for the operator, when it is nowhere.
pub fn find(set: Option<&Path>) -> Result<String, String> {
    if set.is_none() && inside::is_there() {
        return Ok(INSIDE.to_owned());
    }
    let beside = |levels: usize| {
        let program = std::env::current_exe().ok()?;
        let folder = program.ancestors().nth(levels)?.join("site");
        folder.join("pkg").is_dir().then_some(folder)
    };
    let folder = set
        .map(Path::to_owned)
        .or_else(|| beside(1))
        .or_else(|| beside(2))
        .unwrap_or_else(|| PathBuf::from("target/site"));
    if !folder.join("pkg").is_dir() {
        return Err(format!(
            "there is no front end in {}; run script/build, or set LEPTOS_SITE_ROOT to its folder",
            folder.display()
        ));
    }
    Ok(folder.to_string_lossy().into_owned())
}

/// What the file of this kind (`js`, `wasm`, `css`) is called in this build: with the hash of its content in the name,
/// unless that is switched off.
pub fn file_name(options: &LeptosOptions, kind: &str) -> String {
    let plain = format!("{}.{kind}", options.output_name);
    if !options.hash_files {
        return plain;
    }
    hashed(&names(options), &options.output_name, kind).unwrap_or_else(|| {
        tracing::warn!(file = plain, "the front end has no such file with a hash in its name");
        plain
    })
}

/// The files of the front end: hashed ones for ever, the few others for an hour.
pub fn routes(options: &LeptosOptions) -> Router {
    #[cfg(feature = "embed")]
    if &*options.site_root == INSIDE {
        return served(&inside::service(), options);
    }
    served(&serve_site_root_service(options), options)
}

fn served<S>(service: &S, options: &LeptosOptions) -> Router
where
    S: Service<Request, Error = Infallible> + Clone + Send + Sync + 'static,
    S::Response: IntoResponse,
    S::Future: Send + 'static,
{
    let cached = |value: &'static str| {
        middleware::map_response(move |mut response: Response| async move {
            if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static(value));
            }
            response
        })
    };
    let hashed = Router::new()
        .route_service(&format!("{}/{{*file}}", paths::PKG), service.clone())
        .layer(cached(if options.hash_files { "public, max-age=31536000, immutable" } else { "no-cache" }));
    // Only what is there at start is served from there: no page costs a look at the disk.
    let others = names(options)
        .into_iter()
        .filter(|name| !name.contains('/') && !name.ends_with(".br") && !name.ends_with(".gz"))
        .fold(Router::new(), |router, name| router.route_service(&format!("/{name}"), service.clone()))
        .layer(cached("public, max-age=3600"));
    hashed.merge(others)
}

/// The files at the root of the front end and those below `pkg/`; what was written last comes last.
fn names(options: &LeptosOptions) -> Vec<String> {
    if &*options.site_root == INSIDE {
        return inside::names();
    }
    let root = Path::new(&*options.site_root);
    let pkg = format!("{}/", paths::PKG.trim_start_matches('/'));
    let mut found = Vec::new();
    for (folder, prefix) in [(root.to_owned(), ""), (root.join(&pkg), pkg.as_str())] {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let Ok(facts) = entry.metadata() else { continue };
            if let (true, Ok(name)) = (facts.is_file(), entry.file_name().into_string()) {
                found.push((facts.modified().ok(), format!("{prefix}{name}")));
            }
        }
    }
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// The last of the names that are made of the program's name, a hash and the kind.
fn hashed(names: &[String], output_name: &str, kind: &str) -> Option<String> {
    let is_hashed = |name: &str| {
        let hash = || name.strip_prefix(output_name)?.strip_prefix('.')?.strip_suffix(kind)?.strip_suffix('.');
        hash().is_some_and(|hash| !hash.is_empty() && !hash.contains('.'))
    };
    let in_pkg =
        |name: &String| Some(name.strip_prefix(paths::PKG.trim_start_matches('/'))?.strip_prefix('/')?.to_owned());
    names.iter().filter_map(in_pkg).rfind(|name| is_hashed(name))
}

/// The files inside this program, as the build left them.
#[cfg(feature = "embed")]
mod inside {
    use leptos_axum::rust_embed::{self, Embed, EmbeddedFile};
    use std::{
        borrow::Cow,
        future::{Ready, ready},
        io::{self, Cursor, ErrorKind, SeekFrom},
        path::{Path, PathBuf},
        pin::Pin,
        task::{Context, Poll},
        time::{Duration, SystemTime, UNIX_EPOCH},
    };
    use tokio::io::{AsyncRead, AsyncSeek, ReadBuf};
    use tower_http::services::{
        ServeDir,
        fs::{Backend, DefaultServeDirFallback, File, Metadata},
    };

    // A program for tests lacks them: the build script refuses a release without.
    #[derive(Embed)]
    #[folder = "$GRANTLINK_SITE"]
    #[allow_missing = true]
    struct Site;

    pub fn is_there() -> bool {
        Site::iter().next().is_some()
    }

    pub fn names() -> Vec<String> {
        Site::iter().map(Cow::into_owned).collect()
    }

    /// Answers exactly as the service of a folder does. Leptos keeps its own such backend to itself.
    pub fn service() -> ServeDir<DefaultServeDirFallback, Files> {
        ServeDir::with_backend("/", Files).precompressed_gzip().precompressed_br()
    }

    #[derive(Clone)]
    pub struct Files;

    /// A file that is being read.
    pub struct Open {
        bytes: Cursor<Cow<'static, [u8]>>,
        facts: Facts,
    }

    /// What is known about a file before it is read.
    #[derive(Clone, Copy)]
    pub struct Facts {
        length: u64,
        modified: SystemTime,
    }

    fn open(path: &Path) -> io::Result<Open> {
        let name = path.strip_prefix("/").ok().and_then(Path::to_str);
        let file = name.and_then(Site::get).ok_or_else(|| io::Error::from(ErrorKind::NotFound))?;
        Ok(Open::from(file))
    }

    impl From<EmbeddedFile> for Open {
        fn from(file: EmbeddedFile) -> Self {
            let modified = UNIX_EPOCH + Duration::from_secs(file.metadata.last_modified().unwrap_or(0));
            let facts = Facts { length: file.data.len() as u64, modified };
            Self { bytes: Cursor::new(file.data), facts }
        }
    }

    impl Backend for Files {
        type File = Open;
        type Metadata = Facts;
        type OpenFuture = Ready<io::Result<Open>>;
        type MetadataFuture = Ready<io::Result<Facts>>;

        fn open(&self, path: PathBuf) -> Self::OpenFuture {
            ready(open(&path))
        }

        fn metadata(&self, path: PathBuf) -> Self::MetadataFuture {
            ready(open(&path).map(|file| file.facts))
        }
    }

    impl Metadata for Facts {
        fn is_dir(&self) -> bool {
            false
        }

        fn modified(&self) -> io::Result<SystemTime> {
            Ok(self.modified)
        }

        fn len(&self) -> u64 {
            self.length
        }
    }

    impl File for Open {
        type Metadata = Facts;
        type MetadataFuture<'a> = Ready<io::Result<Facts>>;

        fn metadata(&self) -> Self::MetadataFuture<'_> {
            ready(Ok(self.facts))
        }
    }

    impl AsyncRead for Open {
        fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
            Pin::new(&mut self.bytes).poll_read(cx, buf)
        }
    }

    impl AsyncSeek for Open {
        fn start_seek(mut self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
            Pin::new(&mut self.bytes).start_seek(position)
        }

        fn poll_complete(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
            Pin::new(&mut self.bytes).poll_complete(cx)
        }
    }
}

/// A program without a front end of its own: the measurements, and `cargo run`.
#[cfg(not(feature = "embed"))]
mod inside {
    pub fn is_there() -> bool {
        false
    }

    pub fn names() -> Vec<String> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_file_is_found_by_the_hash_in_its_name() {
        let names = owned(&[
            "favicon.svg",
            "grantlink.zzz.js",
            "pkg/grantlink.js",
            "pkg/grantlink.a-_1.js",
            "pkg/grantlink.a-_1.js.br",
            "pkg/grantlink.def.wasm",
            "pkg/other.ghi.css",
        ]);
        assert_eq!(hashed(&names, "grantlink", "js").as_deref(), Some("grantlink.a-_1.js"));
        assert_eq!(hashed(&names, "grantlink", "wasm").as_deref(), Some("grantlink.def.wasm"));
        assert_eq!(hashed(&names, "grantlink", "css"), None);
    }

    #[test]
    fn of_two_builds_in_one_folder_the_last_counts() {
        let names = owned(&["pkg/grantlink.old.js", "pkg/grantlink.new.js"]);
        assert_eq!(hashed(&names, "grantlink", "js").as_deref(), Some("grantlink.new.js"));
    }

    #[test]
    fn a_folder_that_is_set_must_hold_a_front_end() {
        let folder = tempfile::tempdir().unwrap();
        let error = find(Some(folder.path())).unwrap_err();
        assert!(error.contains("LEPTOS_SITE_ROOT"), "{error}");
        fs::create_dir(folder.path().join("pkg")).unwrap();
        assert_eq!(find(Some(folder.path())).unwrap(), folder.path().to_str().unwrap());
    }

    #[test]
    fn names_come_from_the_folder_with_hashes_and_without() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("pkg")).unwrap();
        fs::write(folder.path().join("pkg/grantlink.abc.css"), "").unwrap();
        let mut options =
            LeptosOptions::builder().output_name("grantlink").site_root(folder.path().to_str().unwrap()).build();
        assert_eq!(file_name(&options, "css"), "grantlink.css");
        options.hash_files = true;
        assert_eq!(file_name(&options, "css"), "grantlink.abc.css");
        assert_eq!(file_name(&options, "js"), "grantlink.js", "better a plain name than none");
    }
}
