"""Run a reader: `python -I .../sandbox/__main__.py FOLDER [ocr|rules]`, FOLDER holding the package.

-I keeps the environment and the working folder out of `sys.path`, so the folder is handed over. A
page reader's parent is run, with "ocr" an OCR process, with "rules" one for official rules.
"""

import sys

if __name__ == "__main__":
    if sys.argv[1] not in sys.path:
        sys.path.insert(0, sys.argv[1])
    if sys.argv[2:] == ["ocr"]:
        from invoice_extraction.sandbox.ocr_reader import serve
    elif sys.argv[2:] == ["rules"]:
        from invoice_extraction.sandbox.rules_reader import serve
    else:
        from invoice_extraction.sandbox.parent import serve

    serve()
