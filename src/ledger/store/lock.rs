//! The project's lock: one writer at a time, whoever it is; the system releases it when its holder dies.
//!
//! Waiting is counted in naps, not read from a clock.

use super::disk::{parent, refused};
use super::layout::Places;
use crate::error::{Error, Result};
use std::fs::{File, TryLockError};
use std::time::Duration;

const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Takes the lock, waiting so long for another holder; it is held until the file is closed.
pub(super) fn wait(places: &Places, patience: Duration) -> Result<File> {
    let mut waited = Duration::ZERO;
    loop {
        if let Some(lock) = take(places)? {
            return Ok(lock);
        }
        if waited >= patience {
            let place = parent(&places.root);
            return Err(Error::data(format!(
                "another load is running in {} (or a close), also after {} seconds of waiting",
                place.display(),
                patience.as_secs()
            ))
            .hint("nothing was changed; run the same command again when the other has ended"));
        }
        std::thread::sleep(LOOK_AGAIN);
        waited += LOOK_AGAIN;
    }
}

/// Takes the lock, unless another holds it.
pub(super) fn take(places: &Places) -> Result<Option<File>> {
    let path = places.lock();
    let file = File::options().create(true).truncate(false).write(true).open(&path).map_err(|e| refused("open", &path, e))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(refused("lock", &path, e)),
    }
}
