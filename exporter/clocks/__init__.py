"""One file for each kind of clock, under the same contract as the sensors."""
