"""Certificates for tests, made with the openssl command."""

import pathlib
import subprocess

_EC = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")
_RSA = ("-newkey", "rsa:2048")


def _openssl(*words: str, stdin: str = "") -> None:
    done = subprocess.run(("openssl", *words), input=stdin, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise AssertionError(f"openssl {' '.join(words)}: {done.stderr}")


class Authority:
    """A CA of its own in `folder`: NAME.crt and NAME.key, and likewise for all that it issues."""

    def __init__(self, folder: pathlib.Path, name: str):
        self.folder, self.name = folder, name
        _openssl("req", "-x509", *_EC, "-nodes", "-days", "2", "-subj", f"/CN={name}",
                 "-keyout", str(folder / f"{name}.key"), "-out", self.certificate)  # fmt: skip

    @property
    def certificate(self) -> str:
        return str(self.folder / f"{self.name}.crt")

    def issue(self, name: str, *alt_names: str, rsa: bool = False, days: int = 2) -> tuple[str, str]:
        """The files of a certificate and its key. With `days` below 0 it has expired."""
        certificate, key = (str(self.folder / f"{name}.{kind}") for kind in ("crt", "key"))
        request, extensions = (str(self.folder / f"{name}.{kind}") for kind in ("csr", "ext"))
        pathlib.Path(extensions).write_text(f"subjectAltName={','.join(alt_names)}\n" if alt_names else "")
        _openssl("req", "-new", *(_RSA if rsa else _EC), "-nodes", "-subj", f"/CN={name}",
                 "-keyout", key, "-out", request)  # fmt: skip
        _openssl("x509", "-req", "-in", request, "-CA", self.certificate, "-CAkey", str(self.folder / f"{self.name}.key"),
                 "-CAcreateserial", "-days", str(days), "-extfile", extensions, "-out", certificate)  # fmt: skip
        return certificate, key
