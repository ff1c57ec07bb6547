#!/usr/bin/env python3
"""Plants faults of style and expects each to be found."""
import unittest

from planted_tree import PlantedTreeTest

import check_style

HEADER = "#pragma once\n"


class CheckStyleTest(PlantedTreeTest):
    check_tree = check_style.check_tree

    def test_good_files_are_accepted(self):
        self.assert_accepts("core/page_pool.h", "// A comment.\n\n" + HEADER + "int pages();\n")
        self.assert_accepts("core/page_pool.cc", 'void Grow() { Log("fooBar(get_x())"); }\n')
        self.assert_accepts("scripts/run", "#!/usr/bin/env bash\n")

    def test_a_file_has_a_limit_of_lines(self):
        self.assert_accepts("core/a.cc", "\n" * check_style.MAX_FILE_LINES)
        self.assert_refuses(
            "core/a.cc",
            "\n" * (check_style.MAX_FILE_LINES + 1),
            "core/a.cc: 501 lines, at most 500",
        )

    def test_a_line_has_a_limit_of_columns(self):
        self.assert_accepts("core/a.cc", "x" * 100 + "\n")
        self.assert_refuses("core/a.cc", "x" * 101 + "\n", "core/a.cc:1: 101 columns, at most 100")

    def test_a_header_begins_with_pragma_once(self):
        self.assert_refuses(
            "core/a.h", "#ifndef A_H\n", "core/a.h: does not begin with #pragma once"
        )

    def test_tabs_and_trailing_space_are_refused(self):
        self.assert_refuses("core/a.cc", "\tint x;\n", "core/a.cc:1: a tab")
        self.assert_refuses("core/a.cc", "int x; \n", "core/a.cc:1: trailing space")
        self.assert_refuses("core/a.cc", "int x;", "core/a.cc: the last line does not end")

    def test_marks_of_unfinished_work_are_refused(self):
        for mark in ("TO" + "DO", "FIX" + "ME"):
            self.assert_refuses(
                "core/a.cc", f"// {mark}: later\n", "core/a.cc:1: a mark of unfinished work"
            )

    def test_names_that_say_nothing_are_refused(self):
        for name in ("PageManager", "PageHelper", "PageUtil"):
            self.assert_refuses(
                "core/a.cc", f"class {name};\n", f"core/a.cc:1: {name}: the field has a better word"
            )

    def test_function_names_follow_the_house(self):
        prefix = "an accessor is named after what it gives, without a prefix"
        spelling = "functions are PascalCase, accessors snake_case"
        self.assert_refuses("core/a.cc", "int get_size();\n", f"core/a.cc:1: get_size: {prefix}")
        self.assert_refuses("core/a.cc", "int pageAt();\n", f"core/a.cc:1: pageAt: {spelling}")

    def test_file_names_are_snake_case(self):
        self.assert_refuses("core/PagePool.h", HEADER, "core/PagePool.h: file names are snake_case")


if __name__ == "__main__":
    unittest.main()
