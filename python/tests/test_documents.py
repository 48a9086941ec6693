"""The Python of README.md and docs/ that uses the package runs, each block as a script in one folder."""

import re
import shutil

import pytest

from conftest import ROOT
from test_sweep import run_script

BLOCK = re.compile(r"^```python\n(.*?)^```", re.S | re.M)


def found():
    for page in [ROOT / "README.md", ROOT / "python/README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for number, block in enumerate(BLOCK.findall(page.read_text())):
            if "import burstnet" in block:
                yield pytest.param(block, id=f"{page.relative_to(ROOT)}-{number}")


BLOCKS = list(found())


def test_they_are_found():
    assert len(BLOCKS) >= 9


@pytest.mark.parametrize("block", BLOCKS)
def test_a_block(here, block):
    shutil.copytree(ROOT / "sweeps", here / "sweeps")
    before = "" if "bn.open" not in block else "import burstnet\nburstnet.sweep('sweeps/first.yaml', progress=False)\n"
    code, out = run_script(here, before + block)
    assert code == 0, out
