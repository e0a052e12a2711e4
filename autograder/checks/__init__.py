"""Hidden checks, one file a lab. `CHECKS[exercise]` lists the properties, each worth its named points."""
