"""The command `autograder`: one file a command, put together in `app`."""
