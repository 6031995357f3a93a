//! Where the weights of other encoders are looked for: in a folder of recount's, and in the cache of
//! the Hugging Face hub, where its own tools leave what the user fetched.

use etcetera::BaseStrategy;
use std::fs;
use std::path::{Path, PathBuf};

/// Where weights are looked for, in this order.
#[derive(Debug, Clone, Default)]
pub struct Places {
    /// The folder with a folder for each encoder, by its name.
    pub folder: Option<PathBuf>,
    /// The hub's cache.
    pub hub: Option<PathBuf>,
}

impl Places {
    /// The folder that was chosen, or `recount/encoders` in the data folder; the hub's cache where
    /// `HF_HUB_CACHE` or `HF_HOME` say, or below the cache folder.
    pub fn usual(folder: Option<&Path>) -> Self {
        let base = etcetera::choose_base_strategy().ok();
        let named = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty());
        let hub = named("HF_HUB_CACHE").map(PathBuf::from).or_else(|| {
            let home = named("HF_HOME").map(PathBuf::from);
            let home = home.or_else(|| Some(base.as_ref()?.cache_dir().join("huggingface")));
            home.map(|home| home.join("hub"))
        });
        let usual = || Some(base.as_ref()?.data_dir().join("recount").join("encoders"));
        Self { folder: folder.map(Path::to_owned).or_else(usual), hub }
    }

    /// The folder of an encoder in recount's, whether it is there or not.
    pub(super) fn of_name(&self, name: &str) -> PathBuf {
        self.folder.clone().unwrap_or_default().join(name)
    }

    /// The folder that holds a file of a repository: recount's own for the name, else the newest in
    /// the hub's cache that does.
    pub(super) fn holding(&self, name: &str, repository: &str, file: &str) -> Option<PathBuf> {
        let own = self.of_name(name);
        if own.join(file).is_file() {
            return Some(own);
        }
        let cached = self.hub.as_ref()?.join(format!("models--{}", repository.replace('/', "--")));
        let snapshots = cached.join("snapshots");
        let newest = fs::read_to_string(cached.join("refs/main")).unwrap_or_default();
        let mut found: Vec<PathBuf> = fs::read_dir(&snapshots)
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|folder| folder.join(file).is_file())
            .collect();
        found.sort();
        let main = snapshots.join(newest.trim());
        if found.contains(&main) { Some(main) } else { found.pop() }
    }
}
