"""Read dossiers, the files of a project, as RDF statements with line numbers."""
