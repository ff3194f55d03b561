"""The commands people give, a file each: verbs joined, each still a stranger to the others."""
