"""API-shaped JSON: rows of several tables, nested as the platform's own API has them.

``shapes/`` says, an aggregate a file, which property is made of which column; ``shape`` reads
it, ``text`` makes the lines, ``homes`` knows which aggregate a row is in.
"""
