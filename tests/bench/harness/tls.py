"""What TLS costs: the comparison over TLS 1.3, with one certificate and one cipher."""
import contextlib
import pathlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator

from .errors import BenchError
from .workloads import Workload, select

WORKLOADS = ["get-heavy", "pipelined", "get-1mb", "set-1mb"]
CIPHER = "TLS_AES_256_GCM_SHA384"
CERTIFICATE = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
CERTIFICATE += ["-days", "30", "-subj", "/CN=localhost"]


@contextlib.contextmanager
def certificate() -> Iterator[pathlib.Path]:
    """A directory with a certificate and its key, which goes away at the end."""
    if shutil.which("openssl") is None:
        raise BenchError("openssl was not found; on Debian: apt-get install openssl")
    with tempfile.TemporaryDirectory(prefix="quarry-tls-") as name:
        directory = pathlib.Path(name)
        files = ["-keyout", str(directory / "key.pem"), "-out", str(directory / "cert.pem")]
        made = subprocess.run(
            ["openssl", *CERTIFICATE, *files], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise BenchError(f"openssl made no certificate: {made.stderr.strip()}")
        # The servers may read them as the user that they become.
        directory.chmod(0o755)
        (directory / "key.pem").chmod(0o644)
        yield directory


def workloads(directory: pathlib.Path, names: list[str] | None) -> list[Workload]:
    """Those of the comparison, over TLS."""
    return [
        workload._replace(
            title=f"{workload.title}, TLS",
            flags=workload.flags._replace(certificate=str(directory)),
            load=[*workload.load, "--tls-cipher", CIPHER],
        )
        for workload in select(names or WORKLOADS)
    ]
