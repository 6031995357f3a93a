//! From a path to its conversations: who reads which file, in which order.

use super::error::{ImportError, shorten};
use super::input::{Input, Progress};
use super::package::Package;
use super::sample::{SAMPLE, Sample};
use super::{Confidence, Importer, Options, Sink, formats};
use std::io::Read;
use std::path::Path;

/// What was seen under a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Account {
    /// The formats that were read, each once, in the order of reading.
    pub formats: Vec<&'static str>,
    /// How many files were read.
    pub files: usize,
    /// What the first file that was read looks like, in a few words: for saying why nothing came
    /// of it.
    pub looks_like: String,
}

/// What a file is to the formats.
enum Claim {
    /// A format reads it.
    Mine(&'static dyn Importer),
    /// It belongs to an export but holds no conversations.
    Beside(&'static str, &'static str),
    /// There is nothing in it.
    Empty(&'static str),
    /// Nobody knows it.
    Unknown,
}

/// Reads what a path leads to: a file, a folder with all below it, a ZIP with those inside of it.
///
/// `on_format` is told the name of the format of the conversations that the sink gets next. Returns
/// what was seen; it can be that no conversation came of it. Fails where nothing of it is of any
/// format, and with what the sink stopped for.
pub fn read(
    path: &Path,
    options: &Options,
    on_format: &mut dyn FnMut(&'static str),
    sink: &mut dyn Sink,
) -> Result<Account, ImportError> {
    let forced = options.format.as_deref().map(by_name).transpose()?;
    let mut packages = Package::find(path)?;
    let mut claims = Vec::new();
    let mut account = Account::default();
    let mut looked_at = 0;
    let mut total = 0;
    for package in &mut packages {
        let mut of_package = Vec::new();
        for index in 0..package.entries.len() {
            let sample = match sample(package, index) {
                Ok(sample) => sample,
                Err(error) if package.single => return Err(error),
                Err(error) => {
                    package.unreadable.push(("file cannot be read", error.to_string()));
                    of_package.push(Claim::Unknown);
                    continue;
                }
            };
            let claim = claim(&sample, forced, package.single);
            let first_read = matches!(claim, Claim::Mine(_)) && account.files == 0;
            if looked_at == 0 || first_read {
                account.looks_like = sample.looks_like();
            }
            if matches!(claim, Claim::Mine(_)) {
                account.files += 1;
                total += package.entries[index].size;
            }
            looked_at += 1;
            of_package.push(claim);
        }
        claims.push(of_package);
    }
    if account.files == 0 {
        return Err(nothing(path, &packages, &claims, looked_at, account.looks_like));
    }
    let progress = Progress::new(total);
    for (mut package, claims) in packages.into_iter().zip(claims) {
        for (reason, example) in std::mem::take(&mut package.unreadable) {
            sink.skipped(reason, &shorten(&example));
        }
        for (entry, claim) in package.entries.iter().zip(&claims) {
            match claim {
                Claim::Unknown => sink.skipped("file of no known format", &shorten(&entry.name)),
                Claim::Empty(_) => sink.skipped("empty file", &shorten(&entry.name)),
                Claim::Mine(_) | Claim::Beside(..) => {}
            }
        }
        for importer in formats() {
            let is_mine =
                |claim: &Claim| matches!(claim, Claim::Mine(m) if m.format() == importer.format());
            let chosen: Vec<usize> = claims
                .iter()
                .enumerate()
                .filter(|(_, c)| is_mine(c))
                .map(|(index, _)| index)
                .collect();
            if chosen.is_empty() {
                continue;
            }
            on_format(importer.format());
            if !account.formats.contains(&importer.format()) {
                account.formats.push(importer.format());
            }
            let mut input = Input::new(&mut package, chosen, progress.clone());
            match importer.read(&mut input, options, sink) {
                Ok(()) => {}
                Err(ImportError::Stopped(stop)) => return Err(stop.into()),
                Err(error) if account.files == 1 => return Err(error),
                Err(error) => sink.failed("file cannot be read", &error.to_string()),
            }
        }
    }
    Ok(account)
}

fn by_name(name: &str) -> Result<&'static dyn Importer, ImportError> {
    let wanted = name.trim().to_lowercase().replace(['-', ' ', '.'], "_");
    let found = formats().iter().find(|importer| importer.format() == wanted);
    found.copied().ok_or_else(|| ImportError::NoSuchFormat { name: shorten(name) })
}

fn sample(package: &mut Package, index: usize) -> Result<Sample, ImportError> {
    let path = package.path.clone();
    let name = package.entries[index].name.clone();
    let mut head = Vec::new();
    let read = package.open(index)?.take(SAMPLE as u64).read_to_end(&mut head);
    read.map_err(|error| ImportError::io(&path, error))?;
    let whole = head.len() < SAMPLE;
    Ok(Sample::new(name, head, whole))
}

fn claim(sample: &Sample, forced: Option<&'static dyn Importer>, single: bool) -> Claim {
    if let Some(what) = sample.emptiness() {
        return Claim::Empty(what);
    }
    if let Some(importer) = forced {
        // A file that was named by itself is read as the user says; of many only those that fit.
        return match importer.recognise(sample) {
            Confidence::Beside(wanted) => Claim::Beside(importer.format(), wanted),
            Confidence::No if !single => Claim::Unknown,
            _ => Claim::Mine(importer),
        };
    }
    let mut best = (Confidence::No, Claim::Unknown);
    for importer in formats() {
        let confidence = importer.recognise(sample);
        let rank = |c: &Confidence| match c {
            Confidence::Beside(_) => Confidence::Beside(""),
            c => *c,
        };
        if rank(&confidence) > rank(&best.0) {
            let claim = match confidence {
                Confidence::Beside(wanted) => Claim::Beside(importer.format(), wanted),
                _ => Claim::Mine(*importer),
            };
            best = (confidence, claim);
        }
    }
    best.1
}

/// Returns why nothing can be read.
fn nothing(
    path: &Path,
    packages: &[Package],
    claims: &[Vec<Claim>],
    files: usize,
    looks_like: String,
) -> ImportError {
    let path = path.to_owned();
    let single = packages.iter().any(|package| package.single);
    let beside = claims.iter().flatten().find_map(|claim| match claim {
        Claim::Beside(format, wanted) => Some((*format, *wanted)),
        _ => None,
    });
    let empty = claims.iter().flatten().find_map(|claim| match claim {
        Claim::Empty(what) => Some(*what),
        _ => None,
    });
    let unreadable = packages.iter().flat_map(|package| &package.unreadable).next();
    match (beside, empty, unreadable) {
        (_, Some(what), _) if single || files == 1 => ImportError::Empty { path, what },
        (Some((format, wanted)), ..) => ImportError::WrongFile { path, format, wanted },
        (_, Some(what), _) => ImportError::Empty { path, what },
        (_, _, Some((reason, example))) if files == 0 => {
            ImportError::Archive { path, reason: shorten(&format!("{reason}: {example}")) }
        }
        _ if single => ImportError::Unknown { path, looks_like },
        _ if files == 0 => ImportError::Empty { path, what: "no files" },
        _ => ImportError::NothingInside { path, files, looks_like },
    }
}
