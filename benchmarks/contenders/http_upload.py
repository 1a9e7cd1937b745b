"""One HTTP request that hands a file of N-Quads to a triple store, with nothing proved."""

import json
import sys
import time
from pathlib import Path

import httpx

content = Path(sys.argv[2]).read_bytes()
start = time.perf_counter()
answer = httpx.post(sys.argv[1], content=content, headers={"Content-Type": "application/n-quads"}, timeout=600)
seconds = time.perf_counter() - start
if not answer.is_success:
    sys.exit(f"the upload failed with {answer.status_code}: {answer.text[:500]}")
print(json.dumps({"seconds": seconds}))
