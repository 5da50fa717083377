/**
 * The program that asks OctoPrint's plugins what they want left out of a backup. It runs with the interpreter OctoPrint is installed for (Python 3.7 and
 * newer, OctoPrint 1.9 to 2.0), from stdin, and answers on descriptor 3. Why one long file: it is one program in another language.
 *
 * It loads plugins as `octoprint plugins backup:backup` does, and injects what the server injects; it never calls `initialize`, `on_startup` and the like,
 * in which plugins open databases, ports and pins that belong to the server. Everything it writes goes to the scratch folder: OctoPrint is started on that,
 * with a copy of the configuration in which all folders have their usual places, since it repairs and rewrites what it is started on. What plugins see of
 * their data are copies, in which large files have their size and no content.
 */
export const pluginScript = `
import json
import os
import signal
import sys

request = json.loads(sys.argv[1])
channel = os.dup(3)
os.close(3)
sys.argv = ["octoprint"]
sys.path[:] = [entry for entry in sys.path if entry not in ("", os.getcwd())]
sys.dont_write_bytecode = True
base = request["scratch"] + "/base"
os.makedirs(base, 0o700)

# Should whoever waits for the answer be gone, nobody else ends a plugin that hangs.
signal.alarm(request["seconds"])
try:
    os.nice(15)
except OSError:
    pass


def confine():
    """Where the kernel can, nothing outside the scratch folder can be written, nor a network be reached."""
    import ctypes

    libc = ctypes.CDLL(None, use_errno=True)
    number = ctypes.c_long

    def call(*arguments):
        return libc.syscall(*[number(a) if isinstance(a, int) else a for a in arguments])

    abi = call(444, None, 0, 1)
    if abi < 1:
        return

    # Writing, removing and making of every kind; from the second version on moving, from the third cutting short.
    files = 0x1FF2 | (0x2000 if abi >= 2 else 0) | (0x4000 if abi >= 3 else 0)
    # From the fourth version on: binding and connecting of TCP.
    attributes = (ctypes.c_uint64 * 2)(files, 0b11)
    rules = call(444, attributes, 16 if abi >= 4 else 8, 0)
    if rules < 0:
        return

    class Beneath(ctypes.Structure):
        _pack_ = 1
        _fields_ = [("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32)]

    for path, allowed in ((request["scratch"], files), ("/dev", files & 0x4002)):
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
        call(445, rules, 1, ctypes.byref(Beneath(allowed, parent)), 0)
        os.close(parent)

    libc.prctl(number(38), number(1), number(0), number(0), number(0))
    call(446, rules, 0)
    os.close(rules)


try:
    confine()
except Exception:
    pass


def refuse(*arguments, **named):
    raise OSError("there is no network while plugins are asked")


import socket

for name in ("connect", "connect_ex", "sendto", "bind"):
    setattr(socket.socket, name, refuse)
for name in ("create_connection", "getaddrinfo", "gethostbyname"):
    setattr(socket, name, refuse)

megabyte = 1024 * 1024
limits = {"entries": 20000, "bytes": 64 * megabyte}


def copy(source, target, whole=False):
    """Copies a folder, links followed, as far as the limits let it; large files get their size only, unless they are wanted whole."""
    os.makedirs(target, 0o700, exist_ok=True)
    for entry in os.scandir(source):
        if limits["entries"] <= 0:
            return
        limits["entries"] -= 1
        into = os.path.join(target, entry.name)
        try:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    copy(entry.path, into, whole)
            elif entry.is_file():
                stats = entry.stat()
                has_content = stats.st_size <= limits["bytes"] and (whole or 4 * stats.st_size <= megabyte)
                with open(into, "wb") as output:
                    if has_content:
                        limits["bytes"] -= stats.st_size
                        with open(entry.path, "rb") as content:
                            output.write(content.read(stats.st_size))
                    else:
                        output.truncate(stats.st_size)
                os.utime(into, ns=(stats.st_atime_ns, stats.st_mtime_ns))
        except OSError:
            pass


def without_scratch(item):
    """What a plugin found out from a folder of the copy stands for the folder it is a copy of."""
    for place, real in request["places"]:
        copied = base + ("/" + place if place else "")
        if item == copied or item.startswith(copied + "/"):
            return real + item[len(copied):]
    return item


def answer(value):
    output = os.fdopen(channel, "w", encoding="utf-8")
    json.dump(value, output)
    output.flush()
    # Threads that plugins have started are not waited for.
    os._exit(0)


def inject(implementation, values):
    for name, value in (values or {}).items():
        setattr(implementation, "_" + name, value)


import logging

from octoprint.util import yaml

config = yaml.load_from_file(path=request["config"]) if os.path.isfile(request["config"]) else {}
if not isinstance(config, dict):
    config = {}
config.pop("folder", None)
server = config.setdefault("server", {})
if isinstance(server, dict):
    # The list of plugins that must not be loaded is that of the server, and is not fetched.
    key = "pluginBlocklist" if "pluginBlocklist" in server else "pluginBlacklist"
    if not isinstance(server.get(key), dict):
        server[key] = {}
    server[key].update({"url": "", "ttl": 10**9})
with open(os.open(base + "/config.yaml", os.O_WRONLY | os.O_CREAT, 0o600), "w", encoding="utf-8") as output:
    yaml.save_to_file(config, file=output)
os.makedirs(base + "/data", 0o700)
for name in ("plugin_blacklist.yaml", "plugin_blocklist.yaml"):
    listed = os.path.join(request["data"], name)
    if os.path.isfile(listed):
        with open(listed, "rb") as content, open(base + "/data/" + name, "wb") as output:
            output.write(content.read(megabyte))
if os.path.isdir(request["plugins"]):
    copy(request["plugins"], base + "/plugins", True)
limits["bytes"] = 16 * megabyte

import octoprint

settings = octoprint.init_settings(base, None)
manager = octoprint.init_pluginsystem(settings, False, False)
hooks = manager.get_hooks("octoprint.plugin.backup.additional_excludes")
results = []
if hooks:
    import octoprint.events
    import octoprint.plugin

    factories = [
        octoprint.octoprint_plugin_inject_factory(
            settings, {"plugin_manager": manager, "event_bus": octoprint.events.eventManager()}
        ),
        octoprint.settings_plugin_inject_factory(settings),
    ]

current = list(request["told"])
for plugin, hook in hooks.items():
    info = manager.get_plugin_info(plugin)
    result = {"plugin": plugin, "name": str(info.name if info else plugin), "items": None}
    results.append(result)
    try:
        if os.path.basename(plugin) == plugin and os.path.isdir(os.path.join(request["data"], plugin)):
            copy(os.path.join(request["data"], plugin), os.path.join(base, "data", plugin))
        implementation = info.implementation if info else None
        if implementation is not None:
            inject(
                implementation,
                {
                    "identifier": plugin,
                    "plugin_name": info.name,
                    "plugin_version": info.version,
                    "plugin_info": info,
                    "basefolder": os.path.realpath(info.location),
                    "logger": logging.getLogger("octoprint.plugins." + plugin),
                },
            )
            for factory in factories:
                inject(implementation, factory(plugin, implementation))
        additional = hook(current)
        if isinstance(additional, list):
            result["items"] = [without_scratch(x) if isinstance(x, str) else None for x in additional]
            if "." in additional:
                current.append(os.path.join("data", plugin))
            else:
                current += (os.path.join("data", plugin, x) for x in result["items"])
    except BaseException as error:
        if result["items"] is None:
            result["error"] = "{}: {}".format(type(error).__name__, error)[:300]

answer({"plugins": results})
`;
