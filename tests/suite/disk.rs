//! A disk that remembers what is written to it and fails when it is told to: a layer below SQLite, over
//! its usual way to files.
//!
//! It is put there for a whole process, so only a child of the tests does that. The crates for such
//! layers do not fit: sqlite-plugin wants libclang to build, sqlite-vfs is tied to an old SQLite. What
//! is unsafe stands here: the callbacks that SQLite's C interface asks for.
#![expect(unsafe_code, reason = "SQLite's interface for this is one of C callbacks")]

use rusqlite::ffi;
use std::collections::BTreeMap;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What reached the disk, in order.
#[derive(Debug, Clone)]
pub(crate) enum Event {
    /// A file was made, or emptied by being made anew.
    Made(String),
    /// Bytes were written at a place of a file.
    Written(String, u64, Vec<u8>),
    /// A file was cut or grew to this length.
    Cut(String, u64),
    /// Everything written to a file so far is on the disk.
    Synced(String),
    /// A file was taken away; whether that is on the disk itself.
    Deleted(String, bool),
    /// The test says something, from here on.
    Told(String),
}

/// What the layer does beside passing on.
#[derive(Default)]
struct State {
    recording: bool,
    events: Vec<Event>,
    /// After so many changes, a change fails, with this code.
    fails: Option<(u64, c_int)>,
    /// Whether every one after that fails too.
    for_good: bool,
    /// How many changes there were.
    changes: u64,
}

static STATE: Mutex<Option<State>> = Mutex::new(None);

struct Real(*mut ffi::sqlite3_vfs);
// SAFETY: SQLite's own layers may be called from any thread, and the pointer never changes.
unsafe impl Send for Real {}
static REAL: Mutex<Option<Real>> = Mutex::new(None);

fn state() -> MutexGuard<'static, Option<State>> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Puts the layer below every database that this process opens from now on.
pub(crate) fn insert() {
    *state() = Some(State::default());
    // SAFETY: the usual layer is there from the start and stays; ours is never freed.
    unsafe {
        let real = ffi::sqlite3_vfs_find(std::ptr::null());
        let mut own = std::ptr::read(real);
        own.zName = c"recount-test".as_ptr();
        own.pNext = std::ptr::null_mut();
        own.szOsFile += c_int::try_from(size_of::<File>()).unwrap();
        own.xOpen = Some(open);
        own.xDelete = Some(delete);
        *REAL.lock().unwrap() = Some(Real(real));
        assert_eq!(ffi::sqlite3_vfs_register(Box::leak(Box::new(own)), 1), ffi::SQLITE_OK);
    }
}

/// Begins to remember what is written.
pub(crate) fn record() {
    if let Some(state) = &mut *state() {
        state.recording = true;
    }
}

/// Notes something between the writes.
pub(crate) fn tell(text: String) {
    if let Some(state) = &mut *state() {
        state.events.push(Event::Told(text));
    }
}

/// Ends to remember, and returns what was.
pub(crate) fn recorded() -> Vec<Event> {
    let mut state = state();
    let Some(state) = &mut *state else { return Vec::new() };
    state.recording = false;
    std::mem::take(&mut state.events)
}

/// Lets a change fail after so many that do not: once, or that and all that follow. Returns how many
/// changes there were since the last call.
pub(crate) fn fail(after: Option<(u64, c_int)>, for_good: bool) -> u64 {
    let mut state = state();
    let Some(state) = &mut *state else { return 0 };
    (state.fails, state.for_good) = (after, for_good);
    std::mem::take(&mut state.changes)
}

/// What happens at a change: the code that it fails with, or nothing. A full disk refuses writes alone.
fn change(state: &mut State, as_told: &dyn Fn(c_int) -> Option<c_int>) -> Option<c_int> {
    let (left, code) = state.fails.unwrap_or((u64::MAX, ffi::SQLITE_OK));
    let fails = as_told(code)?;
    state.changes += 1;
    if left > 0 {
        state.fails = state.fails.map(|_| (left - 1, code));
        return None;
    }
    if !state.for_good {
        state.fails = None;
    }
    Some(fails)
}

