"""The folder that becomes a version in MLflow's registry: its ONNX flavour with a signature, and the whole bundle."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

BUNDLE_FOLDER = "bundle"
REQUIREMENTS = ("mlflow", "numpy", "onnx", "onnxruntime")


@contextmanager
def write_registered_model(bundle: Path, features: list[str]) -> Iterator[Path]:
    """
    A temporary folder: `MLmodel` with flavours `onnx` and `python_function`, `bundle/`, and for MLflow's loaders, which
    want the graph beside `MLmodel`, a copy of `bundle/model.onnx`.

    The signature names the features in order; they may come as doubles, and the graph's input rounds them to float32
    as scoring does. It answers `probability` and `margin`, float32.
    """
    import onnx

    with warnings.catch_warnings():
        # MLflow's modules warn of type hints of their own.
        warnings.simplefilter("ignore")
        import mlflow.onnx
        from mlflow import pyfunc  # noqa: F401
        from mlflow.models import ModelSignature
        from mlflow.types import ColSpec, DataType, Schema

    signature = ModelSignature(
        Schema([ColSpec(DataType.double, name) for name in features]),
        Schema([ColSpec(DataType.float, name) for name in ("probability", "margin")]),
    )
    with tempfile.TemporaryDirectory(prefix="vigia-version-") as temporary:
        folder = Path(temporary) / "model"
        mlflow.onnx.save_model(
            onnx.load(str(bundle / "model.onnx")),
            str(folder),
            signature=signature,
            pip_requirements=[f"{name}=={version(name)}" for name in REQUIREMENTS],
            onnx_execution_providers=["CPUExecutionProvider"],
            save_as_external_data=False,
        )
        # The bytes that the bundle has a digest of, not what a second serialisation makes of them.
        shutil.copyfile(bundle / "model.onnx", folder / "model.onnx")
        shutil.copytree(bundle, folder / BUNDLE_FOLDER)
        yield folder
