"""Run the command line as `python -m ssmctl`."""

import sys

from .cli import main

sys.exit(main())
