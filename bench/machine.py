"""What a benchmark says about the machine it ran on."""

import os
import platform
import sqlite3
import statistics
import subprocess
import time
from pathlib import Path


def fsync_ms(folder: Path) -> float:
    took = []
    with open(folder / "fsync", "wb", buffering=0) as file:
        for _ in range(200):
            file.write(b"x" * 4096)
            start = time.perf_counter()
            os.fsync(file.fileno())
            took.append((time.perf_counter() - start) * 1000)
    return statistics.median(took)


def machine(folder: Path) -> str:
    cpu = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                if line.startswith("model name")), platform.machine())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    compiler = subprocess.run(["gcc", "--version"], capture_output=True, text=True).stdout.splitlines()[0]
    return (f"{cpu}, {os.cpu_count()} cores, {memory:.0f} GB; Linux {platform.release()}; {compiler}; SQLite "
            f"{sqlite3.sqlite_version}; fsync of 4 KB {fsync_ms(folder):.2f} ms (median). {time.strftime('%Y-%m-%d')}.")
