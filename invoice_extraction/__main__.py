"""`python -m invoice_extraction FILE...`."""

from invoice_extraction.cli import main

raise SystemExit(main())
