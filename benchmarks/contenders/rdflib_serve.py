"""What a user of rdflib would run: rdflib-endpoint over the union of all graphs in memory, at a port."""

import sys

import rdflib
import uvicorn
from rdflib_endpoint import SparqlEndpoint

graph = rdflib.Dataset(default_union=True)
graph.parse(sys.argv[1], format="trig")
uvicorn.run(SparqlEndpoint(graph=graph), host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
