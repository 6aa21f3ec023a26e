"""jose, for Node.js, reads from the wallet's list which consent token counts, and needs nothing but the tokens."""

import json
import os
import subprocess

import npm
import pytest

pytestmark = pytest.mark.slow


def test_jose_tells_the_token_that_counts_from_the_one_before(shop, packages, authority):
    shop.joins()
    before = shop.signs_in(scope="openid email")["consent_token"]
    after = shop.signs_in(scope="openid email phone")["consent_token"]

    judge = subprocess.run(
        [npm.node(), "--no-warnings", "status_list.mjs"],
        cwd=packages.parent,
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(authority)},
        input=json.dumps([before, after]),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )

    assert judge.returncode == 0, judge.stderr
    assert json.loads(judge.stdout) == [1, 0]
