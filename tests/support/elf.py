"""The smallest static programs, written as machine code: they print a text, then end with a code or hang.

    program("arm64", code=3, text="no")

No compiler is needed, and their bytes never change.
"""

from __future__ import annotations

import struct

_BASE = 0x400000
_HEADER = 64 + 56
_MACHINES = {"amd64": 62, "arm64": 183}


def program(architecture: str, *, code: int = 0, text: str = "", hang: bool = False) -> bytes:
    """An executable for Linux that needs no library."""
    data = text.encode()
    body = {"amd64": _amd64, "arm64": _arm64}[architecture](code, data, hang)
    size = _HEADER + len(body)
    ident = b"\x7fELF" + bytes([2, 1, 1]) + bytes(9)
    entry = _BASE + _HEADER
    header = struct.pack("<HHIQQQIHHHHHH", 2, _MACHINES[architecture], 1, entry, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 0, _BASE, _BASE, size, size, 0x10000)
    return ident + header + segment + body


def _amd64(code: int, data: bytes, hang: bool) -> bytes:  # noqa: FBT001
    # mov eax, pause; syscall; and again. Or: mov eax, exit; mov edi, code; syscall
    again, leave = b"\xb8\x22\0\0\0\x0f\x05\xeb\xf7", b"\xb8\x3c\0\0\0\xbf" + struct.pack("<I", code) + b"\x0f\x05"
    # mov eax, write; mov edi, 1; lea rsi, [rip + data]; mov edx, size; syscall
    tail = b"\xba" + struct.pack("<I", len(data)) + b"\x0f\x05" + (again if hang else leave)
    return b"\xb8\x01\0\0\0\xbf\x01\0\0\0\x48\x8d\x35" + struct.pack("<I", len(tail)) + tail + data


def _arm64(code: int, data: bytes, hang: bool) -> bytes:  # noqa: FBT001
    call = 0xD4000001  # svc 0
    wait = [*(_movz(register, 0) for register in range(5)), _movz(8, 73), call]  # ppoll of nothing
    leave = [_movz(0, code), _movz(8, 93), call]
    rest = [_movz(2, len(data)), _movz(8, 64), call, *(wait if hang else leave)]
    offset = 4 * (1 + len(rest))
    address = 0x10000000 | (offset & 3) << 29 | (offset >> 2) << 5 | 1  # adr x1, data
    return struct.pack(f"<{2 + len(rest)}I", _movz(0, 1), address, *rest) + data


def _movz(register: int, value: int) -> int:
    return 0xD2800000 | value << 5 | register
