"""Three tenants do whatever they like, in any order; none ever sees a byte of another."""

import shutil
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from app.application import build_app
from config.config import Settings
from service.wiring import build_services
from tests.app.conftest import PDF, an_extraction, client_of

NAMES = ("ada", "bob", "cyd")
WHO = st.sampled_from(NAMES)
PICK = st.integers(0, 10_000)
LEASE = timedelta(seconds=60)


def marker(tenant: str) -> str:
    """Return what stands in all that a tenant sends, and in nothing that another one may see."""
    return f"marker-of-{tenant}"


class Tenants(RuleBasedStateMachine):
    """The service, and what each tenant sent; every answer is searched for the others' markers."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="tenants-"))
        chosen = {"data_dir": self.folder, "broker_url": "redis://127.0.0.1:1", "rate_limit": 10**6}
        chosen |= {"webhook_allowed_hosts": ("127.0.0.1:9",)}  # no worker runs: nothing is sent
        self.services = build_services(Settings(_env_file=None, **chosen))
        self.client = client_of(build_app(self.services)).__enter__()
        every = frozenset({"read", "write", "admin"})
        self.keys = {name: self.services.keys.make(name, marker(name), every)[1] for name in NAMES}
        self.sent: list[tuple[str, str]] = []
        self.deleted: set[str] = set()
        self.hooks: list[tuple[str, str]] = []
        self.seen = 0

    def teardown(self) -> None:
        self.client.__exit__(None, None, None)
        shutil.rmtree(self.folder)

    def call(self, who: str, method: str, path: str, **options):
        headers = {"Authorization": f"Bearer {self.keys[who]}"} | options.pop("headers", {})
        answer = self.client.request(method, path, headers=headers, **options)
        self.seen += len(answer.content)
        told = answer.content + repr(answer.headers).encode()
        for other in set(NAMES) - {who}:
            assert marker(other).encode() not in told, (who, method, path)
        return answer

    def one(self, pick: int) -> tuple[str, str]:
        """Return some document's tenant and id; of nobody where none was sent."""
        return self.sent[pick % len(self.sent)] if self.sent else ("", "0" * 32)

    def reading(self, who: str, path: str, owner: str, task: str) -> None:
        status = self.call(who, "GET", path).status_code
        assert status == (404 if who != owner else 410 if task in self.deleted else 200)

    @rule(who=WHO, files=st.integers(1, 3), again=st.integers(0, 5))
    def send(self, who, files, again):
        """Upload, under an Idempotency-Key that all tenants use too."""
        body = PDF + marker(who).encode()
        parts = [("files", (f"{marker(who)}.pdf", body))] * files
        headers = {"Idempotency-Key": f"{again}-{files}"} if again else {}
        form = {"reference": marker(who)}
        answer = self.call(who, "POST", "/extract-invoice", files=parts, data=form, headers=headers)
        if answer.status_code == 410:  # sent before, and deleted since
            return
        assert answer.status_code == 202
        for entry in answer.json():
            owners = {owner for owner, task in self.sent if task == entry["task_id"]}
            assert owners <= {who}
            if not owners:
                self.sent.append((who, entry["task_id"]))

    @rule()
    def work(self):
        """Let a worker read the next document."""
        job = self.services.store.claim_next("w", LEASE)
        if job is not None:
            extraction = an_extraction()
            extraction.invoices[0].result.invoice_number = marker(job.tenant)
            text = extraction.model_dump_json()
            self.services.store.finish(job.id, job.lease_token, text, needs_review=False)

    @rule(who=WHO, pick=PICK)
    def status(self, who, pick):
        owner, task = self.one(pick)
        self.reading(who, f"/status/{task}", owner, task)

    @rule(who=WHO, pick=PICK)
    def record(self, who, pick):
        owner, task = self.one(pick)
        self.reading(who, f"/v1/documents/{task}", owner, task)

    @rule(who=WHO, pick=PICK)
    def file(self, who, pick):
        owner, task = self.one(pick)
        self.reading(who, f"/v1/documents/{task}/file", owner, task)

    @rule(who=WHO, pick=PICK)
    def page(self, who, pick):
        owner, task = self.one(pick)
        self.reading(who, f"/documents/{task}", owner, task)

    @rule(who=WHO, pick=PICK)
    def upload(self, who, pick):
        """Read the upload that a document came with, and follow its tasks where nothing more comes of them."""
        owner, task = self.one(pick)
        if task in self.deleted or not owner:
            return
        batch = self.services.store.get(owner, task).batch
        found = self.call(who, "GET", f"/v1/batches/{batch}")
        assert found.status_code == (200 if who == owner else 404)
        if who != owner or found.json()["final"]:
            status = self.call(who, "GET", f"/v1/events?batch={batch}").status_code
            assert status == found.status_code

    @rule(who=WHO, pick=PICK)
    def delete(self, who, pick):
        owner, task = self.one(pick)
        status = self.call(who, "DELETE", f"/v1/documents/{task}").status_code
        assert status == (404 if who != owner else 410 if task in self.deleted else 204)
        if status == 204:
            self.deleted.add(task)

    @rule(who=WHO, limit=st.integers(1, 5))
    def listing(self, who, limit):
        found, cursor = [], ""
        while True:
            page = self.call(who, "GET", f"/v1/documents?limit={limit}{cursor}").json()
            found += [document["task_id"] for document in page["documents"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        own = {task for owner, task in self.sent if owner == who} - self.deleted
        assert (set(found), len(found)) == (own, len(own))

    @rule(who=WHO, other=WHO, limit=st.integers(1, 5))
    def search(self, who, other, limit):
        """Look for what stands in a tenant's documents; another one finds none of them."""
        question = {"q": f"marker of {other}", "seller": "", "limit": str(limit)}
        told = self.call(who, "GET", "/v1/documents", params=question).json()["documents"]
        own = {task for owner, task in self.sent if owner == who} - self.deleted
        assert {document["task_id"] for document in told} <= (own if who == other else set())

    @rule(who=WHO, pick=PICK)
    def correct(self, who, pick):
        owner, task = self.one(pick)
        path, headers = f"/v1/documents/{task}/invoices/1", {"If-Match": "*"}
        patch = {"notes": [marker(who)]}
        status = self.call(who, "PATCH", path, json=patch, headers=headers).status_code
        assert status in ({404} if who != owner else {410} if task in self.deleted else {200, 409})

    @rule(who=WHO, pick=PICK, act=st.sampled_from(["confirm", "reject", "retry", "cancel"]))
    def decide(self, who, pick, act):
        owner, task = self.one(pick)
        status = self.call(who, "POST", f"/v1/documents/{task}/{act}").status_code
        own = {410} if task in self.deleted else {200, 202, 409}
        assert status in ({404} if who != owner else own)

    @rule(who=WHO, pick=PICK)
    def words(self, who, pick):
        owner, task = self.one(pick)
        status = self.call(who, "GET", f"/v1/documents/{task}/pages/1/words").status_code
        assert status == (410 if who == owner and task in self.deleted else 404)

    @rule(who=WHO, other=WHO)
    def cursor_of_another(self, who, other):
        cursor = self.call(other, "GET", "/v1/documents?limit=1").json()["next"]
        if cursor:
            self.call(who, "GET", f"/v1/documents?cursor={cursor}")

    @rule(who=WHO)
    def inbox(self, who):
        self.call(who, "GET", "/")
        ids = ",".join(task for _, task in self.sent[-50:]) or "0" * 32
        self.call(who, "GET", f"/documents/rows?ids={ids}")

    @rule(who=WHO)
    def own_keys(self, who):
        told = self.call(who, "GET", "/v1/keys").json()["keys"]
        assert {key["tenant"] for key in told} == {who}

    @rule(who=WHO, other=WHO)
    def revoke_of_another(self, who, other):
        if who != other:
            foreign = self.keys[other].split("_")[1]
            assert self.call(who, "DELETE", f"/v1/keys/{foreign}").status_code == 404

    @rule(who=WHO)
    def hook(self, who):
        """Make a webhook, whose deliveries tell of what becomes of the tenant's documents."""
        asked = {"url": f"http://127.0.0.1:9/{marker(who)}"}
        answer = self.call(who, "POST", "/v1/webhooks", json=asked)
        assert answer.status_code in {201, 409}  # there may be so many
        if answer.status_code == 201:
            self.hooks.append((who, answer.json()["id"]))

    @rule(who=WHO, pick=PICK)
    def deliveries(self, who, pick):
        told = self.call(who, "GET", "/v1/webhooks").json()["webhooks"]
        assert {hook["id"] for hook in told} == {hook for owner, hook in self.hooks if owner == who}
        owner, hook = self.hooks[pick % len(self.hooks)] if self.hooks else ("", "0" * 32)
        answer = self.call(who, "GET", f"/v1/webhooks/{hook}/deliveries")
        assert answer.status_code == (200 if who == owner else 404)
        tasks = {task for sender, task in self.sent if sender == who} - self.deleted
        for told in answer.json().get("deliveries", ()):
            assert told["task_id"] is None or told["task_id"] in tasks

    @rule(who=WHO)
    def about(self, who):
        for path in ("/v1/usage", "/v1/engines", "/openapi.json"):
            assert self.call(who, "GET", path).status_code == 200

    @invariant()
    def files_lie_with_their_tenant(self):
        root = self.folder / "files"
        lie = {(path.parent.parent.name, path.parent.name) for path in root.glob("*/*/source")}
        assert lie == {one for one in self.sent if one[1] not in self.deleted}


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Tenants,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.timeout(300)
def test_no_tenant_sees_a_byte_of_another():
    run(4, 80)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_no_tenant_sees_a_byte_of_another_in_thousands_of_steps():
    run(20, 120)