/// A file as SQLite sees it; the usual layer's own follows behind it.
#[repr(C)]
struct File {
    base: ffi::sqlite3_file,
    /// Its name, where it is one that stays.
    name: *mut String,
}

unsafe fn real(file: *mut ffi::sqlite3_file) -> *mut ffi::sqlite3_file {
    // SAFETY: SQLite gave room for both.
    unsafe { file.cast::<u8>().add(size_of::<File>()).cast() }
}

unsafe fn name(file: *mut ffi::sqlite3_file) -> Option<&'static str> {
    // SAFETY: it was set when the file was opened, and is freed when it is closed.
    unsafe { (*file.cast::<File>()).name.as_ref().map(String::as_str) }
}

/// Calls the usual layer's function of a file.
macro_rules! pass {
    ($file:expr, $call:ident $(, $arg:expr)*) => {{
        // SAFETY: the usual layer opened this file and set all of its functions.
        unsafe {
            let inner = real($file);
            ((*(*inner).pMethods).$call.unwrap())(inner $(, $arg)*)
        }
    }};
}

unsafe extern "C" fn open(
    _: *mut ffi::sqlite3_vfs,
    path: ffi::sqlite3_filename,
    file: *mut ffi::sqlite3_file,
    flags: c_int,
    out: *mut c_int,
) -> c_int {
    let layer = REAL.lock().unwrap().as_ref().unwrap().0;
    // SAFETY: what SQLite hands over is handed on; the methods are static.
    unsafe {
        let own = file.cast::<File>();
        (*own).base.pMethods = std::ptr::null();
        (*own).name = std::ptr::null_mut();
        let new = !path.is_null() && !std::path::Path::new(&text(path)).exists();
        let code = ((*layer).xOpen.unwrap())(layer, path, real(file), flags, out);
        if code == ffi::SQLITE_OK {
            (*own).base.pMethods = &raw const METHODS;
            if !path.is_null() {
                let short = short(path);
                if new
                    && let Some(state) = &mut *state()
                    && state.recording
                {
                    state.events.push(Event::Made(short.clone()));
                }
                (*own).name = Box::into_raw(Box::new(short));
            }
        }
        code
    }
}

unsafe fn text(path: *const c_char) -> String {
    // SAFETY: SQLite's names end with a zero.
    unsafe { CStr::from_ptr(path) }.to_string_lossy().into_owned()
}

