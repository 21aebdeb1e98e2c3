"""Files made to freeze or fill the machine that opens them, each by a known trick.

Source: the attacks on torch, fickling, candle, safetensors, numpy and zip readers that were published or tried.
"""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable

import numpy as np

from tests.artifacts.pickle_words import (
    PROTOCOL_2,
    archive,
    called,
    entries,
    legacy,
    name,
    number,
    numbers,
    octets,
    pickled,
    several,
    storage,
    tensor,
    text,
)

Make = Callable[[], bytes]

MANY = 1_000_000
DEEP = 200_000
THING = name("a", "Thing")


def _counted(before: bytes, count: int, after: bytes, kind: str = "<i4") -> bytes:
    """A stretch of opcodes for each number from 0, which stands between the same bytes."""
    parts = np.dtype([("before", f"S{len(before)}"), ("number", kind), ("after", f"S{len(after)}")])
    made = np.empty(count, parts)
    made["before"], made["number"], made["after"] = before, np.arange(count), after
    return made.tobytes()


def _laughs(start: bytes, double: bytes, times: int = 100) -> bytes:
    return pickled(start + double * times)


def _memo_laughs() -> bytes:
    """Lists of ten, each ten times in the next."""
    levels = b"".join(b"(" + b"h" + bytes((i,)) + (b"h" + bytes((i,))) * 9 + b"lq" + bytes((i + 1,)) for i in range(60))
    return pickled(b"]q\x00" + levels)


def _global_laughs() -> bytes:
    return pickled(THING + b"2\x85R\x86" * 60)


def _hash_amplifier() -> bytes:
    """Nested tuples of themselves as a dictionary's key: 237 bytes cost a hashing reader 8 seconds."""
    return pickled(b"}" + b")" + b"2222222\x86\x86\x86\x86\x86\x86\x86"[:14] * 12 + b"K\x01s")


def _colliding_keys() -> bytes:
    prime = (1 << 61) - 1
    return pickled(b"}(" + b"".join(number(i * prime) + b"N" for i in range(40_000)) + b"u")


def _deep_list() -> bytes:
    return pickled(b"]" * DEEP + b"a" * (DEEP - 1))


def _deep_dict() -> bytes:
    return pickled(b"}U\x01k" * DEEP + b"N" + b"s" * DEEP)


def _deep_call() -> bytes:
    return pickled(THING * DEEP + b")" + b"R\x85" * DEEP)


def _deep_state() -> bytes:
    return pickled((THING + b")R") * DEEP + b"b" * (DEEP - 1))


def _cyclic() -> bytes:
    """A list, a dictionary and an object's state that hold themselves and one another."""
    return pickled(
        b"]q\x00}q\x01" + text("list") + b"h\x00s" + text("self") + b"h\x01s" + THING + b")Rq\x02h\x01bh\x02\x86ah\x00"
    )


def _self_argument() -> bytes:
    return pickled(b"]q\x00" + THING + b"h\x00\x85Rah\x00" + THING + b"h\x00b")


def _distinct_names() -> bytes:
    return PROTOCOL_2 + b"".join(b"cm%d\nn\n0" % i for i in range(MANY)) + b"N."


def _long_keys() -> bytes:
    """A dictionary at the end of a path of long keys, with a million entries of its own."""
    path = b"".join(b"}" + text(f"{i}" * 1000) for i in range(150))
    inner = b"}(" + _counted(b"M", MANY, b"N", "<u2") + b"u"
    return pickled(path + inner + b"s" * 150)


def _equal_names() -> bytes:
    """Fifty thousand tensors of one name."""
    shared = tensor((2,), (1,)) + b"q\x000"
    inner = b"}" + text("w") + b"h\x00s"
    return archive(pickled(shared + called(THING) + b"(" + (b"K\x01" + inner) * 50_000 + b"u"))


