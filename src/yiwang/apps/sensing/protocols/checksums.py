"""The two check sums of field protocols over polynomial 0xA001.

CRC-16/Modbus xors each byte into the register and then shifts eight times; the annex of HJ 212
shifts the register by a byte first. Devices of both kinds are in the field.
"""

from collections.abc import Callable
from typing import Literal

Mode = Literal["annex", "modbus"]


def _table() -> tuple[int, ...]:
    found = []
    for start in range(256):
        register = start
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
        found.append(register)
    return tuple(found)


_TABLE = _table()


def modbus(content: bytes) -> int:
    """CRC-16/Modbus."""
    register = 0xFFFF
    for byte in content:
        register = register >> 8 ^ _TABLE[(register ^ byte) & 0xFF]
    return register


def annex(content: bytes) -> int:
    """The check sum of HJ 212—2017, annex A, as its sample frame shows it (1C80)."""
    register = 0xFFFF
    for byte in content:
        register = (register >> 8) ^ byte
        for _ in range(8):
            register = register >> 1 ^ (0xA001 if register & 1 else 0)
    return register


SUMS: dict[str, Callable[[bytes], int]] = {"annex": annex, "modbus": modbus}
"""Mode → its function; a device's register says which it uses."""
