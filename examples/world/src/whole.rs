//! Files that are complete or absent.

use std::io::Write;
use std::path::Path;

use tempfile::NamedTempFile;

use crate::Error;

/// Has `fill` write a temporary file in the folder of `path` and gives it that name once it is complete.
pub(crate) fn write_whole(
    path: &Path,
    fill: impl FnOnce(&mut NamedTempFile) -> Result<(), Error>,
) -> Result<(), Error> {
    let fault = |source| Error::io(path, source);
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    std::fs::create_dir_all(folder).map_err(|source| Error::io(folder, source))?;
    let mut file = tempfile::Builder::new()
        .prefix(".world-")
        .tempfile_in(folder)
        .map_err(|source| Error::io(folder, source))?;
    fill(&mut file)?;
    file.flush().map_err(fault)?;
    file.as_file().sync_all().map_err(fault)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are the user's alone; results are readable as any other file.
        file.as_file()
            .set_permissions(std::fs::Permissions::from_mode(0o644))
            .map_err(fault)?;
    }
    file.persist(path).map_err(|source| fault(source.error))?;
    Ok(())
}