/// The name of a file without its folder.
unsafe fn short(path: *const c_char) -> String {
    // SAFETY: as above.
    let path = unsafe { text(path) };
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

unsafe extern "C" fn delete(_: *mut ffi::sqlite3_vfs, path: *const c_char, sync: c_int) -> c_int {
    let layer = REAL.lock().unwrap().as_ref().unwrap().0;
    // SAFETY: what SQLite hands over is handed on.
    let (code, short) = unsafe { (((*layer).xDelete.unwrap())(layer, path, sync), short(path)) };
    if code == ffi::SQLITE_OK
        && let Some(state) = &mut *state()
        && state.recording
    {
        state.events.push(Event::Deleted(short, sync != 0));
    }
    code
}

unsafe extern "C" fn close(file: *mut ffi::sqlite3_file) -> c_int {
    let code = pass!(file, xClose);
    // SAFETY: nobody uses the file any more.
    unsafe {
        let own = file.cast::<File>();
        if !(*own).name.is_null() {
            drop(Box::from_raw((*own).name));
            (*own).name = std::ptr::null_mut();
        }
    }
    code
}

unsafe extern "C" fn read(
    file: *mut ffi::sqlite3_file,
    into: *mut c_void,
    length: c_int,
    at: i64,
) -> c_int {
    pass!(file, xRead, into, length, at)
}

/// Passes a change on, unless it is to fail; notes it where it went well. One at a time, so that the
/// notes have the order of the changes.
unsafe fn changed(
    file: *mut ffi::sqlite3_file,
    as_told: &dyn Fn(c_int) -> Option<c_int>,
    pass: &dyn Fn() -> c_int,
    event: &dyn Fn(String) -> Event,
) -> c_int {
    let mut state = state();
    // SAFETY: the file is open.
    let (Some(state), Some(name)) = (&mut *state, unsafe { name(file) }) else { return pass() };
    if let Some(code) = change(state, as_told) {
        return code;
    }
    let code = pass();
    if code == ffi::SQLITE_OK && state.recording {
        state.events.push(event(name.to_owned()));
    }
    code
}

unsafe extern "C" fn write(
    file: *mut ffi::sqlite3_file,
    from: *const c_void,
    length: c_int,
    at: i64,
) -> c_int {
    let event = |name| {
        // SAFETY: SQLite hands over so many bytes.
        let bytes = unsafe { std::slice::from_raw_parts(from.cast::<u8>(), length as usize) };
        Event::Written(name, at as u64, bytes.to_vec())
    };
    let pass = || pass!(file, xWrite, from, length, at);
    // SAFETY: the file is open.
    unsafe { changed(file, &Some, &pass, &event) }
}

unsafe extern "C" fn truncate(file: *mut ffi::sqlite3_file, size: i64) -> c_int {
    let as_told = |code| (code != ffi::SQLITE_FULL).then_some(ffi::SQLITE_IOERR_TRUNCATE);
    let event = |name| Event::Cut(name, size as u64);
    let pass = || pass!(file, xTruncate, size);
    // SAFETY: the file is open.
    unsafe { changed(file, &as_told, &pass, &event) }
}

unsafe extern "C" fn sync(file: *mut ffi::sqlite3_file, flags: c_int) -> c_int {
    let as_told = |code| (code != ffi::SQLITE_FULL).then_some(ffi::SQLITE_IOERR_FSYNC);
    let pass = || pass!(file, xSync, flags);
    // SAFETY: the file is open.
    unsafe { changed(file, &as_told, &pass, &Event::Synced) }
}

unsafe extern "C" fn file_size(file: *mut ffi::sqlite3_file, size: *mut i64) -> c_int {
    pass!(file, xFileSize, size)
}

unsafe extern "C" fn lock(file: *mut ffi::sqlite3_file, kind: c_int) -> c_int {
    pass!(file, xLock, kind)
}

unsafe extern "C" fn unlock(file: *mut ffi::sqlite3_file, kind: c_int) -> c_int {
    pass!(file, xUnlock, kind)
}

unsafe extern "C" fn check_lock(file: *mut ffi::sqlite3_file, out: *mut c_int) -> c_int {
    pass!(file, xCheckReservedLock, out)
}

unsafe extern "C" fn control(file: *mut ffi::sqlite3_file, op: c_int, arg: *mut c_void) -> c_int {
    pass!(file, xFileControl, op, arg)
}

unsafe extern "C" fn sector(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xSectorSize)
}

unsafe extern "C" fn characteristics(file: *mut ffi::sqlite3_file) -> c_int {
    pass!(file, xDeviceCharacteristics)
}

unsafe extern "C" fn shm_map(
    file: *mut ffi::sqlite3_file,
    page: c_int,
    size: c_int,
    extend: c_int,
    out: *mut *mut c_void,
) -> c_int {
    pass!(file, xShmMap, page, size, extend, out)
}

unsafe extern "C" fn shm_lock(
    file: *mut ffi::sqlite3_file,
    offset: c_int,
    count: c_int,
    flags: c_int,
) -> c_int {
    pass!(file, xShmLock, offset, count, flags)
}

unsafe extern "C" fn shm_barrier(file: *mut ffi::sqlite3_file) {
    pass!(file, xShmBarrier);
}

unsafe extern "C" fn shm_unmap(file: *mut ffi::sqlite3_file, delete: c_int) -> c_int {
    pass!(file, xShmUnmap, delete)
}

