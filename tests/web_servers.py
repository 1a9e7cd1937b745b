"""The real nginx and the real Apache httpd, for tests: as the current user, at a free port of loopback, always ended.

nginx serves a site with the configuration that docs/publishing.md gives; Apache stands for w3id.org and reads the
`.htaccess` of the site. On CI both are required (`web` in REJOINDER_TEST_REQUIRE).
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from conftest import leave_out

DOCUMENT: Final = Path(__file__).resolve().parents[1] / "docs/publishing.md"
_SBIN: Final = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
_TYPES: Final = Path("/etc/mime.types")
_MODULES: Final = (
    "/usr/lib/apache2/modules",
    "/usr/lib64/httpd/modules",
    "/usr/libexec/apache2",
    "/usr/lib/httpd/modules",
)


@contextmanager
def run_nginx(site: Path, rules: Path = Path("/nowhere")) -> Iterator[str]:
    """Give the address of nginx, which serves the site with the configuration of the docs, while the block runs.

    `rules` is the folder with the rules of a build, which that configuration includes.
    """
    program = shutil.which("nginx", path=_SBIN)
    if not program:
        leave_out("web", "nginx is not here: apt-get install nginx-light")
    found = re.search(r"```nginx\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert found
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        server = found[1].replace("127.0.0.1:8080", f"127.0.0.1:{port}").replace("/srv/rejoinder/build/site", str(site))
        server = server.replace("/srv/rejoinder/build/rules", str(rules))
        paths = "".join(
            f"{each}_temp_path {folder};\n" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        # Run as root, nginx would read as another user, who may not enter the folder of the tests.
        user = "user root;\n" if os.getuid() == 0 else ""
        text = f"{user}pid {folder}/pid;\nerror_log {folder}/error.log;\nevents {{}}\n"
        text += f"http {{\naccess_log off;\n{paths}{server}}}\n"
        (folder / "nginx.conf").write_text(text, encoding="utf-8")
        command = [str(program), "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf", "-g", "daemon off;"]
        with _running(command, port, folder / "error.log") as address:
            yield address


@contextmanager
def run_apache(rules: str, files: Mapping[str, bytes] = MappingProxyType({})) -> Iterator[str]:
    """Give the address of Apache, which reads the rules as `.htaccess` of the folder `rejoinder/`, as w3id.org does.

    The folder has the given files. Apache does not run as root, and so could not enter the folder of a test.
    """
    program = shutil.which("apache2", path=_SBIN) or shutil.which("httpd", path=_SBIN)
    modules = next((Path(place) for place in _MODULES if Path(place, "mod_rewrite.so").exists()), Path())
    if not program or modules == Path():
        leave_out("web", "Apache httpd is not here: apt-get install apache2")
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), _free_port()
        folder.chmod(0o755)  # Apache never serves as root
        (folder / "www/rejoinder").mkdir(parents=True)
        (folder / "www/rejoinder/.htaccess").write_text(rules, encoding="utf-8")
        for path, content in files.items():
            (folder / "www/rejoinder" / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / "www/rejoinder" / path).write_bytes(content)
        loaded = ("mpm_event", "unixd", "authz_core", "dir", "headers", "mime", "rewrite")
        lines = [
            *(
                f"LoadModule {each}_module {modules}/mod_{each}.so"
                for each in loaded
                if (modules / f"mod_{each}.so").exists()
            ),
            f"ServerRoot {folder}",
            f"TypesConfig {_TYPES if _TYPES.exists() else '/dev/null'}",
            f"PidFile {folder}/pid",
            f"DefaultRuntimeDir {folder}",
            f"Listen 127.0.0.1:{port}",
            "ServerName 127.0.0.1",
            f"ErrorLog {folder}/error.log",
            f"DocumentRoot {folder}/www",
            f"<Directory {folder}/www>",
            "Require all granted",
            "AllowOverride All",
            "Options FollowSymLinks",
            "</Directory>",
            *(("User nobody", "Group #65534") if os.getuid() == 0 else ()),
        ]
        (folder / "httpd.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = [str(program), "-f", f"{folder}/httpd.conf", "-D", "FOREGROUND"]
        with _running(command, port, folder / "error.log") as address:
            yield f"{address}/rejoinder/"


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@contextmanager
def _running(command: Sequence[str], port: int, log: Path) -> Iterator[str]:
    """Give the address of the server that the command starts."""
    with subprocess.Popen(command) as process:
        try:
            for _ in range(600):
                said = log.read_text(encoding="utf-8") if log.exists() else ""
                assert process.poll() is None, said
                with socket.socket() as client:
                    if client.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.1)
            else:
                pytest.fail(f"{command[0]} does not answer")
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(60)
