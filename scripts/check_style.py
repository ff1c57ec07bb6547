#!/usr/bin/env python3
"""Fails on what neither the formatter nor clang-tidy sees: sizes, words, names, header guards.

    check_style.py [ROOT]
"""
import pathlib
import re
import sys

MAX_FILE_LINES = 500
MAX_LINE_COLUMNS = 100

TOPS = ("core", "protocol", "daemon", "tests", "scripts", "cmake", "docs", "packaging", ".ci")
CPP_SUFFIXES = (".h", ".cc")
CODE_SUFFIXES = (*CPP_SUFFIXES, ".py", ".cmake", "")  # "": scripts, which bear no suffix
TEXT_SUFFIXES = (*CODE_SUFFIXES, ".md", ".txt", ".service", ".json")
SKIPPED_DIRECTORIES = {"__pycache__", ".pytest_cache", "corpus"}

# Split, so that this file passes its own check.
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
TYPE_NAME = re.compile(r"\b(?:class|struct|enum class|using)\s+(\w*(?:Manager|Helper|Utils?))\b")
ACCESSOR_PREFIX = re.compile(r"(?<![.>:\w])((?:get|do)_\w+)\s*\(")  # other libraries may
CAMEL_CASE_FUNCTION = re.compile(r"\b([a-z]+[A-Z]\w*)\s*\(")
FILE_NAME = re.compile(r"[a-z0-9_]+\.(h|cc|py)")
LITERAL_OR_COMMENT = re.compile(r'"(?:\\.|[^"\\])*"|//.*')


def check_lines(name: str, lines: list[str], is_code: bool) -> list[str]:
    faults = []
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            faults.append(f"{name}:{number}: a tab")
        if line != line.rstrip():
            faults.append(f"{name}:{number}: trailing space")
        if is_code and len(line) > MAX_LINE_COLUMNS:
            faults.append(f"{name}:{number}: {len(line)} columns, at most {MAX_LINE_COLUMNS}")
        if is_code and UNFINISHED.search(line):
            faults.append(f"{name}:{number}: a mark of unfinished work")
    if is_code and len(lines) > MAX_FILE_LINES:
        faults.append(f"{name}: {len(lines)} lines, at most {MAX_FILE_LINES}")
    return faults


def check_names(name: str, lines: list[str]) -> list[str]:
    """Names of C++ types and functions that say nothing, or are spelt as other languages do."""
    faults = []
    for number, line in enumerate(lines, 1):
        code = LITERAL_OR_COMMENT.sub('""', line)
        for pattern, rule in (
            (TYPE_NAME, "the field has a better word"),
            (ACCESSOR_PREFIX, "an accessor is named after what it gives, without a prefix"),
            (CAMEL_CASE_FUNCTION, "functions are PascalCase, accessors snake_case"),
        ):
            faults += [f"{name}:{number}: {found}: {rule}" for found in pattern.findall(code)]
    return faults


def check_header_guard(name: str, lines: list[str]) -> list[str]:
    code = (line for line in lines if line.strip() and not line.startswith("//"))
    return [] if next(code, "") == "#pragma once" else [f"{name}: does not begin with #pragma once"]


def check_file(root: pathlib.Path, file: pathlib.Path) -> list[str]:
    name = file.relative_to(root).as_posix()
    text = file.read_text(encoding="utf-8")
    lines = text.splitlines()
    faults = check_lines(name, lines, file.suffix in CODE_SUFFIXES)
    if text and not text.endswith("\n"):
        faults.append(f"{name}: the last line does not end")
    if file.suffix in (*CPP_SUFFIXES, ".py") and not FILE_NAME.fullmatch(file.name):
        faults.append(f"{name}: file names are snake_case")
    if file.suffix == ".h":
        faults += check_header_guard(name, lines)
    if file.suffix in CPP_SUFFIXES:
        faults += check_names(name, lines)
    return faults


def is_checked(file: pathlib.Path) -> bool:
    return (
        file.is_file()
        and file.suffix in TEXT_SUFFIXES
        and not file.name.startswith(".")
        and not SKIPPED_DIRECTORIES.intersection(file.parts)
    )


def check_tree(root: pathlib.Path) -> tuple[int, list[str]]:
    """The number of files that were read, and a line for each fault."""
    files = [*root.glob("*.md"), root / "CMakeLists.txt", root / "CMakePresets.json"]
    files += [file for top in TOPS for file in sorted((root / top).rglob("*"))]
    files = [file for file in files if is_checked(file)]
    return len(files), [fault for file in files for fault in check_file(root, file)]


def main() -> int:
    count, faults = check_tree(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    if count == 0:
        faults = ["no file found: is this the root of the tree?"]
    print("\n".join(faults) or f"style: {count} files, no fault")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
