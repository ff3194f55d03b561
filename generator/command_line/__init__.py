"""The command line, a file for each verb: its options, and what it does with them."""
