"""Bare Oxigraph: load an N-Quads file into a new store on disk in one bulk; nothing is read, derived or checked."""

import json
import sys
import time

from pyoxigraph import RdfFormat, Store

file, folder = sys.argv[1:]
start = time.perf_counter()
store = Store(folder)
store.bulk_load(path=file, format=RdfFormat.N_QUADS)
store.flush()
seconds = time.perf_counter() - start
print(json.dumps({"seconds": seconds, "quads": len(store)}))
