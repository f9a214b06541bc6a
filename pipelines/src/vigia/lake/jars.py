"""The jars that Spark does not bring, of one version each, checked by their digests."""

import hashlib
import os
import shutil
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from vigia.errors import TrackingUnavailable

# Environment variable with the address of a Maven repository.
REPOSITORY = "MAVEN_REPOSITORY"
# SHA-256 by path in the repository.
DELTA: Mapping[str, str] = MappingProxyType(
    {
        "io/delta/delta-spark_4.1_2.13/4.3.1/delta-spark_4.1_2.13-4.3.1.jar": (
            "ebf35a4383f0a653c3ee3c7882c0edcac2f846be31ac61af4b96ccfaaf36c171"
        ),
        "io/delta/delta-storage/4.3.1/delta-storage-4.3.1.jar": (
            "577c12c7e371be4c041714fb48e88ad86e3c3512beea2bdaffbe7a4debf79718"
        ),
    }
)
# Of the Hadoop in Spark, with the AWS SDK that it was built with (620 MB).
S3: Mapping[str, str] = MappingProxyType(
    {
        "org/apache/hadoop/hadoop-aws/3.4.2/hadoop-aws-3.4.2.jar": (
            "d2d24e6b715b5656b9d238bf13b6682a07e2004dd36aad74a73aeb854319f4d9"
        ),
        "software/amazon/awssdk/bundle/2.29.52/bundle-2.29.52.jar": (
            "62638f33045690c6bc5e496b54b0b2e89a9ad38cbedacdf6e017fea6bc85f55c"
        ),
    }
)
TIMEOUT_S = 60


def jars(folder: Path, wanted: Mapping[str, str]) -> list[Path]:
    """
    Of `folder`; what is not there is fetched from the Maven repository that the environment names. Raises
    TrackingUnavailable where that can't be done.
    """
    return [jar(folder, path, digest) for path, digest in wanted.items()]


def jar(folder: Path, path: str, digest: str) -> Path:
    target = folder / Path(path).name
    if target.exists() and sha256_of(target) == digest:
        return target
    repository = os.environ.get(REPOSITORY, "").rstrip("/")
    if not repository.startswith(("http://", "https://")):
        raise TrackingUnavailable(f"{target} is missing: put it there, or set {REPOSITORY} to a Maven repository's URL")
    url = f"{repository}/{path}"
    folder.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer, part.open("wb") as file:
            shutil.copyfileobj(answer, file, 1 << 20)
        if sha256_of(part) != digest:
            raise TrackingUnavailable(f"{url} came with another SHA-256 than {digest}: put the right one there")
        return part.rename(target)
    except OSError as error:
        raise TrackingUnavailable(f"{url} can't be fetched ({error}): put it into {folder}") from error
    finally:
        part.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
