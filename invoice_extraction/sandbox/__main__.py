"""Run a parent: `python -I .../sandbox/__main__.py FOLDER`, FOLDER holding the package.

-I keeps the environment and the working folder out of `sys.path`, so the folder is handed over.
"""

import sys

if __name__ == "__main__":
    if sys.argv[1] not in sys.path:
        sys.path.insert(0, sys.argv[1])
    from invoice_extraction.sandbox.parent import serve

    serve()
