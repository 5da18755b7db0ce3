"""One file for each kind of sensor. To add one: copy loadavg.py, add its line to ../sources.py, add its test."""
