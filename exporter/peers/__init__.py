"""How far other nodes' clocks are from this one's: NTPv4 (RFC 5905), asked and answered on UDP port 19777."""
