#!/usr/bin/env python3
"""Holds every include against the floor plan of plugin/CMakeLists.txt, and the pure rooms to purity.

The rules stand in `check_tree`. The second half plants an offence against each of them in a small tree
of its own and sees it rejected, so that a rule cannot quietly stop working.
"""

import re
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Third-party headers by the beginning of their names. `.h` files listed in HEADERS_MAY may name one too;
# everywhere else they stay in .cc files, so that floors 0 to 2 build with little beside the standard library.
THIRD_PARTY = {
    "mqtt": ("mqtt/", "MQTT", "openssl/"),
    "http": ("curl/", "boost/", "openssl/", "date/"),
    "disk": ("sqlite3.h",),
    "config": ("yaml-cpp/", "nlohmann/", "tl/expected.hpp"),
    "decode": ("simdjson.h", "google/protobuf/", "zlib.h", "zstd.h"),
    "endpoint": ("simdjson.h",),
    "app": ("CLI/", "prometheus/", "nlohmann/", "boost/", "systemd/"),
}
HEADERS_MAY = {
    "base/result.h": ("tl/expected.hpp",),
    "base/log.cc": ("spdlog/",),
    "decode/decoder.h": ("tl/expected.hpp",),
}
HEADERS_MAY_FLOOR = 3  # from here up a room's own headers may name its library

# C and POSIX headers that a pure room may include: they do nothing.
HARMLESS_C = {"assert.h", "stddef.h", "stdint.h"}
NOT_PURE_HEADERS = {
    "iostream": "return text, or log through plugin/base/log.h",
    "fstream": "let floor 3 or config read the file",
    "filesystem": "let floor 3 or config read the file",
    "thread": "let app start the thread",
    "mutex": "say in the header which one thread may call",
    "condition_variable": "answer with a deadline; one thing waits, and it is not here",
    "future": "let app start the thread",
    "random": "take a number in [0, 1) as an argument",
}
NOT_PURE_CALLS = [
    (r"\b(?:system|steady|high_resolution)_clock::now\b", "take `now` as an argument"),
    (r"\b(?:steady|wall|moment)_now\s*\(", "take `now` as an argument"),
    (r"\b(?:gettimeofday|clock_gettime|time)\s*\(\s*(?:NULL|nullptr|0|&|CLOCK)", "take `now` as an argument"),
    (r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b", "answer with a deadline"),
    (r"\bs?rand\s*\(|\brandom_device\b|\bmt19937", "take a number in [0, 1) as an argument"),
    (r"\bstd::(?:jthread|thread|async)\b", "let app start the thread"),
    (r"(?<![a-z_:])(?:std::)?(?:f?printf|puts|fputs|perror)\s*\(", "log through plugin/base/log.h"),
    (r"\bstd::(?:cout|cerr|clog|cin)\b", "log through plugin/base/log.h"),
    (r"\bgetenv\b", "let config read the environment"),
    (r"\b(?:fopen|fwrite|fread)\s*\(", "let floor 3 or config read the file"),
]
# Clocks and standard error, for the rooms that may use them.
PURE_EXCEPTIONS = {"base/clock.h", "base/log.cc", "base/log_writer.h", "base/log_writer.cc"}
PURE_FLOOR_MAX = 2

BANNED_WORDS = ("Manager", "Helper", "Util", "Handler")
BANNED_FOLDERS = {"common", "util", "utils", "helper", "helpers", "misc"}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
DECLARED = re.compile(r"\b(?:class|struct|enum(?:\s+class)?|namespace|using)\s+([A-Za-z_]\w*)")


class Room:
    def __init__(self, name, floor, deps):
        self.name, self.floor, self.deps = name, floor, deps


def read_plan(cmake_file):
    """The rooms of the plan, by name."""
    text = re.sub(r"#.*", "", cmake_file.read_text())
    rooms = {}
    for call in re.findall(r"^room\(([^)]*)\)", text, re.MULTILINE):
        words = call.split()
        name, keyword, values = words[0], "", {"FLOOR": [], "DEPS": [], "LIBS": []}
        for word in words[1:]:
            if word in values:
                keyword = word
            else:
                values[keyword].append(word)
        rooms[name] = Room(name, int(values["FLOOR"][0]), values["DEPS"])
    return rooms


def without_comments_and_strings(text):
    """The code alone, with every line where it was."""

    def blank(found):
        return re.sub(r"[^\n]", " ", found.group(0))

    pattern = r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])\''
    return re.sub(pattern, blank, text, flags=re.DOTALL)


