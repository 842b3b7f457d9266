"""Every error the library raises; each has a stable `code` and says what to do next.

* ExtractionError             extraction_error; each has code, title, message, hint, retryable
  x OptionError                  invalid_option: the caller asked for something that does not exist
  x DocumentError                the file itself
    + EmptyFile                  empty_file
    + UnsupportedType            unsupported_type
    + FileTooLarge               file_too_large
    + CorruptFile                corrupt_file
    + PasswordRequired           password_required
    + TooManyPages               too_many_pages
    + TooComplex                 too_complex
    + BlankDocument              blank_document
    + PageUnreadable             page_unreadable: no page of the document could be read
    + NotAnInvoice               not_an_invoice: no amount and no party at all
    + InvalidEInvoiceXML         invalid_einvoice_xml
    + ReaderError                the process that reads files
      - ReaderCrashed              reader_crashed
      - ReaderTimeout              reader_timeout
  x EngineError                  an engine
    + NoEngineConfigured         no_engine_configured
    + EngineUnavailable          engine_unavailable: not installed or not set up
    + ModelError                 a model's API; `retry_after` in seconds where it told one
      - EngineAuth                 engine_auth
      - EngineRateLimited          engine_rate_limited
        . OwnLimit                   engine_rate_limited: a limit of ours, not the provider's
      - EngineOverloaded           engine_overloaded
      - EngineTimeout              engine_timeout
      - EngineRefused              engine_refused: safety, recitation, a blocked prompt
      - EngineTruncated            engine_truncated
      - InvalidModelOutput         invalid_model_output
      - BudgetExceeded             budget_exceeded: the next call could cost more than is left
"""

from typing import ClassVar


class ExtractionError(Exception):
    """Base of all errors of the library.

    `message` says what happened, for a person; it never holds a path, a key or the content of a
    document. `hint` says what to do next. `retryable` is True where the same call may succeed later.
    `spent` is the `model.reading.Usage` of the calls to a model before it was raised, None where there
    were none.
    """

    code: ClassVar[str] = "extraction_error"
    title: ClassVar[str] = "The document could not be read"
    hint: str = "Try again; if it fails again, report the request id."
    retryable: ClassVar[bool] = False
    spent: object = None

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        if hint is not None:
            self.hint = hint


class OptionError(ExtractionError):
    """The caller asked for an engine, a format or a setting that does not exist."""

    code = "invalid_option"
    title = "An option is not valid"
    hint = "Correct the option that the message names and send the file again."


class DocumentError(ExtractionError):
    """The file cannot be read as a document; the same file will fail again."""

    code = "corrupt_file"
    hint = "Open the file yourself and export it again, as a PDF or a picture, then send that."


class EmptyFile(DocumentError):
    """The file has no bytes."""

    code = "empty_file"
    title = "The file is empty"
    hint = "Send the file again; its upload may have been cut short."


class UnsupportedType(DocumentError):
    """The content is of no type that is read here, whatever its name says."""

    code = "unsupported_type"
    title = "This type of file is not read"
    hint = "Send a PDF, a picture (PNG, JPEG, WebP, TIFF, HEIC) or an e-invoice in XML."


class FileTooLarge(DocumentError):
    """The file has more bytes than the limit."""

    code = "file_too_large"
    title = "The file is too large"
    hint = "Send a smaller file: fewer pages, or pictures of a lower resolution."


class CorruptFile(DocumentError):
    """The file says what type it is, but cannot be opened, not even after a repair."""

    code = "corrupt_file"
    title = "The file is damaged"


class PasswordRequired(DocumentError):
    """The PDF is locked, and no password or a wrong one was given."""

    code = "password_required"
    title = "The file has a password"
    hint = "Send the file again with its password: form field `password`, or --password of the command."


class TooManyPages(DocumentError):
    """The document has more pages than the limit."""

    code = "too_many_pages"
    title = "The document has too many pages"
    hint = "Split the document, or name the pages to read in the option `pages`."


class TooComplex(DocumentError):
    """The document asks for more memory, pixels, depth or elements than any invoice needs."""

    code = "too_complex"
    title = "The document is too complex"
    hint = "Print the document to a new PDF and send that."


