"""Builds quarryd and the programs that measure it with the release preset."""
import pathlib
import shutil
import subprocess

from .errors import BenchError

ROOT = pathlib.Path(__file__).resolve().parents[3]
DEFAULT_BUILD_DIR = ROOT / "build" / "release"
QUARRYD = pathlib.PurePath("daemon/quarryd")
LOADGEN = pathlib.PurePath("tests/bench/loadgen")
FLOOR = pathlib.PurePath("tests/bench/floor/floor")
HITRATIO = pathlib.PurePath("tests/bench/hitratio/hitratio")
ENGINE_BENCH = pathlib.PurePath("tests/bench/engine/engine_bench")
INDEX_GROWTH = pathlib.PurePath("tests/bench/engine/index_growth")
LOCK_HOLDS = pathlib.PurePath("tests/bench/engine/lock_holds")
ADVICE = "leave out --no-build to have it built"  # on a program that is missing


def run_step(command: list[str], what: str) -> None:
    """Runs one build step; shows its output only where it fails."""
    result = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if result.returncode != 0:
        print(result.stdout, end="")
        raise BenchError(f"{what} failed: {' '.join(command)}")


def build(build_dir: pathlib.Path, targets: list[str]) -> None:
    """Configures and builds the targets in build_dir."""
    if shutil.which("cmake") is None:
        raise BenchError("cmake was not found; on Debian: apt-get install cmake ninja-build")
    run_step(["cmake", "--preset", "release", "-B", str(build_dir)], "configuring")
    run_step(["cmake", "--build", str(build_dir), "--target", *targets], "building")


def require_program(path: pathlib.Path, what: str, advice: str) -> pathlib.Path:
    """The absolute path of a program that must exist, with advice on how to come by it."""
    found = shutil.which(path)
    if found is None:
        raise BenchError(f"{what} was not found at {path}; {advice}")
    return pathlib.Path(found).resolve()
