import subprocess
import sys

import pytest

from tests.servers import ROOT

READ = """
import sys
from invoice_extraction import Options, extract
told = extract(sys.argv[1], Options(isolate=sys.argv[2] == "isolated"))
print(told.engine)
"""


@pytest.mark.parametrize("where", ["in-process", "isolated"])
def test_reading_a_photo_writes_nothing_about_its_user(tmp_path, where):
    photo = ROOT / "samples" / "files" / "receipt-photo-de.jpg"
    done = subprocess.run(
        [sys.executable, "-c", READ, photo, where],
        cwd=ROOT,
        env={"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "layout"
    assert list(tmp_path.rglob("*")) == []