/// Of the second version: without mapping files into memory, past which writes would go.
static METHODS: ffi::sqlite3_io_methods = ffi::sqlite3_io_methods {
    iVersion: 2,
    xClose: Some(close),
    xRead: Some(read),
    xWrite: Some(write),
    xTruncate: Some(truncate),
    xSync: Some(sync),
    xFileSize: Some(file_size),
    xLock: Some(lock),
    xUnlock: Some(unlock),
    xCheckReservedLock: Some(check_lock),
    xFileControl: Some(control),
    xSectorSize: Some(sector),
    xDeviceCharacteristics: Some(characteristics),
    xShmMap: Some(shm_map),
    xShmLock: Some(shm_lock),
    xShmBarrier: Some(shm_barrier),
    xShmUnmap: Some(shm_unmap),
    xFetch: None,
    xUnfetch: None,
};

/// A file on a disk that may lose power: what is there for sure, and what was written since.
#[derive(Debug, Clone, Default)]
struct Kept {
    sure: Vec<u8>,
    since: Vec<(u64, Option<Vec<u8>>)>,
    /// It was taken away, and whether that is there for sure is not known.
    perhaps_gone: bool,
    /// It was made, and not synced yet.
    new: bool,
}

impl Kept {
    fn write(bytes: &mut Vec<u8>, at: u64, new: &[u8]) {
        let end = at as usize + new.len();
        bytes.resize(bytes.len().max(end), 0);
        bytes[at as usize..end].copy_from_slice(new);
    }

    fn sync(&mut self) {
        for (at, new) in std::mem::take(&mut self.since) {
            match new {
                Some(new) => Self::write(&mut self.sure, at, &new),
                None => self.sure.resize(at as usize, 0),
            }
        }
    }
}

/// A disk to which events happen.
#[derive(Debug, Clone)]
pub(crate) struct Disk {
    files: BTreeMap<String, Kept>,
    /// Whether syncing does nothing: what the tests must notice.
    deaf: bool,
}

impl Disk {
    /// A disk on which syncing does nothing, where it is deaf.
    pub(crate) fn new(deaf: bool) -> Self {
        Self { files: BTreeMap::new(), deaf }
    }

    pub(crate) fn happen(&mut self, event: &Event) {
        match event {
            Event::Made(name) => {
                self.files.insert(name.clone(), Kept { new: true, ..Kept::default() });
            }
            Event::Written(name, at, bytes) => {
                let file = self.files.entry(name.clone()).or_default();
                file.since.push((*at, Some(bytes.clone())));
            }
            Event::Cut(name, size) => {
                self.files.entry(name.clone()).or_default().since.push((*size, None));
            }
            Event::Synced(name) => {
                if self.deaf {
                    return;
                }
                let file = self.files.entry(name.clone()).or_default();
                file.sync();
                // The usual layer syncs the folder with the first sync of a new log or journal.
                if std::mem::take(&mut file.new) {
                    self.files.retain(|_, file| !file.perhaps_gone);
                }
            }
            Event::Deleted(name, true) => {
                self.files.remove(name);
            }
            Event::Deleted(name, false) => {
                if let Some(file) = self.files.get_mut(name) {
                    file.perhaps_gone = true;
                }
            }
            Event::Told(_) => {}
        }
    }

    /// What is on the disk after the power went: of what was not synced some is there, some is not,
    /// and some in part, in sectors of 512 bytes.
    pub(crate) fn after_the_power_went(
        &self,
        below: &mut dyn FnMut(u64) -> u64,
    ) -> BTreeMap<String, Vec<u8>> {
        let mut left = BTreeMap::new();
        for (name, file) in &self.files {
            if file.perhaps_gone && below(2) == 0 {
                continue;
            }
            let mut bytes = file.sure.clone();
            for (at, new) in &file.since {
                match (below(3), new) {
                    (0, _) => {}
                    (1, Some(new)) => {
                        for (number, sector) in new.chunks(512).enumerate() {
                            if below(2) == 0 {
                                Kept::write(&mut bytes, at + 512 * number as u64, sector);
                            }
                        }
                    }
                    (_, Some(new)) => Kept::write(&mut bytes, *at, new),
                    (_, None) => bytes.resize(*at as usize, 0),
                }
            }
            left.insert(name.clone(), bytes);
        }
        left
    }
}
