"""Bodies of content, generated on request to save memory."""

from collections.abc import Sequence

import orjson

from integration_tests.confluence_emulator.model import Content, Versioned

_SENTENCE = 'The "quick" brown fox jumps over the lazy dog & runs back home.'
_EMPTY_EVERY = 31
_UNICODE_EVERY = 7


class Bodies:
    """Bodies of about `size` bytes; id, version and text determine each of them."""

    def __init__(self, size: int, ending: str = "") -> None:
        """Prepare the filler text of all bodies, which ends with `ending`."""
        self._size = size
        self._markup = self._filler("<p>" + _SENTENCE.replace("&", "&amp;") + "</p>\n") + ending
        self._plain = self._filler(_SENTENCE.replace('"', "") + " ") + ending

    def _filler(self, sentence: str) -> str:
        return sentence * (self._size // len(sentence))

    def value(self, content: Versioned, representation: str) -> str:
        """Return the body in one of Confluence's representations."""
        heading = self._heading(content)
        if representation == "atlas_doc_format":
            return self._document(heading, _markers_of(content))
        if heading is None:
            return ""
        return f"<p>{heading}{_as_tags(_markers_of(content))}</p>\n{self._markup}"

    def _document(self, heading: str | None, markers: Sequence[str]) -> str:
        if heading is None:
            return '{"type":"doc","version":1,"content":[]}'
        text = orjson.dumps(heading)[1:-1].decode()
        return (
            '{"type":"doc","version":1,"content":[{"type":"paragraph","content":'
            f'[{{"type":"text","text":"{text} {self._plain}"{_as_marks(markers)}}}]}}]}}'
        )

    @staticmethod
    def _heading(content: Versioned) -> str | None:
        if content.text is not None:
            return content.text
        if content.id % _EMPTY_EVERY == 0:
            return None
        heading = f"{content.kind} {content.id}, version {content.version}"
        return f"{heading} — Ünïcode ✓ 日本" if content.id % _UNICODE_EVERY == 0 else heading


def _markers_of(content: Versioned) -> list[str]:
    ids = content.markers if isinstance(content, Content) else ()
    return [f"marker-{number}" for number in ids]


def _as_tags(markers: Sequence[str]) -> str:
    tag = "ac:inline-comment-marker"
    return "".join(f'<{tag} ac:ref="{marker}"></{tag}>' for marker in markers)


def _as_marks(markers: Sequence[str]) -> str:
    marks = [
        {"type": "annotation", "attrs": {"id": marker, "annotationType": "inlineComment"}}
        for marker in markers
    ]
    return f',"marks":{orjson.dumps(marks).decode()}' if marks else ""
