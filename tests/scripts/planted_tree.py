"""A tree with planted faults, for the tests of the scripts that check the sources."""
import pathlib
import sys
import tempfile
import unittest

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "scripts"))


class PlantedTreeTest(unittest.TestCase):
    """`check_tree` is the function under test: a root in, a count of files and the faults out."""

    check_tree = None

    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.root = pathlib.Path(directory.name)

    def plant(self, name: str, text: str):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def faults(self) -> list[str]:
        return type(self).check_tree(self.root)[1]

    def assert_accepts(self, name: str, text: str):
        self.plant(name, text)
        self.assertEqual(self.faults(), [])

    def assert_refuses(self, name: str, text: str, fault: str):
        self.plant(name, text)
        self.assertEqual(self.faults(), [fault])
