"""Where the files of a job are kept: the names in the storage."""


def folder(tenant: str, job_id: str) -> str:
    """Return the storage prefix of all files of a job."""
    return f"{tenant}/{job_id}"


def source_key(tenant: str, job_id: str) -> str:
    """Return the storage key of the file that was sent."""
    return f"{folder(tenant, job_id)}/source"


def words_key(tenant: str, job_id: str) -> str:
    """Return the storage key of the words of a document's pages."""
    return f"{folder(tenant, job_id)}/words.json"


def picture_key(tenant: str, job_id: str, page: int, width: int) -> str:
    """Return the storage key of a page's picture."""
    return f"{folder(tenant, job_id)}/page-{page}-{width}.webp"
