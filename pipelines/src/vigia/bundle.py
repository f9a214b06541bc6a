"""A model bundle on disk (libs/contracts/src/bundle.ts): whole or not there."""

import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from vigia.errors import BadInput


def check_target(folder: Path) -> None:
    """Raises BadInput when a bundle could not be put there: an existing one is never written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} exists and is not empty: give --out another folder, or remove this one")


def write_bundle(folder: Path, files: dict[str, bytes], manifest: dict[str, Any]) -> dict[str, Any]:
    """
    Writes `files` by name and last `bundle.json`: `manifest` with the digest of each file, which is returned.

    All is written aside, forced to disk and renamed, so that a reader sees the whole bundle or none.
    """
    check_target(folder)
    folder = folder.absolute()
    complete = {**manifest, "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}}
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        aside.mkdir(parents=True)
        for name, content in {**files, "bundle.json": json_bytes(complete, indent=2)}.items():
            with (aside / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        aside.rename(folder)
    except OSError as error:
        shutil.rmtree(aside, ignore_errors=True)
        raise BadInput(f"cannot write {folder} ({error.strerror}): give --out a folder that can be written") from error
    return complete


def json_bytes(value: object, indent: int | None = None) -> bytes:
    """UTF-8; a NaN raises ValueError; the same value gives the same bytes."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent, separators=separators)
    return (text + "\n").encode()
