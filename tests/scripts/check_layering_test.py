#!/usr/bin/env python3
"""Plants violations of the layering and expects each to be found."""
import re
import unittest

from planted_tree import REPOSITORY, PlantedTreeTest

import check_layering


class CheckLayeringTest(PlantedTreeTest):
    check_tree = check_layering.check_tree

    def test_the_edges_of_the_architecture_are_accepted(self):
        for module, others in check_layering.MAY_INCLUDE.items():
            includes = [f'#include "{other}/a.h"\n' for other in sorted(others | {module})]
            self.assert_accepts(f"{module}/b.cc", "".join(includes) + "#include <vector>\n")

    def test_every_edge_that_is_not_drawn_is_refused(self):
        for module, others in check_layering.MAY_INCLUDE.items():
            for other in check_layering.MAY_INCLUDE.keys() - others - {module}:
                with self.subTest(module=module, other=other):
                    self.assert_refuses(
                        f"{module}/a.cc",
                        f'\n  #  include "{other}/b.h"\n',
                        f"{module}/a.cc:2: {module} must not include {other}",
                    )
            (self.root / module / "a.cc").unlink(missing_ok=True)

    def test_core_and_protocol_do_not_know_each_other(self):
        self.assertNotIn("protocol", check_layering.MAY_INCLUDE["core"])
        self.assertNotIn("core", check_layering.MAY_INCLUDE["protocol"])

    def test_libraries_stay_in_their_homes(self):
        for header, home in (
            ("spdlog/spdlog.h", "daemon"),
            ("fmt/format.h", "daemon"),
            ("CLI/CLI.hpp", "daemon"),
            ("sasl/sasl.h", "daemon"),
            ("event2/event.h", "daemon/net"),
            ("sys/socket.h", "daemon/net"),
            ("xxhash.h", "core"),
        ):
            with self.subTest(header=header):
                self.assert_accepts(f"{home}/a.cc", f"#include <{header}>\n")
                self.assert_refuses(
                    "daemon/command/a.h",
                    f"#include <{header}>\n",
                    f"daemon/command/a.h:1: daemon/command must not include <{header}>",
                )
                (self.root / "daemon/command/a.h").unlink()

    def test_a_directory_that_is_no_module_is_refused(self):
        self.assert_refuses("core/deep/a.h", "", "core/deep/a.h: core/deep is no module")

    def test_includes_are_spelt_from_the_root(self):
        self.assert_refuses(
            "core/a.cc",
            '#include "item.h"\n',
            'core/a.cc:1: "item.h" is no path from the root to a module\'s header',
        )

    def test_the_document_draws_the_same_graph(self):
        text = (REPOSITORY / "docs" / "architecture.md").read_text()
        drawn = {}
        for row in re.findall(r"^\| `([a-z/]+)` \|.*\|([^|]*)\|$", text, re.MULTILINE):
            drawn[row[0]] = set(re.findall(r"`([a-z/]+)`", row[1]))
        # A module that does not exist yet has its edges reserved, and is not drawn.
        existing = {m for m in check_layering.MAY_INCLUDE if (REPOSITORY / m).is_dir()}
        expected = {m: check_layering.MAY_INCLUDE[m] & existing for m in existing}
        self.assertEqual(drawn, expected)


if __name__ == "__main__":
    unittest.main()
