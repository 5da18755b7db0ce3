"""Refuses system calls to a child process, as a container's seccomp filter does (seccomp(2))."""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from collections.abc import Callable, Sequence

ADJTIMEX = {"x86_64": (159, 305), "aarch64": (171, 266)}[platform.machine()]
"""The numbers of adjtimex and clock_adjtime, either of which the C library uses."""

PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 22, 38
SECCOMP_MODE_FILTER = 2
LOAD_NUMBER, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000


def refused(calls: Sequence[int], ask: Callable[[], str]) -> str:
    """What ``ask`` returns in a process to which the kernel answers these system calls with EPERM."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        try:
            _refuse(calls)
            os.write(write, ask().encode())
        finally:
            os._exit(0)
    os.close(write)
    with os.fdopen(read) as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return said


def _refuse(calls: Sequence[int]) -> None:
    tests = [(JUMP_IF_EQUAL, len(calls) - n, 0, call) for n, call in enumerate(calls)]
    program = [(LOAD_NUMBER, 0, 0, 0), *tests, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, ERRNO | errno.EPERM)]
    instructions = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *each) for each in program))
    filter = struct.pack("H6xP", len(program), ctypes.addressof(instructions))
    libc = ctypes.CDLL(None, use_errno=True)
    assert libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    assert libc.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, filter) == 0, os.strerror(ctypes.get_errno())
