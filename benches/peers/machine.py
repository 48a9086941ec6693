"""What is measured on."""

import platform
from pathlib import Path


def processor() -> str:
    """The processor's name, as Linux gives it."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":")[1].strip()
    return platform.machine()


def instructions() -> str:
    """The widest instructions that burstnet uses on it."""
    flags = Path("/proc/cpuinfo").read_text().split()
    widest = {"avx512f": "AVX-512", "avx2": "AVX2"}
    return next((name for flag, name in widest.items() if flag in flags), "portable")
