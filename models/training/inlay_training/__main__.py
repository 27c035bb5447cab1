"""The command line: `python -m inlay_training <part> --help`."""

from .command import main

main()
