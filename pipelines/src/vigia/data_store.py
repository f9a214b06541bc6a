"""
Folders of data under DVC: each by its version in a remote, from where it comes back byte for byte.

The folder's parent is the data repository, one of DVC without Git: it holds `NAME.dvc` beside each folder NAME. What
stands there is DVC's own; `dvc` commands work on it.
"""

import json
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from vigia.data_version import data_version
from vigia.errors import BadInput, TrackingUnavailable

VERSION = r"[0-9a-f]{32}\.dir"

# What `dvc init --no-scm` and `dvc remote add --default` write.
CONFIG = """\
[core]
    no_scm = True
    analytics = false
    remote = versions
['remote "versions"']
    url = "{remote}"
"""


def store(folder: Path, remote: str | None) -> str:
    """
    Puts `folder` under DVC and copies it to the remote; answers its version.

    `remote` is what DVC takes as one: a folder, s3://bucket/path and the like. None: the one that the data repository
    has, at first the folder beside it that ends in `-versions`. Raises BadInput where there are no data,
    TrackingUnavailable where the remote does not take them.
    """
    folder = folder.resolve()
    if not folder.is_dir() or not any(folder.iterdir()):
        raise BadInput(f"{folder} is no folder with data: give the folder of a training set or a snapshot")
    repository = open_repository(folder.parent, remote)
    added = dvc(repository, "add", folder.name)
    if added.returncode != 0 and "lock" in added.stderr:
        raise TrackingUnavailable(f"another command works on {repository} ({reason(added)}): try again later")
    if added.returncode != 0:
        raise BadInput(f"DVC does not take {folder} ({reason(added)}): see what it says")
    pointer = pointer_of(folder)
    pushed = dvc(repository, "push", pointer.name)
    if pushed.returncode != 0:
        raise TrackingUnavailable(f"the remote does not take {folder.name} ({reason(pushed)}): try again later")
    version = data_version(folder)
    if f"md5: {version}" not in pointer.read_text("utf-8"):
        raise BadInput(f"{folder} was changed while it was read: store it again")
    return version


def restore(folder: Path, version: str, remote: str | None) -> None:
    """
    Brings `version` back as `folder`, whole or not at all.

    Raises BadInput where there is something else or no such version, TrackingUnavailable where the remote is away.
    """
    folder = folder.resolve()
    if folder.exists():
        if folder.is_dir() and data_version(folder) == version:
            return
        raise BadInput(f"{folder} exists and is not {version}: give another folder, or remove this one")
    folder.parent.mkdir(parents=True, exist_ok=True)
    repository = open_repository(folder.parent, remote)
    aside = folder.with_name(f"{folder.name}.restoring")
    try:
        write_pointer(aside, version)
        pulled = dvc(repository, "pull", pointer_of(aside).name)
        if pulled.returncode != 0:
            if "Missing cache files" in pulled.stderr:
                raise BadInput(
                    f"the remote has no {version} ({reason(pulled)}): give --remote the one it was stored in"
                )
            raise TrackingUnavailable(f"the remote does not answer ({reason(pulled)}): try again later")
        if data_version(aside) != version:
            raise BadInput(f"what the remote has for {version} is another: its files were changed in the remote")
        aside.rename(folder)
        write_pointer(folder, version)
    finally:
        pointer_of(aside).unlink(missing_ok=True)
        shutil.rmtree(aside, ignore_errors=True)


def open_repository(parent: Path, remote: str | None) -> Path:
    """Made at the first time; a remote that is given replaces the one before."""
    if find_spec("dvc") is None:
        raise BadInput("DVC is not installed: uv sync --project pipelines --group data")
    config = parent / ".dvc/config"
    if not config.exists() or remote is not None:
        place = remote or str(parent.with_name(f"{parent.name}-versions"))
        if "://" not in place:
            # DVC takes a relative one from its configuration's folder.
            place = str(Path(place).resolve())
        if not re.fullmatch(r'[^"\n]+', place):
            raise BadInput(f"{place!r} can be no remote: give --remote a folder, s3://bucket/path or the like")
        config.parent.mkdir(exist_ok=True)
        # A DVC of another command may read it at the same time.
        aside = config.with_name("config.part")
        aside.write_text(CONFIG.format(remote=place))
        aside.rename(config)
    return parent


def pointer_of(folder: Path) -> Path:
    return folder.with_name(f"{folder.name}.dvc")


def write_pointer(folder: Path, version: str) -> None:
    """What `dvc add` would write, as JSON, which is YAML."""
    pointer_of(folder).write_text(json.dumps({"outs": [{"md5": version, "hash": "md5", "path": folder.name}]}))


def dvc(repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dvc", *arguments]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """The first line that DVC says to be the error."""
    lines = [line for line in done.stderr.splitlines() if line.strip()]
    return next((line for line in lines if line.startswith("ERROR")), lines[0] if lines else "no reason given")[:300]
