#!/usr/bin/env python3
"""Plants faults in tables of facts and expects each to be found."""
import unittest

from planted_tree import PlantedTreeTest

import check_facts

TABLE = "tests/facts/rules.tsv"


class CheckFactsTest(PlantedTreeTest):
    check_tree = check_facts.check_tree

    def setUp(self):
        super().setUp()
        self.plant("tests/e2e/test_a.py", "def test_first(c):\n    pass\n")
        self.plant("tests/unit/a_test.cc", 'TEST_CASE("A name "\n  "in two \\"parts\\"") {\n')

    def test_a_fact_has_tests_or_a_reason(self):
        self.assert_accepts(
            TABLE,
            "# A comment.\n"
            "one\te2e/test_a.py::test_first\n"
            'two\te2e/test_a.py::test_first | unit/a_test.cc::A name in two \\"parts\\"\n'
            "three\tnone: it does not exist\n",
        )

    def test_a_test_that_does_not_exist_is_found(self):
        for proof in ("e2e/test_a.py::test_b", "e2e/test_b.py::test_first", "unit/a_test.cc::A"):
            self.assert_refuses(
                TABLE, f"one\t{proof}\n", f"rules.tsv:1: there is no test {proof}"
            )

    def test_a_fact_with_nothing_to_show_it_is_found(self):
        for proof in ("", "none:", "none: ", "soon"):
            self.assert_refuses(
                TABLE, f"one\t{proof}\n", f"rules.tsv:1: {proof!r} is neither a test nor a reason"
            )

    def test_a_fact_whose_tests_have_not_passed_is_found(self):
        self.plant(
            TABLE,
            "one\te2e/test_a.py::test_first\n"
            'two\tunit/a_test.cc::A name in two \\"parts\\" | e2e/test_a.py::test_first\n'
            "three\tnone: it does not exist\n",
        )
        first = "rules.tsv:1: nothing that shows one has passed"
        second = "rules.tsv:2: nothing that shows two has passed"
        for passed, faults in (
            ({"e2e/test_a.py::test_first"}, []),
            ({'unit::A name in two "parts"'}, [first]),
            ({"e2e/test_a.py::test_second"}, [first, second]),
        ):
            self.assertEqual(check_facts.check_tree(self.root, passed)[1], faults)

    def test_what_has_passed_stands_in_the_report(self):
        report = """<testsuites><testsuite>
          <testcase classname="tests.e2e.test_a" name="test_first"/>
          <testcase classname="test_a" name="test_skipped"><skipped/></testcase>
          <testcase classname="test_a" name="test_some[1]"><skipped/></testcase>
          <testcase classname="test_a" name="test_some[2]"/>
          <testcase classname="test_a" name="test_failing[1]"/>
          <testcase classname="test_a" name="test_failing[2]"><failure/></testcase>
          <testcase classname="test_a" name="test_broken"><error/></testcase>
        </testsuite></testsuites>"""
        self.assertEqual(
            check_facts.passed_by_report(report), {"test_a.py::test_first", "test_a.py::test_some"}
        )

    def test_a_fact_that_stands_twice_is_found(self):
        self.assert_refuses(
            TABLE, "one\tnone: a\none\tnone: b\n", "rules.tsv:2: one stands there already"
        )

    def test_a_fact_of_the_sources_that_is_missing_is_found(self):
        self.plant("protocol/command_table.cc", 'Command{"get", 1},\n    Command{\n  "lru", 0}')
        self.plant("tests/facts/commands.tsv", "get\tnone: a\nlru mode\tnone: a\n")
        self.assertEqual(self.faults(), [])
        self.assert_refuses(
            "tests/facts/commands.tsv", "get\tnone: a\n", "commands.tsv: no line for lru"
        )

    def test_a_source_that_has_changed_its_form_is_found(self):
        self.plant("protocol/command_table.cc", "{get}")
        self.assert_refuses(
            "tests/facts/commands.tsv",
            "get\tnone: a\n",
            "protocol/command_table.cc: nothing found for commands.tsv",
        )


if __name__ == "__main__":
    unittest.main()