def check_plan(rooms):
    offences = []
    for room in rooms.values():
        for dep in room.deps:
            if dep not in rooms:
                offences.append(f"plugin/CMakeLists.txt: room {room.name} depends on {dep}, which is no room")
            elif rooms[dep].floor >= room.floor:
                offences.append(
                    f"plugin/CMakeLists.txt: room {room.name} (floor {room.floor}) depends on {dep} "
                    f"(floor {rooms[dep].floor}); only lower floors are allowed"
                )
    return offences


def check_include(where, room, rooms, name, file):
    """What is wrong with one include of `file` (a path below plugin/), as a list."""
    if name.startswith("plugin/"):
        parts = name.split("/")
        target = parts[1] if len(parts) > 2 else ""
        if room is None or target == room.name or target in room.deps:
            return []
        if target not in rooms:
            return [f'{where}: "{name}" is in no room of plugin/CMakeLists.txt']
        return [
            f'{where}: room {room.name} includes "{name}"; it may use '
            f"{' '.join([room.name, *room.deps])}, as plugin/CMakeLists.txt says"
        ]
    if re.fullmatch(r"[a-z_0-9]+", name):  # a header of the C++ standard library
        if room and room.floor <= PURE_FLOOR_MAX and name in NOT_PURE_HEADERS and file not in PURE_EXCEPTIONS:
            return [f"{where}: <{name}> in room {room.name}, which is pure: {NOT_PURE_HEADERS[name]}"]
        return []
    if name.startswith(HEADERS_MAY.get(file, "\0")):
        return []
    allowed = THIRD_PARTY.get(room.name, ()) if room else ()
    if name.startswith(allowed):
        if file.endswith(".h") and room.floor < HEADERS_MAY_FLOOR:
            return [f"{where}: <{name}> in a header; name it in the .cc file alone"]
        return []
    if name.endswith(".h") and "/" not in name or name.startswith(("sys/", "netinet/", "arpa/", "net/", "linux/")):
        if room is None or room.floor > PURE_FLOOR_MAX or name in HARMLESS_C or file in PURE_EXCEPTIONS:
            return []
        return [f"{where}: <{name}> in room {room.name}, which is pure; system headers begin on floor 3"]
    homes = [home for home, names in THIRD_PARTY.items() if name.startswith(names)]
    homes += [home for home, names in HEADERS_MAY.items() if name.startswith(names)]
    allowed_at = f"allowed in {', '.join(homes)}" if homes else "no room is allowed to use it"
    return [f"{where}: <{name}> in room {room.name if room else 'main'}; {allowed_at}"]


def check_calls(file, code):
    offences = []
    for number, line in enumerate(code.split("\n"), 1):
        for pattern, instead in NOT_PURE_CALLS:
            found = re.search(pattern, line)
            if found:
                offences.append(f"plugin/{file}:{number}: `{found.group(0).strip()}` in a pure room: {instead}")
    return offences


def check_names(file, code):
    offences = []
    words = re.split(r"[/_.]", file)
    banned = {word.lower() for word in BANNED_WORDS}
    for word in words:
        if word in banned or word in BANNED_FOLDERS:
            offences.append(f"plugin/{file}:1: `{word}` in a path says nothing; name what it does")
    for number, line in enumerate(code.split("\n"), 1):
        for name in DECLARED.findall(line):
            for word in BANNED_WORDS:
                if re.search(word + r"(?![a-z])", name):
                    offences.append(f"plugin/{file}:{number}: `{name}`: {word} says nothing; name what it does")
    return offences


