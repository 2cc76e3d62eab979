"""The settings: where they are, and whether a screen's two words are among them."""

from __future__ import annotations

from kiosk.agent.checks.finding import Finding, failed, one_line, passed, warned
from kiosk.agent.checks.visit import Visit


def settings(visit: Visit) -> Finding:
    """Whether they can be read, and say where releases come from and for whom."""
    case = visit.case
    where = str(case.file) if case.file else "no kiosk.yaml"
    if case.problem:
        return failed(
            one_line(case.problem, 400), f"Correct {case.file or 'kiosk.yaml'} as it says there."
        )
    missing = [name for name in ("central", "agency") if getattr(case, name) is None]
    if missing:
        told = ", ".join(f"`{name}`" for name in missing)
        return failed(
            f"{where}: {' and '.join(missing)} not set",
            f"Write {told} into {case.file or 'a file kiosk.yaml'}, or plug in an enrolment stick.",
        )
    seen = f"{where}: {case.agency} from {case.central}"
    try:
        _ = visit.route
    except ValueError as error:
        return failed(f"{seen}: {one_line(error)}", "Correct `central` or `proxy`.")
    if case.note:
        return warned(
            f"{seen}; the enrolment: {one_line(case.note)}", "Make a new enrolment stick."
        )
    return passed(seen)
