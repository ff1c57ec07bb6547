"""Markdown: tables, and sections of a document that a program keeps up to date."""
import pathlib

from .errors import BenchError


def markdown_table(head: list[str], rows: list[list[str]]) -> str:
    """A table whose first column is text and whose others are figures."""
    lines = [head, ["---"] + ["---:"] * (len(head) - 1), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def update_section(path: pathlib.Path, name: str, text: str) -> None:
    """Replaces what stands between the two marker comments called `name`."""
    begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
    document = path.read_text()
    head, found_begin, rest = document.partition(begin)
    _, found_end, tail = rest.partition(end)
    if not found_begin or not found_end:
        raise BenchError(f"{path} has no section between `{begin}` and `{end}`")
    path.write_text(f"{head}{begin}\n\n{text.strip()}\n\n{end}{tail}")
