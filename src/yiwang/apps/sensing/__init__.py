"""Devices and streams: every message is accepted or quarantined with a reason, then judged."""
