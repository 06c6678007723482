"""Requests that our OpenAPI document permits, and some that it forbids."""

from pathlib import Path

import pytest
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import load_all_checks, not_a_server_error
from schemathesis.specs.openapi.checks import positive_data_acceptance

from support.filled import noon, path, settings  # noqa: F401 (fixtures)
from support.fuzz import fuzz
from support.inprocess import dashboard

load_all_checks()
SECONDS = 12  # for all operations
# A schema cannot require that a span ends after its start; and 503 is documented, unlike 500.
NOT_CHECKED = [positive_data_acceptance, not_a_server_error]


@pytest.mark.long
@pytest.mark.usefixtures("noon", "long_wait")
def test_openapi(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Each answer is documented, and each forbidden request is refused."""
    with dashboard(settings(path, api_rate=10**6)) as running:
        schema = schemathesis.openapi.from_url(f"http://{running.address}/api/openapi.json")
        operations = [each.ok() for each in schema.get_all_operations()]
        tests = [
            (operation, mode)
            for operation in operations
            for mode in GenerationMode
            if mode is GenerationMode.POSITIVE or "parameters" in operation.definition.raw
        ]
        tried = [
            fuzz(operation.as_strategy(generation_mode=mode), check, seconds=SECONDS / len(tests))
            for operation, mode in tests
        ]

    assert all(tried)
    assert len(operations) > 8
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def check(case: schemathesis.Case) -> None:
    """Send a request and check the answer."""
    case.call_and_validate(excluded_checks=NOT_CHECKED)
