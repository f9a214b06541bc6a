"""A folder of the lake as Hadoop's file system sees it: on local disk, or in a bucket."""

from dataclasses import dataclass
from typing import Any

from pyspark.sql import SparkSession

# How the address of a lake in a bucket begins.
S3 = "s3a://"


@dataclass(frozen=True, slots=True)
class Folder:
    spark: SparkSession
    # An absolute path, or s3a://BUCKET/PREFIX.
    url: str

    def names(self) -> list[str]:
        """Of what lies in it, in order; none where it does not exist."""
        path = self.path()
        files = self.files(path)
        if not files.exists(path):
            return []
        return sorted(status.getPath().getName() for status in files.listStatus(path))

    def read(self, name: str) -> str:
        path = self.path(name)
        stream = self.files(path).open(path)
        try:
            return bytes(stream.readAllBytes()).decode("utf-8")
        finally:
            stream.close()

    def path(self, name: str | None = None) -> Any:  # noqa: ANN401
        """`org.apache.hadoop.fs.Path`"""
        return self.spark._jvm.org.apache.hadoop.fs.Path(self.url if name is None else f"{self.url}/{name}")

    def files(self, path: Any) -> Any:  # noqa: ANN401
        """`org.apache.hadoop.fs.FileSystem`"""
        return path.getFileSystem(self.spark._jsc.hadoopConfiguration())