def _shared_wide_list() -> bytes:
    """A list of a million numbers, a hundred thousand times."""
    return pickled(b"](" + b"K\x01" * MANY + b"eq\x000](" + b"h\x00" * 100_000 + b"e")


def _shared_wide_dict() -> bytes:
    """A dictionary of 300,000 entries, as the argument of 100,000 others."""
    wide = b"}(" + _counted(b"J", 300_000, b"N") + b"uq\x000"
    return pickled(wide + b"](" + (name("collections", "OrderedDict") + b"h\x00\x85R") * 100_000 + b"e")


def _wide_keys() -> bytes:
    """Objects with a large argument as keys."""
    wide = b"](" + b"K\x01" * 200_000 + b"eq\x000"
    key = name("collections", "OrderedDict") + b"h\x00\x85R"
    return pickled(wide + b"}(" + (key + b"N") * 20_000 + b"u")


def _wide_values() -> bytes:
    wide = b"}(" + _counted(b"J", 200_000, b"N") + b"uq\x000"
    value = name("collections", "OrderedDict") + b"h\x00\x85R"
    return pickled(wide + b"](" + (b"](" + value * 900 + b"e") * 100 + b"e")


def _omegaconf_chain() -> bytes:
    node = name("omegaconf.dictconfig", "DictConfig") + b")R"
    state = b"}" + text("_content")
    return pickled((node + state) * 50_000 + b"N" + b"sb" * 50_000)


def _enum_chain() -> bytes:
    get = name("builtins", "getattr")
    return pickled(get * 50_000 + THING + (text("A") + b"\x86R") * 50_000)


def _partial_chain() -> bytes:
    partial = name("functools", "partial")
    return pickled(partial * 20_000 + THING + b"\x85R" * 20_000)


def _parameter_chain() -> bytes:
    wrap = name("torch._utils", "_rebuild_parameter")
    return archive(pickled(wrap * 5_000 + tensor((2,), (1,)) + b"\x88}\x87R" * 5_000))


def _many_references() -> bytes:
    before, after = storage("#####", 4).split(b"#####")
    return archive(pickled(b"](" + b"".join(before + b"%05d" % i + after for i in range(100_000)) + b"e"))


def _missing_storages() -> bytes:
    before, after = tensor((2,), (1,), key="k#####").split(b"#####")
    return archive(pickled(b"](" + b"".join(before + b"%05d" % i + after for i in range(20_000)) + b"e"))


def _nested_legacy() -> bytes:
    """Ten thousand tensors that each keep their elements in the same large string."""
    inner = legacy(b"](" + b"N" * 200_000 + b"e")
    load = name("torch.storage", "_load_from_bytes") + b"h\x00\x85R"
    one = called(
        name("torch._utils", "_rebuild_tensor_v2"), load, b"K\x00", numbers((2,)), numbers((1,)), b"\x89", b"}"
    )
    return pickled(octets(inner) + b"q\x000](" + one * 10_000 + b"e")


def _nested_in_nested() -> bytes:
    data = b"end"
    for _ in range(40):
        load = called(name("torch.storage", "_load_from_bytes"), octets(data))
        rebuilt = called(
            name("torch._utils", "_rebuild_tensor_v2"), load, b"K\x00", numbers((2,)), numbers((1,)), b"\x89", b"}"
        )
        data = legacy(rebuilt)
    return data


