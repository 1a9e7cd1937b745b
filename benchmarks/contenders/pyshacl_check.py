"""What a user would script: the Turtle files into one rdflib graph, the shapes into another, pySHACL on both."""

import json
import sys
import time

import pyshacl
import rdflib
from rdflib.namespace import RDF, SH

shapes_file, *data_files = sys.argv[1:]
start = time.perf_counter()
shapes = rdflib.Graph().parse(shapes_file)
data = rdflib.Graph()
for file in data_files:
    data.parse(file)
parsed = time.perf_counter()
_, report, _ = pyshacl.validate(data, shacl_graph=shapes)
end = time.perf_counter()
results = len(set(report.subjects(RDF.type, SH.ValidationResult)))
print(json.dumps({"seconds": end - start, "parsing": parsed - start, "statements": len(data), "results": results}))
