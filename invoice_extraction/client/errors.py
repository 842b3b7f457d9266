"""What goes wrong between this program and the service.

* ClientError
  + Unreachable       the service does not answer, after all that was tried
  + ApiError          it refuses the request: `status`, and the problem's code, hint, errors, request_id
  + TaskFailed        the document could not be read: the task, with its `error`
  + WaitTimeout       the task is not final in the time that was given
  + InvalidSignature  a webhook's message does not come from the service, or is too old
"""

from typing import Any

from invoice_extraction.client.answers import Task


class ClientError(Exception):
    """Base of the client's errors; `code` is stable, `hint` says what to do next."""

    code: str = "client_error"
    hint: str = ""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Unreachable(ClientError):
    """No connection, or none that lasted; nothing is known of what became of the request."""

    code = "unreachable"
    hint = "Check the address, and that the service runs there: GET /health/live answers 200."


class ApiError(ClientError):
    """The service refuses the request, or failed; an RFC 9457 problem.

    `status` is the HTTP status, `errors` one entry for each option that is not valid, `retry_after` the
    seconds that the service asks to wait, None where it asks for none.
    """

    def __init__(
        self, status: int, problem: dict[str, Any], retry_after: float | None = None
    ) -> None:
        super().__init__(str(problem.get("detail") or problem.get("title") or f"HTTP {status}"))
        self.status = status
        self.problem = problem
        self.code = str(problem.get("code") or f"http_{status}")
        self.hint = str(problem.get("hint") or "")
        self.errors: list[dict[str, Any]] = problem.get("errors") or []
        self.request_id: str | None = problem.get("request_id")
        self.retryable: bool = bool(problem.get("retryable"))
        self.retry_after = retry_after


class TaskFailed(ClientError):
    """The service could not read the document; `task.error` says why."""

    def __init__(self, task: Task) -> None:
        error = task.error
        super().__init__(error.detail if error else f"The task is {task.status}.")
        self.task = task
        self.code = error.code if error else task.status.lower()
        self.hint = error.hint if error else ""


class WaitTimeout(ClientError):
    """The task is not final yet; it goes on, and can be waited for again."""

    code = "wait_timeout"
    hint = "Wait for it again, or longer."

    def __init__(self, task: Task) -> None:
        super().__init__(f"The task {task.task_id} is {task.status} still.")
        self.task = task


class InvalidSignature(ClientError):
    """The message was not signed with the webhook's secret, was changed, or is too old."""

    code = "invalid_signature"
    hint = "Answer 401 and do nothing; check that the secret is this webhook's."
