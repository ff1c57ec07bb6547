"""Certificates for tests, made with openssl: an authority, and what it signs."""

import subprocess
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificate:
    """The files of one certificate, PEM."""

    certificate: Path
    key: Path


class Authority:
    """Signs certificates in a directory of its own."""

    def __init__(self, directory: Path, name: str = "authority"):
        self._directory = directory
        self._name = name
        self.root = self._make(name, "-x509", "-days", "30")

    def sign(self, name: str) -> Certificate:
        """A new certificate for `name`, valid for 127.0.0.1 as well."""
        request = self._directory / f"{name}.csr"
        signed = self._directory / f"{name}.pem"
        key = self._directory / f"{name}.key"
        names = self._directory / f"{name}.ext"
        names.write_text(f"subjectAltName=DNS:{name},IP:127.0.0.1\n", encoding="ascii")
        _openssl(
            *_NEW_KEY, "-keyout", str(key), "-out", str(request), "-subj", f"/CN={name}"
        )
        _openssl(
            *["x509", "-req", "-in", str(request), "-out", str(signed), "-days", "30"],
            *["-CA", str(self.root.certificate), "-CAkey", str(self.root.key), "-CAcreateserial"],
            *["-extfile", str(names)],
        )
        return Certificate(signed, key)

    def _make(self, name: str, *flags: str) -> Certificate:
        made = Certificate(self._directory / f"{name}.pem", self._directory / f"{name}.key")
        _openssl(
            *[*_NEW_KEY, *flags, "-keyout", str(made.key), "-out", str(made.certificate)],
            *["-subj", f"/CN={name}"],
        )
        return made


_NEW_KEY = ["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


def _openssl(*arguments: str) -> None:
    subprocess.run(["openssl", *arguments], check=True, capture_output=True, timeout=60)
