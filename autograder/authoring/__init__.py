"""A master is read, and becomes a notebook: `master`, `notebook`, `build`, `syllabus`."""
