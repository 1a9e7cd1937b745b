"""Push to, query and check SPARQL 1.1 triple stores over HTTP."""
