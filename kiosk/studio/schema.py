"""The JSON Schema of each file that head office writes, for editors that complete and check."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from kiosk.campaign.jobs import JobsFile
from kiosk.campaign.model import Agency, Campaign

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
MODELS: Final[Mapping[str, type[BaseModel]]] = {
    "campaign.schema.json": Campaign,
    "agency.schema.json": Agency,
    "jobs.schema.json": JobsFile,
}
"""For campaign.yaml, agencies/*.yaml and jobs/*.yaml."""


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """The schema of the files of this model, as an editor needs it."""
    made = model.model_json_schema(by_alias=True)
    written: dict[str, Any] = _plain(made)
    return {"$schema": DRAFT, **written}


def _plain(value: Any) -> Any:
    """Without the titles that pydantic makes of names, and each description on one line."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value
    plain = {}
    for key, each in value.items():
        if key == "title" and isinstance(each, str):
            continue
        is_words = key == "description" and isinstance(each, str)
        plain[key] = re.sub(r"\s+", " ", each) if is_words else _plain(each)
    return plain


def texts() -> dict[str, str]:
    """The text of every schema file, by its name."""
    return {
        name: json.dumps(schema_of(model), indent=1, ensure_ascii=False) + "\n"
        for name, model in MODELS.items()
    }


def write(to: Path) -> tuple[Path, ...]:
    """Write every schema into the folder `to`; OSError where that cannot be done."""
    to.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in texts().items():
        (to / name).write_text(text, "utf-8", newline="\n")
        written.append(to / name)
    return tuple(written)
