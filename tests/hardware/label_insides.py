"""A label printer in software without any line to it, with the buffer and the roll of `Engine`.

Plain standard library and beside `engine.py`, for any Python: it also runs outside the project's own.
"""

from __future__ import annotations

try:
    from tests.hardware.engine import Engine
    from tests.hardware.label_engine import LabelEngine
except ModuleNotFoundError:  # outside the project its folder is where modules are looked for
    from engine import Engine  # type: ignore[import-not-found, no-redef]
    from label_engine import LabelEngine  # type: ignore[import-not-found, no-redef]

QUESTIONS = (b"~HS", b"~HQES", b"\x1b!?", b"\r\n^ee\r\n")


class LabelInsides(Engine):
    """Prints whatever is no question, byte for byte, and answers questions at once."""

    def _take_head(self, byte: int, at: int) -> int:
        self._head.append(byte)
        head = bytes(self._head)
        question = next((q for q in QUESTIONS if head.endswith(q)), b"")
        if question:
            self._flush(len(head) - len(question))
            self._head.clear()
            self._say(self._answer_to(question))
        else:
            self._flush(next((n for n in range(len(head)) if _may_begin(head[n:])), len(head)))
        return at + 1

    def _flush(self, size: int) -> None:
        if size:
            self._put(bytes(self._head[:size]))
            del self._head[:size]

    def _execute(self, token: bytes) -> None:
        self._print(token)

    def _answer_to(self, question: bytes) -> bytes:
        says = LabelEngine()
        says.paper_out, says.head_open = self.paper_out, self.cover_open
        says.labels = int(self.waiting() > 0)
        return says.take(question)


def _may_begin(data: bytes) -> bool:
    return any(question.startswith(data) for question in QUESTIONS)
