"""The version of a folder as DVC names it, from its bytes alone."""

import hashlib
import json
from pathlib import Path


def data_version(folder: Path) -> str:
    """
    `<md5>.dir`: what `dvc add` of `folder` writes into its `.dvc` file, whether it was added or not.

    The MD5 of DVC's listing of a directory: a JSON array of the MD5 and path of each file, by path. It tells versions
    apart; whether the bytes are those of the manifest is for SHA-256 to say.
    """
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    listing = [{"md5": md5_of(files[name]), "relpath": name} for name in sorted(files)]
    return hashlib.md5(json.dumps(listing, sort_keys=True).encode(), usedforsecurity=False).hexdigest() + ".dir"


def md5_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
