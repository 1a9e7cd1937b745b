"""The pages of a version, as bytes: values and templates in, a folder for any host out."""
