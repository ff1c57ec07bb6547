#!/usr/bin/env python3
"""Fails when a source file includes what its module must not know.

A module is a directory. The two tables below are the architecture; docs/architecture.md draws the
same graph.

    check_layering.py [ROOT]
"""
import pathlib
import re
import sys

# Module -> the other modules that it may include.
MAY_INCLUDE = {
    "core/base": set(),
    "core": {"core/base"},
    "protocol": {"core/base"},
    "daemon/command": {"core", "core/base", "protocol"},
    "daemon/net": {"daemon/command", "protocol", "core/base"},
    "daemon/admin": {"daemon/command", "core", "core/base"},
    "daemon": {"daemon/command", "daemon/net", "daemon/admin", "core", "core/base", "protocol"},
}

# Start of a header outside the tree -> the only modules that may include it.
SOCKET_MODULES = {"daemon/net", "daemon/admin", "daemon"}
HOMES = {
    "xxhash.h": {"core"},
    "event2/": {"daemon/net", "daemon/admin"},
    "openssl/": {"daemon/net"},
    "sasl/": {"daemon"},
    "CLI/": {"daemon"},
    "spdlog/": {"daemon"},
    "fmt/": {"daemon"},
    "sys/socket.h": SOCKET_MODULES,
    "sys/un.h": SOCKET_MODULES,
    "sys/epoll.h": SOCKET_MODULES,
    "sys/uio.h": SOCKET_MODULES,
    "netinet/": SOCKET_MODULES,
    "arpa/": SOCKET_MODULES,
    "netdb.h": SOCKET_MODULES,
}

INCLUDE = re.compile(r'\s*#\s*include\s+(?:"([^"]+)"|<([^>]+)>)')


def module_of(path: str) -> str:
    """The directory of a path, which is a module's name if it is a key of MAY_INCLUDE."""
    return path.rpartition("/")[0]


def fault_of(module: str, quoted: str | None, system: str | None) -> str | None:
    """Why `module` must not include this header, or None when it may."""
    if quoted:
        other = module_of(quoted)
        if other not in MAY_INCLUDE:
            return f'"{quoted}" is no path from the root to a module\'s header'
        if other != module and other not in MAY_INCLUDE[module]:
            return f"{module} must not include {other}"
        return None
    for prefix, homes in HOMES.items():
        if system.startswith(prefix) and module not in homes:
            return f"{module} must not include <{system}>"
    return None


def check_file(root: pathlib.Path, file: pathlib.Path) -> list[str]:
    name = file.relative_to(root).as_posix()
    module = module_of(name)
    if module not in MAY_INCLUDE:
        return [f"{name}: {module} is no module"]
    faults = []
    for number, line in enumerate(file.read_text().splitlines(), 1):
        include = INCLUDE.match(line)
        fault = include and fault_of(module, *include.groups())
        if fault:
            faults.append(f"{name}:{number}: {fault}")
    return faults


def check_tree(root: pathlib.Path) -> tuple[int, list[str]]:
    """The number of files that were read, and a line for each violation."""
    tops = sorted({module.partition("/")[0] for module in MAY_INCLUDE})
    files = [file for top in tops for file in sorted((root / top).rglob("*"))]
    files = [file for file in files if file.suffix in (".h", ".cc")]
    return len(files), [fault for file in files for fault in check_file(root, file)]


def main() -> int:
    count, faults = check_tree(pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    if count == 0:
        faults = ["no source file found: is this the root of the tree?"]
    print("\n".join(faults) or f"layering: {count} files, no violation")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
