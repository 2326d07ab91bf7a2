"""`python -m jaxbio`, the same as `jaxbio`."""

import sys

from jaxbio.cli import main

sys.exit(main())
