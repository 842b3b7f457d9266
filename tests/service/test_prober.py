import threading
from datetime import timedelta

import pytest

from invoice_extraction.engines import Readiness
from invoice_extraction.model.options import ModelOptions
from service import prober as module
from service.errors import ServiceUnavailable
from service.prober import Prober
from service.store.probes import Probes
from tests.servers import wait_until

ONE, OTHER = (ModelOptions(model=f"google:{name}", api_key="k") for name in ("one", "other"))
READY, AWAY = Readiness(ready=True), Readiness(ready=False, reason="It is away.")


@pytest.fixture
def probes(store) -> Probes:
    return Probes(store.engine)


def test_a_probe_tells_since_when_and_when_last(sqlite_store, clock):
    probes = Probes(sqlite_store.engine, clock)
    began = clock.now
    probes.note("google:one", ready=False, reason="It is away.")
    clock.move(60)
    probes.note("google:one", ready=False, reason="It refuses the key.")
    (found,) = probes.all().values()
    assert (found.ready, found.reason) == (False, "It refuses the key.")
    assert (found.since, found.checked_at) == (began, began + timedelta(seconds=60))
    probes.note("google:one", ready=True, reason=None)
    (found,) = probes.all().values()
    assert (found.ready, found.reason, found.since) == (True, None, clock.now)


def test_each_model_is_asked_at_the_start_and_again_while_one_is_away(probes, monkeypatch):
    monkeypatch.setattr(module, "SOON", 0.05)
    said = {ONE.model: [READY], OTHER.model: [AWAY, AWAY, READY]}
    asked = []

    def probe(model):
        asked.append(model.model)
        script = said[model.model]
        return script.pop(0) if len(script) > 1 else script[0]

    prober = Prober((ONE, OTHER), probes, probe)
    prober.start()
    wait_until(lambda: len(asked) == 6)
    wait_until(lambda: all(one.ready for one in probes.all().values()))
    prober.stop()
    assert asked == [ONE.model, OTHER.model] * 3


def test_a_database_that_is_away_is_tried_again(probes, monkeypatch):
    monkeypatch.setattr(module, "SOON", 0.05)
    real, failures = probes.note, [ServiceUnavailable("Away.")]

    def note(model, **values):
        if failures:
            raise failures.pop()
        real(model, **values)

    monkeypatch.setattr(probes, "note", note)
    prober = Prober((ONE,), probes, lambda _: READY)
    prober.start()
    wait_until(lambda: probes.all())
    prober.stop()


def test_a_stop_waits_for_no_server(probes):
    let, asked = threading.Event(), threading.Event()

    def probe(_):
        asked.set()
        let.wait(20)
        return AWAY

    prober = Prober((ONE,), probes, probe)
    prober.start()
    assert asked.wait(5)
    prober.stop()
    let.set()
    prober._thread.join(5)
    assert not probes.all()
