"""The first file of a frozen bundle: starts the program as the installed command does."""

import sys

from bookwish_desk.__main__ import main

sys.exit(main())
