"""Many single syncs on a busy machine, each under other conditions, compared with the site.

What fails once in a hundred runs shows only here: long bodies, 1 to 40 workers, a reader of stdout
that stalls, connections that the server closes, failed requests, a limited rate or bandwidth.
"""
