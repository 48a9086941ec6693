"""Types, docstrings, and the wheel."""

import importlib.metadata
import pathlib
import pydoc
import subprocess
import sys

import pytest

import burstnet as bn
from conftest import ROOT

USER = '''
import burstnet as bn
import numpy as np

@bn.objective(measures=["distance"])
def model(config: dict[str, float], seed: int) -> dict[str, float]:
    return {"distance": (config["x"] - 2) ** 2}

results: bn.Results = bn.sweep(model, space={"x": bn.uniform(-5, 5)}, trials=3)
again = results.rerun(config=1, replicate=0, objective=model)
same: bool = again.same_bits
weights: np.ndarray = bn.run("a.yaml", trace=True).weights["W_0"]
search = bn.Search(space={"x": bn.uniform(-5, 5)}, strategy="tpe", seed=1, direction="minimize")
for trial in search.ask(8):
    search.tell(trial, (trial["x"] - 2) ** 2)
'''
WRONG = "import burstnet as bn\nbn.open(3).best('x')\nbn.sweep('a.yaml', threads='two')\n"


@pytest.mark.parametrize("checker", [["-m", "mypy", "--strict"], ["-m", "pyright", "--pythonpath", sys.executable]])
def test_users_are_checked(here, checker):
    (here / "user.py").write_text(USER)
    (here / "wrong.py").write_text(WRONG)
    done = subprocess.run([sys.executable, *checker, "user.py"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    done = subprocess.run([sys.executable, *checker, "wrong.py"], capture_output=True, text=True)
    assert done.returncode == 1 and done.stdout.count("error") >= 3, done.stdout + done.stderr


def test_the_package_is_checked():
    package = pathlib.Path(bn.__file__).parent
    configuration = ["--config-file", str(ROOT / "python/pyproject.toml")]
    command = [sys.executable, "-m", "mypy", *configuration, "--package", "burstnet"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert (package / "py.typed").exists() and (package / "_burstnet.pyi").exists()


def test_the_wheel_is_for_every_python_from_3_10_on():
    """On an older one, pip refuses it by these."""
    held = importlib.metadata.distribution("burstnet")
    assert held.metadata["Requires-Python"] == ">=3.10"
    assert "Tag: cp310-abi3-" in held.read_text("WHEEL")


def test_help_reads_well():
    text = pydoc.plain(pydoc.render_doc(bn))
    assert text.index("Sweep a function, in worker processes") < 3000
    for name in bn.__all__:
        if not name.startswith("__"):
            assert pydoc.getdoc(getattr(bn, name)), name


def test_the_extension_and_its_stub_agree():
    import ast

    from burstnet import _burstnet

    stub = ast.parse((pathlib.Path(bn.__file__).parent / "_burstnet.pyi").read_text())
    said = {node.name for node in stub.body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
    assert said == {name for name in dir(_burstnet) if not name.startswith("_")}
    for node in stub.body:
        if isinstance(node, ast.ClassDef):
            public = {name for name in dir(getattr(_burstnet, node.name)) if not name.startswith("_")}
            assert public == {item.name for item in node.body if not item.name.startswith("_")}, node.name
