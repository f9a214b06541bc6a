"""What a result came of besides its data: code, lock file, interpreter, packages."""

import hashlib
import os
import platform
import subprocess
from importlib.metadata import distributions
from pathlib import Path

UNKNOWN_LOCK = "0" * 64


def code_commit() -> str:
    """
    Commit of the checkout this file lies in, `-dirty` when it is changed. Outside of one what VIGIA_COMMIT says, which
    an image sets at its build; else `unknown`.
    """
    command = ["git", "-C", str(Path(__file__).parent), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
    try:
        return subprocess.run(command, capture_output=True, check=True, text=True, timeout=10).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return os.environ.get("VIGIA_COMMIT") or "unknown"


def lock_sha256() -> str:
    """SHA-256 of `uv.lock` beside this package's project; 64 zeros where the package was installed without it."""
    lock = Path(__file__).parents[2] / "uv.lock"
    return hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else UNKNOWN_LOCK


def environment() -> dict[str, object]:
    """Interpreter, platform and the version of every package that is installed. No name of a host or a user."""
    packages = {package.metadata["Name"].lower(): package.version for package in distributions()}
    return {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "packages": dict(sorted(packages.items())),
    }
