"""One JSON line per event on standard error. What visitors ask is private: by default only
its length is written, never its words.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from typing import Any

_events = logging.getLogger("app.events")
_questions = logging.getLogger("app.questions")


class JsonLines(logging.Formatter):
    """Time, level, logger, message, and the fields an event carries."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, whatever the message holds."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def set_up(*, with_questions: bool) -> None:
    """Send the app's own events, and anybody's warnings, to standard error."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines())
    # Of others only what is a matter for the operator: bm25s logs how it builds.
    handler.addFilter(lambda r: r.levelno >= logging.INFO or r.name.startswith("app."))
    logging.getLogger().addHandler(handler)
    _events.setLevel(logging.INFO)
    _questions.setLevel(logging.DEBUG if with_questions else logging.WARNING)


def answered(question: str, seconds: float, **fields: Any) -> None:
    """A question has been answered or refused, or the attempt failed."""
    told = {"ms": round(seconds * 1000), "question_chars": len(question), **fields}
    _events.info("answered", extra={"fields": told})
    _questions.debug("question", extra={"fields": {"question": question}})


def managed(what: str, **fields: Any) -> None:
    """Somebody has changed the reports, or has tried to get in."""
    _events.info("manage", extra={"fields": {"what": what, **fields}})
