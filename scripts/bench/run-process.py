"""Runs a command to its end and writes what the kernel says it has used, its waited-for children included.

Node tells of its own use only while it still runs, which leaves out its end: a quarter of `node -e 0`.
Usage: run-process.py FILE COMMAND ARGUMENT...; FILE gets {"code", "cpuMs", "memoryMb", "wallMs"}.
"""

import json
import os
import sys
import time

report, command = sys.argv[1], sys.argv[2:]
start = time.monotonic()
pid = os.posix_spawnp(command[0], command, os.environ)
_, status, usage = os.wait4(pid, 0)
wall_ms = (time.monotonic() - start) * 1000
# ru_maxrss is in kilobytes on Linux and in bytes on macOS.
memory_unit = 1024 * 1024 if sys.platform == "darwin" else 1024
with open(report, "w", encoding="utf-8") as file:
    json.dump(
        {
            "code": os.waitstatus_to_exitcode(status),
            "cpuMs": (usage.ru_utime + usage.ru_stime) * 1000,
            "memoryMb": usage.ru_maxrss / memory_unit,
            "wallMs": wall_ms,
        },
        file,
    )
