"""The rows of the table of items kept, and how they are printed."""
import unittest

from . import memory
from .errors import BenchError
from .server import Memory, Program


def kept(items: int, error_texts: dict[str, int] | None = None) -> memory.Kept:
    texts = error_texts or {}
    return memory.Kept(
        items=items,
        item_bytes=items * 130,
        memory=Memory(2 * memory.MIB, 3 * memory.MIB),
        errors=sum(texts.values()),
        error_texts=texts,
    )


class RowsTest(unittest.TestCase):
    def test_the_largest_value_ends_every_description(self):
        for sizes, largest in (("10", 10), ("5:90", 90), ("lognormal:230:1.3:8:500000", 500_000)):
            self.assertEqual(memory.Values(sizes, sizes).largest_bytes(), largest)

    def test_what_ends_with_no_size_is_refused(self):
        for sizes in ("", "x", "10:", "-5", "1_0", "1e3", "0"):
            with self.assertRaises(BenchError):
                memory.Values(sizes, sizes).largest_bytes()

    def test_the_item_limit_takes_the_largest_value_of_all_rows(self):
        for largest, limit in ((10, "1m"), (1_048_000, "1m"), (1_048_576, "2m"), (3 << 20, "4m")):
            rows = [memory.Values("10", "10"), memory.Values("", str(largest))]
            self.assertEqual(memory.flags_for(rows, 64).item_limit, limit)

    def test_the_whole_table_fits_the_default_item_limit(self):
        self.assertEqual(memory.flags_for(memory.all_values(), 1024).item_limit, "1m")

    def test_a_value_size_has_one_row_without_ttl_and_some_one_with_it(self):
        rows = memory.all_values()
        for size in memory.FIXED_SIZES:
            ttls = [values.ttl_sec for values in rows if values.sizes == str(size)]
            with_ttl = [memory.TTL_SEC] if size in memory.SIZES_WITH_TTL else []
            self.assertEqual(ttls, [0, *with_ttl])


class TableTest(unittest.TestCase):
    PROGRAMS = (Program("old", "/bin/old"), Program("new", "/bin/new"))

    def test_servers_stand_side_by_side_with_the_ratio_of_their_items(self):
        row = memory.Row(memory.Values("100", "100", 60), kept(1000), kept(1230))
        lines = memory.memory_table(self.PROGRAMS, [row]).splitlines()
        self.assertEqual(len(lines), 3)
        cells = [cell.strip() for cell in lines[2].strip("|").split("|")]
        self.assertEqual(cells[:5], ["100", "60 s", "1,000", "1,230", "**1.230**"])
        self.assertEqual(len(cells), lines[0].count("|") - 1)

    def test_a_server_that_kept_nothing_still_gets_a_row(self):
        row = memory.Row(memory.Values("100", "100"), kept(0), kept(0))
        self.assertIn("**0.000**", memory.memory_table(self.PROGRAMS, [row]))

    def test_errors_are_told_below_the_table(self):
        row = memory.Row(memory.Values("100", "100"), kept(1, {"SERVER_ERROR x": 3}), kept(1))
        table = memory.memory_table(self.PROGRAMS, [row])
        self.assertTrue(
            table.endswith("\n\n* old, values of 100 bytes: 3 times `SERVER_ERROR x`"), table
        )


if __name__ == "__main__":
    unittest.main()
