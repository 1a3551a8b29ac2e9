"""Certificates as a CA of a test's own makes them: good, expired, for another host."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from celery_backend_lint.record import record
from tests.services import unavailable

VALID = ("20200101000000Z", "20490101000000Z")
EXPIRED = ("20200101000000Z", "20200102000000Z")
FUTURE = ("20480101000000Z", "20490101000000Z")
NEW_KEY = ["-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"]
CONFIGURATION = """\
[ca]
default_ca = own
[own]
database = {folder}/index
serial = {folder}/serial
new_certs_dir = {folder}
default_md = sha256
policy = any
x509_extensions = names
[any]
commonName = supplied
[names]
subjectAltName = {names}
"""


@record
class Certificate:
    """The files of a certificate, of its key, and of the CA that signed it."""

    file: Path
    key: Path
    authority: Path

    @property
    def options(self) -> list[str]:
        """What redis-server is given so that it shows this certificate, and asks for none."""
        files = ["--tls-cert-file", str(self.file), "--tls-key-file", str(self.key), "--tls-ca-cert-file"]
        return [*files, str(self.authority), "--tls-auth-clients", "no"]


def signed(folder: Path, names: str = "DNS:localhost,IP:127.0.0.1", period: tuple[str, str] = VALID) -> Certificate:
    """A certificate for names (as subjectAltName has them) and a period, signed by a CA that is made with it."""
    if shutil.which("openssl") is None:
        unavailable("This test", "openssl")
    folder.mkdir()
    (folder / "index").write_text("")
    (folder / "serial").write_text("01\n")
    (folder / "configuration").write_text(CONFIGURATION.format(folder=folder, names=names))
    authority, authority_key = folder / "authority.pem", folder / "authority-key.pem"
    made = Certificate(folder / "certificate.pem", folder / "key.pem", authority)
    _openssl("req", "-x509", *NEW_KEY, "-subj", "/CN=test CA", "-out", authority, "-keyout", authority_key)
    _openssl("req", *NEW_KEY, "-subj", "/CN=redis", "-out", folder / "request", "-keyout", made.key)
    _openssl(
        *(
            "ca",
            "-batch",
            "-notext",
            "-config",
            folder / "configuration",
            "-cert",
            authority,
            "-keyfile",
            authority_key,
        ),
        *("-startdate", period[0], "-enddate", period[1], "-in", folder / "request", "-out", made.file),
    )
    return made


def _openssl(*arguments: object) -> None:
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