def check_circles(includes):
    """Circles among the components of one room; a .h and its .cc are one. `includes`: (from, to, where)."""
    graph = {}
    for source, target, where in includes:
        if source != target:
            graph.setdefault(source, {})[target] = where
    offences = []
    done = set()

    def walk(node, path):
        if node in path:
            circle = path[path.index(node):] + [node]
            offences.append(f"{graph[path[-1]][node]}: closes the circle {' -> '.join(circle)}")
            return
        if node in done:
            return
        for target in graph.get(node, {}):
            walk(target, path + [node])
        done.add(node)

    for node in sorted(graph):
        walk(node, [])
    return offences


def check_tree(root):
    """Every offence of the tree below `root`, each as file:line: what, and what is allowed."""
    plugin = root / "plugin"
    rooms = read_plan(plugin / "CMakeLists.txt")
    offences = check_plan(rooms)
    includes = []
    for path in sorted([*plugin.rglob("*.h"), *plugin.rglob("*.cc")]):
        file = path.relative_to(plugin).as_posix()
        room_name = file.split("/")[0] if "/" in file else ""
        room = rooms.get(room_name)
        if room_name and room is None:
            offences.append(f"plugin/{file}:1: {room_name} is no room of plugin/CMakeLists.txt")
            continue
        text = path.read_text()
        code = without_comments_and_strings(text)
        for number, line in enumerate(text.split("\n"), 1):
            found = INCLUDE.match(line)
            if not found:
                continue
            name, where = found.group(2), f"plugin/{file}:{number}"
            offences += check_include(where, room, rooms, name, file)
            if name.startswith(f"plugin/{room_name}/"):
                target = name.removeprefix("plugin/")
                includes.append((re.sub(r"\.(h|cc)$", "", file), re.sub(r"\.(h|cc)$", "", target), where))
        offences += check_names(file, code)
        if room and room.floor <= PURE_FLOOR_MAX and file not in PURE_EXCEPTIONS:
            offences += check_calls(file, code)
    return offences + check_circles(includes)


class TheTree(unittest.TestCase):
    def test_keeps_to_the_floor_plan(self):
        offences = check_tree(ROOT)
        self.assertEqual(offences, [], "\n" + "\n".join(offences))

    def test_has_a_plan_that_names_every_room(self):
        rooms = read_plan(ROOT / "plugin" / "CMakeLists.txt")
        self.assertGreaterEqual(len(rooms), 12)
        self.assertEqual(rooms["base"].floor, 0)


PLAN = """
room(base  FLOOR 0 LIBS spdlog::spdlog)
room(model FLOOR 1 DEPS base)
room(route FLOOR 2 DEPS base model)
room(decode FLOOR 2 DEPS base model)
room(http  FLOOR 3 DEPS base model route
           LIBS CURL::libcurl)
room(app   FLOOR 5 DEPS base model route decode http)
"""


