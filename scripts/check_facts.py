#!/usr/bin/env python3
"""Fails when a table of tests/facts names a test that does not exist, or misses a fact.

Each table has a line for each fact of the wire or of the command line: the fact, a tab, and what
shows it. That is one or more tests, `e2e/test_dumps.py::test_...` or `unit/core/index_test.cc::The
case's name`, with ` | ` between them; or `none: ` and the reason.

    check_facts.py [ROOT] [--passed BUILD]

With --passed it also fails when, of the tests of a line, none has passed: by the reports of pytest
in BUILD/Testing, and by the lists of what the programs of BUILD/tests/unit run, which is for after
they all have ended well. scripts/test calls it so.
"""
import argparse
import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

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


def passed_by_report(report: str) -> set[str]:
    """The tests that pass by pytest's report, a JUnit XML: `test_a.py::test_first`. Of one with
    parameters some may have been skipped, and none may have failed."""
    passed, failed = set(), set()
    for case in ElementTree.fromstring(report).iter("testcase"):
        module = case.get("classname").rpartition(".")[2]
        name = f"{module}.py::{case.get('name').partition('[')[0]}"
        outcomes = {child.tag for child in case}
        if outcomes & {"failure", "error"}:
            failed.add(name)
        elif "skipped" not in outcomes:
            passed.add(name)
    return passed - failed


def passed_in(build: pathlib.Path) -> set[str]:
    """The tests that have passed in a build: those of pytest as facts name them, the cases of unit
    tests by their module's directory."""
    passed = {
        f"{report.stem}/{test}"
        for report in (build / "Testing").glob("*.xml")
        for test in passed_by_report(report.read_text(encoding="utf-8"))
    }
    for program in (build / "tests" / "unit").glob("*/*_test"):
        # Catch2 tells how many there are by its exit status. Hidden cases are not listed.
        listed = subprocess.run(
            [program, "--list-test-names-only"], capture_output=True, text=True, check=False
        )
        passed |= {f"unit/{program.parent.name}::{name}" for name in listed.stdout.splitlines()}
    return passed


def has_passed(proof: str, passed: set[str]) -> bool:
    if not proof.startswith("unit/"):
        return proof in passed
    file, _, name = proof.partition("::")
    name = name.replace('\\"', '"')
    return f"{file.rpartition('/')[0]}::{name}" in passed


def check_table(
    root: pathlib.Path,
    table: pathlib.Path,
    known: dict[str, set[str]],
    passed: set[str] | None,
) -> tuple[list[str], list[str]]:
    """The facts of a table, and a line for each fault. `known` are the tests by their files,
    `passed` those that have passed; None where that is not asked for."""
    facts, faults = [], []
    for number, line in enumerate(table.read_text(encoding="utf-8").splitlines(), 1):
        if line.startswith("#") or not line:
            continue
        fact, _, proofs = line.partition("\t")
        found = []
        if not REASON.fullmatch(proofs):
            tests = proofs.split(" | ")
            found = [fault_of_proof(root, test, known) for test in tests]
            if passed is not None and not any(has_passed(test, passed) for test in tests):
                found.append(f"nothing that shows {fact} has passed")
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


def check_tree(root: pathlib.Path, passed: set[str] | None = None) -> tuple[int, list[str]]:
    """The number of facts, and a line for each fault; `passed` as above."""
    count, faults, known = 0, [], {}
    for table in sorted((root / "tests" / "facts").glob("*.tsv")):
        facts, table_faults = check_table(root, table, known, passed)
        count += len(facts)
        faults += table_faults
        if table.stem in REQUIRED:
            faults += missing_facts(root, table.stem, facts)
    return count, faults


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("root", nargs="?", default=".", type=pathlib.Path)
    parser.add_argument("--passed", metavar="BUILD", type=pathlib.Path)
    options = parser.parse_args()
    passed = passed_in(options.passed) if options.passed else None
    count, faults = check_tree(options.root, passed)
    if count == 0:
        faults = ["no fact found: is this the root of the tree?"]
    kind = "a test" if passed is None else "a test that has passed"
    print("\n".join(faults) or f"facts: {count}, each with {kind} or a reason")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
