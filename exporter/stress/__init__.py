"""Loads the machine on a schedule, so that its temperature moves, and its clock: ``driftscope-exporter stress``.

schedule.py says what comes when, loads.py makes the load, stress_phase.py (beside this package) tells the exporter.
"""
