"""A model bundle on disk (libs/contracts/src/bundle.ts): whole or not there."""

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vigia.errors import BadInput

FETCH_AGAIN = "fetch the bundle again from its registry"


def check_target(folder: Path) -> None:
    """Raises BadInput when nothing could be put there: what exists is never written over."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise BadInput(f"{folder} exists and is not empty: give --out another folder, or remove this one")


def write_bundle(folder: Path, files: dict[str, bytes], manifest: dict[str, Any]) -> dict[str, Any]:
    """
    Writes `files` by name (`plots/roc.png` in a folder) and `bundle.json`: `manifest` with the digest of each file,
    which is returned.
    """
    complete = {**manifest, "files": {name: hashlib.sha256(files[name]).hexdigest() for name in sorted(files)}}
    write_folder(folder, {**files, "bundle.json": json_bytes(complete, indent=2)})
    return complete


def write_folder(folder: Path, files: dict[str, bytes]) -> None:
    """All is written aside, forced to disk and renamed, so that a reader sees the whole folder or none."""
    check_target(folder)
    folder = folder.absolute()
    aside = folder.with_name(f".{folder.name}.{os.getpid()}.partial")
    try:
        aside.mkdir(parents=True)
        for name, content in files.items():
            (aside / name).parent.mkdir(exist_ok=True)
            with (aside / name).open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        aside.rename(folder)
    except OSError as error:
        raise BadInput(f"cannot write {folder} ({error.strerror}): give --out a folder that can be written") from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Bundle:
    """A bundle whose every file has the digest that its manifest names. `sha256` is that of `bundle.json`."""

    manifest: dict[str, Any]
    graph: bytes
    sha256: str


def read_bundle(folder: Path) -> Bundle:
    """Raises BadInput where a file is missing, altered or of another form."""
    written = read(folder / "bundle.json", folder)
    try:
        manifest = json.loads(written)
    except ValueError as error:
        raise BadInput(f"{folder}/bundle.json is not JSON ({error}): {FETCH_AGAIN}") from error
    if not isinstance(manifest, dict) or manifest.get("format") != 2 or not isinstance(manifest.get("files"), dict):
        raise BadInput(f"{folder}/bundle.json is no bundle's manifest of format 2: train again with this version")
    if "model.onnx" not in manifest["files"]:
        raise BadInput(f"{folder}/bundle.json names no model.onnx: train again")
    for name, expected in manifest["files"].items():
        if Path(name).is_absolute() or ".." in Path(name).parts:
            raise BadInput(f"{folder}/bundle.json names {name}, which is outside of the bundle: train again")
        actual = hashlib.sha256(read(folder / name, folder)).hexdigest()
        if actual != expected:
            raise BadInput(f"{folder}/{name} has SHA-256 {actual}, bundle.json says {expected}: {FETCH_AGAIN}")
    graph = read(folder / "model.onnx", folder)
    return Bundle(manifest, graph, hashlib.sha256(written).hexdigest())


def read(path: Path, folder: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"{folder} is no whole bundle, {path.name}: {error.strerror}: {FETCH_AGAIN}") from error


def json_bytes(value: object, indent: int | None = None) -> bytes:
    """UTF-8; a NaN raises ValueError; the same value gives the same bytes."""
    separators = (",", ":") if indent is None else (",", ": ")
    text = json.dumps(value, allow_nan=False, ensure_ascii=False, indent=indent, separators=separators)
    return (text + "\n").encode()
