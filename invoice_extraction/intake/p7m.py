"""Signed files (.p7m): CMS SignedData (RFC 5652) in DER or BER, or as Base64, round a file of its own.

The content is taken out; the signature is not checked, and what stands behind the content is not read.
"""

import base64
import binascii
import re
from dataclasses import replace
from importlib import import_module

import asn1

from invoice_extraction.errors import CorruptFile, TooComplex, UnsupportedType
from invoice_extraction.intake.sniff import SIGNED, media_type, unarmoured
from invoice_extraction.model.document import Document
from invoice_extraction.model.options import Options
