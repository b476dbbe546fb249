"""Published figures judged by the digits they were printed with."""
