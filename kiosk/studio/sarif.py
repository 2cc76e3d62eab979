"""A check's report as SARIF 2.1.0, the format that editors and code hosts show findings from."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import quote

from kiosk import __version__
from kiosk.studio.findings import RULES, Finding, Report

SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
ROOT: Final = "CAMPAIGN"
"""What the files' names are relative to."""


def sarif(report: Report, root_uri: str) -> dict[str, Any]:
    """The log of one run over the campaign folder at `root_uri` (a file: address)."""
    names = list(RULES)
    rules = [
        {
            "id": name,
            "shortDescription": {"text": rule.meaning},
            "defaultConfiguration": {"level": rule.level.value},
        }
        for name, rule in RULES.items()
    ]
    run = {
        "tool": {"driver": {"name": "kiosk check", "version": __version__, "rules": rules}},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {ROOT: {"uri": root_uri.rstrip("/") + "/"}},
        "results": [_result(finding, names) for finding in report.findings],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _result(finding: Finding, names: list[str]) -> dict[str, Any]:
    place = {
        "artifactLocation": {"uri": quote(finding.file), "uriBaseId": ROOT},
        "region": {"startLine": finding.line, "startColumn": finding.column},
    }
    return {
        "ruleId": finding.rule,
        "ruleIndex": names.index(finding.rule),
        "level": finding.level.value,
        "message": {"text": finding.sentence},
        "locations": [{"physicalLocation": place}],
    }
