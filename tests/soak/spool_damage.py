"""Changes a byte of a line in a spool and tells which line that was; see docs/spool.md for the format."""

import json
import struct

MARK = b"\xff\xfe\xfd\xfc"
HEAD = struct.Struct("<4sIB3sQQQ")
LINE = 1


def stream_key(name):
    """FNV-1a with the last steps of MurmurHash3."""
    mask = (1 << 64) - 1
    value = 14695981039346656037
    for byte in name.encode():
        value = (value ^ byte) * 1099511628211 & mask
    value = (value ^ value >> 33) * 0xff51afd7ed558ccd & mask
    value = (value ^ value >> 33) * 0xc4ceb9fe1a85ec53 & mask
    return value ^ value >> 33


def lines(data):
    """Where each line's record begins, its size and its key."""
    at = 32
    while at + HEAD.size <= len(data):
        mark, _, kind, size, key, _, _ = HEAD.unpack_from(data, at)
        if mark != MARK:
            return
        end = at + HEAD.size + int.from_bytes(size, "little")
        if kind == LINE and end <= len(data):
            yield at, end, key
        at = end


def damage(folder, streams, chance):
    """[(stream, id)] of the lines that were hit: one, or none if there is no line."""
    numbers = {stream_key(f"s{number}"): number for number in range(streams)}
    segments = sorted(folder.glob("*.spool"))
    if not segments:
        return []
    path = chance.choice(segments)
    data = bytearray(path.read_bytes())
    known = [record for record in lines(data) if record[2] in numbers]
    if not known:
        return []
    at, end, key = chance.choice(known)
    line = json.loads(data[at + HEAD.size:end])
    data[chance.randrange(at, end)] ^= 1 << chance.randrange(8)
    with path.open("r+b") as file:
        file.write(data)
    return [(numbers[key], line["y"])]
