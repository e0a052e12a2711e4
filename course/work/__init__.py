"""A student's own copies of the labs: made once, never overwritten, brought up to date on request.

| file | what it holds |
|---|---|
| `labs` | the labs that the course gives out, and what each is about |
| `copies` | the folder of a student's copies, and how one is made |
| `merging` | the course's new text and the student's work, in one notebook |
| `updating` | merging, with a backup and a report |
| `results` | which exercises have passed so far |
| `start_page` | the page that JupyterLab opens on |
"""