class APlantedOffence(unittest.TestCase):
    """Each test is one offence in an otherwise good tree, and the words that reject it."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        self.write("CMakeLists.txt", PLAN)
        self.write("base/result.h", "// A result.\n#include <tl/expected.hpp>\n#include <string>\n")
        self.write("model/value.h", '// A value. std::cout is only spoken of here.\n#include "plugin/base/result.h"\n')
        self.write("http/curl_loop.cc", '#include <curl/curl.h>\n#include <sys/epoll.h>\n#include "plugin/route/router.h"\n')
        self.write("route/router.h", '#include "plugin/model/value.h"\n')
        self.write("route/router.cc", '#include "plugin/route/router.h"\n')
        self.write("main.cc", '#include "plugin/app/cli.h"\n')

    def write(self, file, text):
        path = self.root / "plugin" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def assert_rejected(self, file, text, *words):
        self.assertEqual(check_tree(self.root), [], "the tree is good before the offence")
        self.write(file, text)
        offences = check_tree(self.root)
        self.assertEqual(len(offences), 1, offences)
        for word in words:
            self.assertIn(word, offences[0])

    def test_a_room_includes_its_neighbour(self):
        self.assert_rejected("route/router.cc", '\n#include "plugin/decode/decoder.h"\n',
                             "plugin/route/router.cc:2:", "route base model")

    def test_a_room_includes_upwards(self):
        self.assert_rejected("model/value.h", '#include "plugin/http/curl_loop.h"\n', "plugin/model/value.h:1:")

    def test_the_plan_depends_upwards(self):
        self.assert_rejected("CMakeLists.txt", PLAN.replace("room(model FLOOR 1 DEPS base)",
                                                            "room(model FLOOR 1 DEPS base http)"),
                             "room model", "only lower floors")

    def test_the_plan_depends_on_a_neighbour(self):
        self.assert_rejected("CMakeLists.txt", PLAN.replace("room(route FLOOR 2 DEPS base model)",
                                                            "room(route FLOOR 2 DEPS base model decode)"),
                             "room route", "only lower floors")

    def test_a_folder_is_not_in_the_plan(self):
        self.assert_rejected("extra/thing.h", "// A thing.\n", "plugin/extra/thing.h:1:", "no room")

    def test_components_of_a_room_include_each_other_in_a_circle(self):
        self.write("route/filter.h", "// A filter.\n")
        self.write("route/cache.h", '#include "plugin/route/filter.h"\n')
        self.write("route/router.h", '#include "plugin/route/cache.h"\n')
        self.assert_rejected("route/filter.cc", '#include "plugin/route/router.h"\n',
                             "circle", "route/filter", "route/cache", "route/router")

    def test_a_pure_room_names_a_library(self):
        self.assert_rejected("route/router.cc", "#include <curl/curl.h>\n", "plugin/route/router.cc:1:", "allowed in http")

    def test_a_header_below_floor_3_names_its_library(self):
        self.assert_rejected("decode/json.h", "#include <simdjson.h>\n", "plugin/decode/json.h:1:", "the .cc file")

    def test_the_result_type_is_taken_past_result_h(self):
        self.assert_rejected("model/value.h", "#include <tl/expected.hpp>\n", "base/result.h")

    def test_main_names_a_library(self):
        self.assert_rejected("main.cc", "#include <CLI/CLI.hpp>\n", "plugin/main.cc:1:", "allowed in app")

    def test_an_unknown_library(self):
        self.assert_rejected("http/curl_loop.cc", "#include <zmq/zmq.hpp>\n", "no room is allowed")

    def test_a_pure_room_includes_a_system_header(self):
        self.assert_rejected("route/router.cc", "#include <unistd.h>\n", "plugin/route/router.cc:1:", "floor 3")

    def test_a_pure_room_reads_the_clock(self):
        self.assert_rejected("route/router.cc", "int x;\nauto t = std::chrono::steady_clock::now();\n",
                             "plugin/route/router.cc:2:", "take `now`")

    def test_a_pure_room_reads_the_clock_of_the_program(self):
        self.assert_rejected("route/router.cc", "int x;\nauto t = steady_now();\n", "plugin/route/router.cc:2:",
                             "take `now`")

    def test_a_pure_room_sleeps(self):
        self.assert_rejected("route/router.cc", "void f() { std::this_thread::sleep_for(1s); }\n", "deadline")

    def test_a_pure_room_draws_random_numbers(self):
        self.assert_rejected("route/router.cc", "int f() { return rand(); }\n", "[0, 1)")

    def test_a_pure_room_starts_a_thread(self):
        self.assert_rejected("route/router.cc", "std::jthread t;\n", "let app start")

    def test_a_pure_room_prints(self):
        self.assert_rejected("route/router.cc", 'void f() { std::printf("x"); }\n', "log.h")
        self.write("route/router.cc", "char b[8]; void f() { std::snprintf(b, 8, \"x\"); }\n")
        self.assertEqual(check_tree(self.root), [])

    def test_a_pure_room_reads_the_environment(self):
        self.assert_rejected("route/router.cc", 'auto v = getenv("HOME");\n', "config")

    def test_a_pure_room_reads_a_file(self):
        self.assert_rejected("route/router.cc", "#include <fstream>\n", "floor 3")

    def test_a_name_that_says_nothing(self):
        self.assert_rejected("route/router.cc", "class TopicManager {};\n", "TopicManager", "name what it does")

    def test_a_path_that_says_nothing(self):
        self.assert_rejected("route/topic_util.h", "// Things.\n", "util")


if __name__ == "__main__":
    sys.exit(unittest.main())
