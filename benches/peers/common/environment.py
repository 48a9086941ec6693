"""The virtual environment of a comparison."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

COMMON = Path(__file__).resolve().parent


def python_of(environment: Path, requirements: Path) -> Path:
    """Returns the Python of a virtual environment, which is made anew when the requirements or Python have changed. What
    is common to comparisons is on its path."""
    if sys.version_info < (3, 11):
        sys.exit(f"Python {sys.version.split()[0]} is too old, expected 3.11 or later")
    os.environ.update(PYTHONPATH=str(COMMON), PYTHONPYCACHEPREFIX=str(environment / "pycache"))
    stamp = f"{sys.version} {hashlib.sha256(requirements.read_bytes()).hexdigest()}"
    python, stamp_file = environment / "bin" / "python", environment / "stamp"
    if not python.exists() or not stamp_file.exists() or stamp_file.read_text() != stamp:
        print(f"making {environment}", file=sys.stderr)
        subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
        install(python, "--requirement", requirements)
        stamp_file.write_text(stamp)
    return python


def install(python: Path, *what: str | Path) -> None:
    """Installs packages for a Python."""
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *what], check=True)
