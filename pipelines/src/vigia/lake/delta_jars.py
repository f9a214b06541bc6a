"""The two jars that make Spark read and write Delta Lake, of one version, checked by their digests."""

import hashlib
import os
import urllib.request
from pathlib import Path

from vigia.errors import TrackingUnavailable

# Environment variable with the address of a Maven repository.
REPOSITORY = "MAVEN_REPOSITORY"
GROUP = "io/delta"
# SHA-256 by path in the group.
JARS = {
    "delta-spark_4.1_2.13/4.3.1/delta-spark_4.1_2.13-4.3.1.jar": (
        "ebf35a4383f0a653c3ee3c7882c0edcac2f846be31ac61af4b96ccfaaf36c171"
    ),
    "delta-storage/4.3.1/delta-storage-4.3.1.jar": "577c12c7e371be4c041714fb48e88ad86e3c3512beea2bdaffbe7a4debf79718",
}
TIMEOUT_S = 60


def delta_jars(folder: Path) -> list[Path]:
    """
    Of `folder`; what is not there is fetched from the Maven repository that the environment names. Raises
    TrackingUnavailable where that can't be done.
    """
    return [jar(folder, path, digest) for path, digest in JARS.items()]


def jar(folder: Path, path: str, digest: str) -> Path:
    target = folder / Path(path).name
    if target.exists() and sha256(target.read_bytes()) == digest:
        return target
    repository = os.environ.get(REPOSITORY, "").rstrip("/")
    if not repository.startswith(("http://", "https://")):
        raise TrackingUnavailable(f"{target} is missing: put it there, or set {REPOSITORY} to a Maven repository's URL")
    url = f"{repository}/{GROUP}/{path}"
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
            content = answer.read()
    except OSError as error:
        raise TrackingUnavailable(f"{url} can't be fetched ({error}): put it into {folder}") from error
    if sha256(content) != digest:
        raise TrackingUnavailable(f"{url} came with another SHA-256 than {digest}: put the right one there")
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(content)
    return part.rename(target)


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
