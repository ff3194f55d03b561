"""What people's browsers are connected to: ``python -m portal.front``.

A web thread is a scarce thing; a slow reader, a slow writer or a connection that never says what
it wants must not hold one.  The front takes a request in as a whole, lets a web thread answer it
over a local socket, takes the answer back as a whole, and then has all the time a reader needs.
A file it sends by itself: Django says which (``handover``), the kernel copies it.

It knows nothing of Django, rights or rows, and imports none of it.
"""
