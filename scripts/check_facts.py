#!/usr/bin/env python3
"""Fails when a table of tests/facts names a test that does not exist, or misses a fact.

Each table has a line for each fact of the wire or of the command line: the fact, a tab, and what
shows it. That is one or more tests, `e2e/test_dumps.py::test_...` or `unit/core/index_test.cc::The
case's name`, with ` | ` between them; or `none: ` and the reason. scripts/test runs every test, so
that what is named there passes.

    check_facts.py [ROOT]
"""
import pathlib
import re
import sys

REASON = re.compile(r"none: \S.*")
PYTHON_TEST = re.compile(r"^def (test_\w+)\(", re.MULTILINE)
UNIT_TEST = re.compile(r'^TEST_CASE\(\s*((?:"(?:\\.|[^"\\])*"\s*)+)', re.MULTILINE)
LITERAL = re.compile(r'"((?:\\.|[^"\\])*)"')

# Table -> a source, and what in it has to have a line of that table; one group is the line's fact.
REQUIRED = {
    "commands": ("protocol/command_table.cc", re.compile(r'\bCommand\{\s*"(\w+)"')),
    "replies": ("protocol/error.cc", re.compile(r'\{Error::k\w+,\s*"([^"\\]+)\\r\\n"\}')),
    "opcodes": (
        "protocol/binary_command_table.h",
        re.compile(r"^  k\w+ = (0x\w\w),$", re.MULTILINE),
    ),
    "stats": ("daemon/settings.cc", re.compile(r'^    \{"(\w+)",', re.MULTILINE)),
}


def tests_of(path: pathlib.Path) -> set[str]:
    """The names of the tests in a file."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return set(PYTHON_TEST.findall(text))
    return {"".join(LITERAL.findall(name)) for name in UNIT_TEST.findall(text)}


def fault_of_proof(root: pathlib.Path, proof: str, known: dict[str, set[str]]) -> str | None:
    """Why `proof` shows nothing, or None."""
    file, separator, test = proof.partition("::")
    if not separator:
        return f"{proof!r} is neither a test nor a reason"
    if file not in known:
        path = root / "tests" / file
        known[file] = tests_of(path) if path.is_file() else set()
    return None if test in known[file] else f"there is no test {proof}"


def check_table(
    root: pathlib.Path, table: pathlib.Path, known: dict[str, set[str]]
) -> tuple[list[str], list[str]]:
    """The facts of a table, and a line for each fault. `known` are the tests by their files."""
    facts, faults = [], []
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or not line:
            continue
        fact, _, proofs = line.partition("\t")
        found = [] if REASON.fullmatch(proofs) else [
            fault_of_proof(root, proof, known) for proof in proofs.split(" | ")
        ]
        if fact in facts:
            found.append(f"{fact} stands there already")
        facts.append(fact)
        faults += [f"{table.name}:{number}: {fault}" for fault in found if fault]
    return facts, faults


def missing_facts(root: pathlib.Path, table: str, facts: list[str]) -> list[str]:
    """A line for each fact of the sources without a line in the table."""
    file, pattern = REQUIRED[table]
    needed = pattern.findall((root / file).read_text(encoding="utf-8"))
    if not needed:
        return [f"{file}: nothing found for {table}.tsv"]
    # A command stands there with its subcommands, an opcode with its name, a setting with its
    # group.
    words = {word for fact in facts for word in (fact, *fact.split(" "))}
    return [f"{table}.tsv: no line for {fact}" for fact in needed if fact not in words]


def check_tree(root: pathlib.Path) -> tuple[int, list[str]]:
    """The number of facts, and a line for each fault."""
    count, faults, known = 0, [], {}
    for table in sorted((root / "tests" / "facts").glob("*.tsv")):
        facts, table_faults = check_table(root, table, known)
        count += len(facts)
        faults += table_faults
        if table.stem in REQUIRED:
            faults += missing_facts(root, table.stem, facts)
    return count, faults


def main() -> int:
    count, faults = check_tree(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    if count == 0:
        faults = ["no fact found: is this the root of the tree?"]
    print("\n".join(faults) or f"facts: {count}, each with a test or a reason")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
