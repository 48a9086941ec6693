import os

import pytest

import browser as browsers
import sweeps


@pytest.fixture(scope="session")
def browser():
    with browsers.chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def report(tmp_path_factory):
    """The page of a sweep of 24 configurations on 6 replicates."""
    return sweeps.run(os.environ["BURSTNET"], tmp_path_factory.mktemp("sweep"))


@pytest.fixture
def page(browser, report):
    """That page, open; the test fails if the page complained of anything."""
    with browsers.opened(browser, report) as watched:
        yield watched.page
