"""Puts exporters on the machines of a fleet and keeps them there, over the system's own ssh (commands/fleet.py).

inventory.py reads fleet.yml, ssh.py runs the scripts of scripts/ on a node, service.py makes what they need, tunnel.py
reaches nodes that only ssh reaches. A node needs no more than sh, Python and util-linux.
"""
