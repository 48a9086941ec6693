"""The command: ``python -m burstnet``."""

from burstnet._command import main

main()