class BlankDocument(DocumentError):
    """No page shows anything."""

    code = "blank_document"
    title = "The document is blank"
    hint = "Look at the file: no page of it shows anything that can be read."


class PageUnreadable(DocumentError):
    """Not one page of the document could be read."""

    code = "page_unreadable"
    title = "The pages cannot be read"


class NotAnInvoice(DocumentError):
    """The document shows no amount and no party at all."""

    code = "not_an_invoice"
    title = "This is no invoice"
    hint = "Send an invoice, a credit note or a receipt."


class InvalidEInvoiceXML(DocumentError):
    """The XML is well-formed or claims to be an e-invoice, but nothing in it can be read."""

    code = "invalid_einvoice_xml"
    title = "The e-invoice cannot be read"
    hint = "Ask the sender for a valid e-invoice (EN 16931: UBL or CII) or for a PDF."


class ReaderError(DocumentError):
    """The process that read the file did not survive it; only this document is affected."""

    code = "reader_crashed"


class ReaderCrashed(ReaderError):
    """The reader's process died."""

    code = "reader_crashed"
    title = "The reader stopped on this file"
    hint = "Print the document to a new PDF and send that."


class ReaderTimeout(ReaderError):
    """The reader's process passed its limit of time."""

    code = "reader_timeout"
    title = "Reading the file took too long"
    hint = "Print the document to a new PDF and send that."


class EngineError(ExtractionError):
    """An engine could not read this document.

    `is_last` is True where a model was asked about it as often as it may be: waiting changes nothing.
    """

    code = "engine_unavailable"
    is_last: bool = False


class NoEngineConfigured(EngineError):
    """No engine that is set up can read this kind of document."""

    code = "no_engine_configured"
    title = "No engine can read this document"
    hint = "Set GEMINI_API_KEY (see docs/engines.md) and send the file again."


class EngineUnavailable(EngineError):
    """The engine that was asked for is not installed or not set up."""

    code = "engine_unavailable"
    title = "The engine is not ready"
    hint = "See /v1/engines for what is missing, or choose another engine."


class ModelError(EngineError):
    """A model's API did not give a usable answer; `retry_after` is in seconds, None if not told."""

    code = "engine_unavailable"

    def __init__(
        self, message: str, *, hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class EngineAuth(ModelError):
    """The provider refuses the key."""

    code = "engine_auth"
    title = "The model's provider refuses the key"
    hint = "Check GEMINI_API_KEY (or the key of LLM_MODEL's provider) and its permissions."


class EngineRateLimited(ModelError):
    """The provider's rate or quota is used up."""

    code = "engine_rate_limited"
    title = "The model's rate limit is reached"
    hint = "Wait, or raise the quota at the provider."
    retryable = True


class OwnLimit(EngineRateLimited):
    """A limit that is set here holds the call: the provider is well, and waiting costs nothing."""


class EngineOverloaded(ModelError):
    """The provider cannot answer at the moment."""

    code = "engine_overloaded"
    title = "The model is overloaded"
    hint = "Send the file again later."
    retryable = True


class EngineTimeout(ModelError):
    """The provider did not answer in time, or the connection broke."""

    code = "engine_timeout"
    title = "The model did not answer in time"
    hint = "Send the file again later."
    retryable = True


class EngineRefused(ModelError):
    """The model refused the document: safety, recitation, a blocked prompt."""

    code = "engine_refused"
    title = "The model refused the document"
    hint = "Choose another engine or model for this document."


class EngineTruncated(ModelError):
    """The model's answer was cut at its limit of tokens."""

    code = "engine_truncated"
    title = "The model's answer was cut off"
    hint = "Split the document into smaller ones."


class InvalidModelOutput(ModelError):
    """The model's answer does not fit the schema, or there was none."""

    code = "invalid_model_output"
    title = "The model's answer is not valid"
    hint = "Send the file again, or choose another engine or model."
    retryable = True


class BudgetExceeded(ModelError):
    """The next call could cost more than the budget has left; none was made."""

    code = "budget_exceeded"
    title = "The budget for models is used up"
    hint = "Raise the budget, wait for the next day, or choose the engine `layout`, which costs nothing."
