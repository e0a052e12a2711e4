"""The students' command line: one file a command, put together in `app`."""