def _dtype(code: str, state: bytes | None = None) -> bytes:
    made = called(name("numpy", "dtype"), text(code), b"\x89", b"\x88")
    return (
        made
        + (state if state is not None else several(b"K\x03", text("<"), b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00"))
        + b"b"
    )


def _array(shape: tuple[int, ...], dtype: bytes, data: bytes) -> bytes:
    made = called(name("numpy.core.multiarray", "_reconstruct"), name("numpy", "ndarray"), numbers((0,)), octets(b"b"))
    return made + several(b"K\x01", numbers(shape), dtype, b"\x89", data) + b"b"


def _huge_array() -> bytes:
    return pickled(_array((1 << 62, 1 << 62), _dtype("f8"), octets(b"x" * 16)))


def _wide_dtype() -> bytes:
    state = several(b"K\x03", text("<"), b"NNN", number(1 << 40), b"K\x01K\x00")
    return pickled(_array((1 << 20,), _dtype("V1099511627776", state), octets(b"x" * 16)))


def _deep_dtype() -> bytes:
    dtype = b"N"
    for _ in range(2_000):
        fields = b"}" + text("f") + several(dtype, b"K\x00") + b"s"
        dtype = _dtype("V8", several(b"K\x03", text("|"), b"N", several(text("f")), fields, b"K\x08K\x01K\x00"))
    return pickled(_array((2,), dtype, octets(b"x" * 16)))


def _object_array() -> bytes:
    return pickled(_array((MANY,), _dtype("O8"), b"](" + b"N" * MANY + b"e"))


def _long_scalar() -> bytes:
    made = called(name("numpy.core.multiarray", "scalar"), _dtype("U999999999"), octets(b"x" * 4000))
    return pickled(b"](" + made * 10_000 + b"e")


def _encoded_text() -> bytes:
    """A long text that is turned into bytes again for every use."""
    encode = name("_codecs", "encode") + b"h\x00" + text("latin1") + b"\x86R"
    return pickled(text("é" * 30_000) + b"q\x000](" + (b"(" + encode + b"l") * 50_000 + b"e")


def _zip_bomb() -> bytes:
    stream = pickled(b"](" + b"N" * 90_000_000 + b"e")
    return archive(stream, packing=zipfile.ZIP_DEFLATED)


def _deflated_storage() -> bytes:
    size = 300_000_000
    return archive(
        pickled(tensor((size // 4,), (1,), elements=size // 4)), {"0": bytes(size)}, packing=zipfile.ZIP_DEFLATED
    )


def _many_entries() -> bytes:
    """A million entries, all at the same bytes."""
    entry = b"PK\x01\x02" + struct.pack("<6H3I5H2I", 20, 20, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0)
    local = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 0, 0, 0, 0, 0, 0, 6, 0) + b"x/0000"
    names = b"".join(entry + b"x/%04x" % i for i in range(1 << 16))
    directory = (names * (MANY // (1 << 16) + 1))[: MANY * (len(entry) + 6)]
    end64 = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, MANY, MANY, len(directory), len(local))
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(local) + len(directory), 1)
    end = b"PK\x05\x06" + struct.pack("<4H2IH", 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    return (
        local
        + directory
        + end64
        + locator
        + end[:4]
        + struct.pack("<4H2IH", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    )


def _overlapping_entries() -> bytes:
    """Thousands of entries that are all the same deflated bytes."""
    data = zlib.compress(bytes(20_000_000), 9)[2:-4]
    local_at = 0
    local = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 8, 0, 0, 0, len(data), 20_000_000, 10, 0) + b"x/data.pkl"
    directory = b"".join(
        b"PK\x01\x02"
        + struct.pack("<6H3I5H2I", 20, 20, 0, 8, 0, 0, 0, len(data), 20_000_000, 10, 0, 0, 0, 0, 0, local_at)
        + b"x/data.pkl"
        for _ in range(5_000)
    )
    start = len(local) + len(data)
    return local + data + directory + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 5000, 5000, len(directory), start, 0)


def _absurd_counts() -> bytes:
    whole = archive(pickled(b"N"))
    end64 = b"PK\x06\x06" + struct.pack("<Q2H2I4Q", 44, 45, 45, 0, 0, 1 << 62, 1 << 62, 1 << 61, 1 << 60)
    locator = b"PK\x06\x07" + struct.pack("<IQI", 0, len(whole), 1)
    return (
        whole + end64 + locator + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, 65535, 65535, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    )


def _lying_directory() -> bytes:
    whole = bytearray(archive(pickled(b"N")))
    at = whole.index(b"PK\x01\x02")
    whole[at + 20 : at + 28] = struct.pack("<II", 0xFFFFFFF0, 0xFFFFFFF0)
    return bytes(whole)


def _long_entry_names() -> bytes:
    found = io.BytesIO()
    with zipfile.ZipFile(found, "w") as written:
        written.writestr("x/data.pkl", pickled(b"N"))
        for i in range(500):
            written.writestr(f"x/{i:05}{'n' * 60_000}", b"")
    return found.getvalue()


def _archives_in_archives() -> bytes:
    data = archive(pickled(b"N"))
    for _ in range(30):
        data = archive(data)
    return data


def _false_descriptors() -> bytes:
    """An archive without a directory, full of what looks like the ends of its entry."""
    header = b"PK\x03\x04" + struct.pack("<5H3I2H", 0, 0x0808, 0, 0, 0, 0, 0, 0, 10, 0) + b"x/data.pkl"
    return header + b"PK\x07\x08" * 10_000_000


def _headers_without_directory() -> bytes:
    header = b"PK\x03\x04" + struct.pack("<5H3I2H", 20, 0, 0, 0, 0, 0, 0, 0, 10, 0) + b"x/data.pkl"
    return header * 500_000


def _safetensors(header: bytes, data: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + data


def _long_header() -> bytes:
    entry = b'"%07d":{"dtype":"F32","shape":[],"data_offsets":[0,4]}'
    return _safetensors(b"{" + b",".join(entry % i for i in range(250_000)) + b"}", bytes(4))


def _header_of_100_mb() -> bytes:
    return _safetensors(b"{" + b" " * 99_999_990 + b"}")


def _one_header(entry: dict[str, object], data: bytes = b"") -> bytes:
    return _safetensors(json.dumps({"a": entry}).encode(), data)


PICKLES: dict[str, Make] = {
    "laughs by DUP": lambda: _laughs(b"N", b"2\x86"),
    "laughs of lists": lambda: _laughs(b"]", b"2\x86"),
    "laughs by memo": _memo_laughs,
    "laughs of names": _global_laughs,
    "laughs of dictionaries": lambda: _laughs(b"}", b"2\x86\x85"),
    "an amplified hash": _hash_amplifier,
    "colliding keys": _colliding_keys,
    "a million keys": lambda: pickled(b"}(" + _counted(b"J", MANY, b"N") + b"u"),
    "deep tuples": lambda: pickled(b")" + b"\x85" * DEEP),
    "a deep tuple as a key": lambda: pickled(b"})" + b"\x85" * DEEP + b"Ns"),
    "deep lists": _deep_list,
    "deep dictionaries": _deep_dict,
    "deep calls": _deep_call,
    "deep states": _deep_state,
    "deep references": lambda: pickled(b"N" + b"Q" * DEEP),
    "a large memo number": lambda: pickled(b"Nr\xff\xff\xff\x7fj\xff\xff\xff\x7f"),
    "bytes of a terabyte": lambda: pickled(b"\x8e" + struct.pack("<Q", 1 << 40)),
    "text of a terabyte": lambda: pickled(b"\x8d" + struct.pack("<Q", 1 << 40)),
    "an array of a terabyte": lambda: pickled(b"\x96" + struct.pack("<Q", 1 << 63)),
    "bytes of a gigabyte": lambda: pickled(b"B" + struct.pack("<I", 1 << 30)),
    "an integer of 64 MB": lambda: pickled(b"\x8b" + struct.pack("<i", 1 << 26) + b"\x7f" * (1 << 26)),
    "an integer of negative length": lambda: pickled(b"\x8b" + struct.pack("<i", -1)),
    "ten million digits": lambda: pickled(b"I" + b"9" * 10_000_000 + b"\n"),
    "ten million digits, long": lambda: pickled(b"L" + b"9" * 10_000_000 + b"L\n"),
    "integers of 4,000 digits": lambda: pickled(b"](" + (b"L" + b"9" * 4_000 + b"L\n") * 3_000 + b"e"),
    "integers of 255 bytes": lambda: pickled(b"](" + (b"\x8a\xff" + b"\x7f" * 255) * 400_000 + b"e"),
    "a number of ten million digits": lambda: pickled(b"F" + b"9" * 10_000_000 + b"\n"),
    "a line of escapes": lambda: pickled(b"V" + b"\\u00e9" * 2_500_000 + b"\n"),
    "a quoted line of escapes": lambda: pickled(b"S'" + b"\\x41" * 3_900_000 + b"'\n"),
    "a line without an end": lambda: pickled(b"V" + b"x" * 40_000_000),
    "marks": lambda: pickled(b"(" * 3_000_000),
    "a high stack": lambda: pickled(b"N" * 3_000_000),
    "endless pushes and pops": lambda: pickled(b"N0" * 20_000_000),
    "millions of lists": lambda: pickled((b"(" + b"]" * 900_000 + b"l") * 6),
    "millions of dictionaries": lambda: pickled((b"(" + b"}" * 900_000 + b"l") * 6),
    "millions of tuples": lambda: pickled(b"N" + b"\x85" * 12_000_000),
    "millions of floats": lambda: pickled((b"(" + (b"G" + bytes(8)) * 900_000 + b"l") * 9),
    "millions of texts": lambda: pickled((b"(" + b"\x8c\x02ab" * 900_000 + b"l") * 6),
    "wide texts": lambda: pickled((b"(" + text("x" * 60_000 + "\U0001f600") * 1_000 + b"l") * 3),
    "many strings of bytes": lambda: pickled(b"(" + (b"B" + struct.pack("<I", 4_000) + bytes(4_000)) * 40_000 + b"l"),
    "cycles": _cyclic,
    "an object among its own arguments": _self_argument,
    "distinct names": _distinct_names,
    "a name of a megabyte": lambda: pickled(name("m" * MANY, "n" * MANY) + b")R"),
    "keys of a megabyte": lambda: pickled(entries(*((f"{i}" + "k" * MANY, b"N") for i in range(60)))),
    "long keys above a million": _long_keys,
    "a hundred thousand streams": lambda: pickled(b"N") * 100_000,
    "a shared wide list": _shared_wide_list,
    "a shared wide dictionary": _shared_wide_dict,
    "wide objects as keys": _wide_keys,
    "wide objects as values": _wide_values,
    "a chain of omegaconf": _omegaconf_chain,
    "a chain of enumerations": _enum_chain,
    "a chain of partials": _partial_chain,
    "extensions and buffers": lambda: pickled(b"](" + b"\x82\x01\x97\x98" * 500_000 + b"e"),
    "an instance of a million arguments": lambda: pickled(b"(" + b"N" * 990_000 + b"ia\nThing\n"),
    "keywords by the million": lambda: pickled(THING + b")}(" + b"U\x01kN" * 400_000 + b"u\x92"),
    "a wide set": lambda: pickled(b"\x8f(" + _counted(b"J", MANY, b"") + b"\x90"),
    "a million states": lambda: pickled(THING + b")R" + b"Nb" * MANY),
    "nested legacy files, shared": _nested_legacy,
    "an array of 2**124 numbers": _huge_array,
    "a type of a terabyte": _wide_dtype,
    "types in types": _deep_dtype,
    "an array of a million objects": _object_array,
    "long scalars": _long_scalar,
    "text turned into bytes": _encoded_text,
}  # fmt: skip

TORCH: dict[str, Make] = {
    "a tensor of 2**124 elements": lambda: archive(pickled(tensor((1 << 62, 1 << 62), (1 << 62, 1)))),
    "strides of nothing": lambda: archive(pickled(tensor((1_000_000, 1_000_000), (0, 0)))),
    "strides of one": lambda: archive(pickled(tensor((4, 1_000_000, 1_000_000), (1, 0, 0)))),
    "64 axes": lambda: archive(pickled(tensor((2,) * 64, (0,) * 64))),
    "65 axes": lambda: archive(pickled(tensor((2,) * 65, (0,) * 65))),
    "steps over everything": lambda: archive(
        pickled(tensor((1_000, 1_000), (1, 1_000), elements=1_000_000)), {"0": bytes(4_000_000)}
    ),
    "wild indices of a sparse tensor": lambda: archive(
        pickled(
            called(
                name("torch._utils", "_rebuild_sparse_tensor"),
                called(name("torch.serialization", "_get_layout"), text("torch.sparse_coo")),
                several(tensor((1, 4), (4, 1)), tensor((4,), (1,)), numbers((1 << 40,))),
            )
        )
    ),
    "a tensor of missing elements": lambda: archive(pickled(tensor((1 << 30,), (1,), elements=1 << 40))),
    "parameters of parameters": _parameter_chain,
    "a hundred thousand references": _many_references,
    "twenty thousand missing storages": _missing_storages,
    "fifty thousand tensors of one name": _equal_names,
    "a deflated pickle": _zip_bomb,
    "a deflated storage": _deflated_storage,
    "a million entries": _many_entries,
    "overlapping entries": _overlapping_entries,
    "absurd counts": _absurd_counts,
    "a directory that lies": _lying_directory,
    "long names of entries": _long_entry_names,
    "archives in archives": _archives_in_archives,
    "false ends of an entry": _false_descriptors,
    "headers without a directory": _headers_without_directory,
}

LEGACY: dict[str, Make] = {
    "a million keys, legacy": lambda: legacy(b"N", b"](" + _counted(b"J", MANY, b"") + b"e", bytes(64)),
    "a storage of 2**63": lambda: legacy(b"N", b"](" + text("1") + b"e", b"\xff" * 7 + b"\x7f"),
    "sources by the thousand": lambda: legacy(
        b"](" + b"".join(
            several(text("module"), name("m", f"C{i}"), text("f"), text("s" * 20_000)) + b"Q" for i in range(2_000)
        ) + b"e"
    ),
    "legacy files in legacy files": _nested_in_nested,
}  # fmt: skip

SAFETENSORS: dict[str, Make] = {
    "a header of 100 MB": _header_of_100_mb,
    "a quarter million tensors": _long_header,
    "a header of 2**63": lambda: b"\xff" * 7 + b"\x7f" + b"{}",
    "a name twice": lambda: _safetensors(b"{" + b",".join([b'"a":1'] * 1_000_000) + b"}"),
    "deep brackets": lambda: _safetensors(b'{"a":' + b"[" * 5_000_000 + b"}"),
    "digits without an end": lambda: _safetensors(b'{"a":' + b"9" * 10_000_000 + b"}"),
    "a shape of a million axes": lambda: _one_header(
        {"dtype": "F32", "shape": [1 << 62] * 300_000, "data_offsets": [0, 4]}, bytes(4)
    ),
    "a shape of 2**124": lambda: _one_header(
        {"dtype": "F32", "shape": [1 << 62] * 2, "data_offsets": [0, 4]}, bytes(4)
    ),
    "a hole": lambda: _one_header({"dtype": "U8", "shape": [4], "data_offsets": [1 << 40, (1 << 40) + 4]}, bytes(4)),
    "long metadata": lambda: _safetensors(
        json.dumps({"__metadata__": {str(i): "v" * 30 for i in range(200_000)}}).encode()
    ),
}

BOMBS: dict[str, tuple[str, Make]] = {
    **{key: (".pkl", make) for key, make in PICKLES.items()},
    **{key: (".pt", make) for key, make in (TORCH | LEGACY).items()},
    **{key: (".safetensors", make) for key, make in SAFETENSORS.items()},
}
"""Each bomb's file name suffix, and what makes its bytes."""
