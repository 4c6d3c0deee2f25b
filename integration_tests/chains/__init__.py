"""Chains of syncs: a site that changes, a process that is killed, and a destination to compare.

One chain is a generated site, the console script as a process, five to eight syncs into one
destination, and random changes of the site between the syncs and during them. Some syncs are killed
and go on from the last state that was printed. After a last sync of a quiet site, every table is
compared with the site, record by record; a full refresh of all streams must equal it exactly.

Where things are: chain (one chain, and what it found), sync (one process, disturbed and killed),
destination (tables as a destination keeps them), mutator (random changes), excuses (what Confluence
does not show by date), comparison, and `python -m integration_tests.chains --help`.
"""
