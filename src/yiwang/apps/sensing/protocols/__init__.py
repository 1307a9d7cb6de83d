"""Field protocols as pure functions between bytes and readings: no socket, no Django, no clock."""
