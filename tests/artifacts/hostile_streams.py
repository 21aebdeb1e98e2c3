"""Pickles that would do something if they were loaded, each by a way that a scanner was or could be fooled by."""

from __future__ import annotations

import pickle  # writes some of the streams
import struct
from collections.abc import Callable

from tests.artifacts.packed import tar_of, zip_of
from tests.artifacts.pickle_words import (
    archive,
    called,
    entries,
    legacy,
    name,
    number,
    octets,
    pickled,
    several,
    storage,
    tensor,
    text,
)

MARK = "/tmp/run-inspector-was-here"
COMMAND = text(f"touch {MARK}")
SYSTEM = name("posix", "system")


def _calls() -> dict[str, bytes]:
    """One call each of what attackers have used."""
    named = {
        "os.system": COMMAND,
        "posix.system": COMMAND,
        "nt.system": COMMAND,
        "subprocess.Popen": COMMAND,
        "subprocess.check_output": COMMAND,
        "builtins.exec": text("import os"),
        "builtins.eval": text("1"),
        "builtins.compile": text("1"),
        "builtins.__import__": text("antigravity"),
        "__builtin__.execfile": text("/etc/passwd"),
        "importlib.import_module": text("this"),
        "runpy.run_path": text("/etc/passwd"),
        "runpy._run_code": text("1"),
        "pty.spawn": text("/bin/sh"),
        "webbrowser.open": text("http://localhost/"),
        "ctypes.CDLL": text("libc.so.6"),
        "socket.create_connection": several(text("localhost"), number(80)),
        "urllib.request.urlopen": text("file:///etc/passwd"),
        "shutil.rmtree": text(MARK),
        "pathlib.Path.unlink": text(MARK),
        "builtins.open": text(MARK),
        "io.open_code": text("/etc/passwd"),
        "pkgutil.resolve_name": text("os:system"),
        "pip._internal.main": text("list"),
        "timeit.timeit": text("1"),
        "cProfile.run": text("1"),
        "trace.Trace": text("1"),
        "pdb.run": text("1"),
        "code.InteractiveInterpreter": text("1"),
        "idlelib.pyshell.main": text("1"),
        "lib2to3.pgen2.pgen.generate_grammar": text("/etc/passwd"),
        "torch.load": text("/etc/passwd"),
        "torch.hub.load": text("a/b"),
        "torch.utils.bottleneck.__main__.run_cprofile": text("1"),
        "torch.jit.unsupported_tensor_ops.execWrapper": text("1"),
        "numpy.f2py.crackfortran.getlincoef": text("1"),
        "numpy.testing._private.utils.runstring": text("1"),
        "numpy.load": text("/etc/passwd"),
        "pickle.loads": octets(b"N."),
        "_pickle.Unpickler": octets(b"N."),
        "marshal.loads": octets(b"N"),
        "joblib.load": text("/etc/passwd"),
        "cloudpickle.cloudpickle._builtin_type": text("CodeType"),
        "types.CodeType": number(1),
        "types.FunctionType": number(1),
        "operator.attrgetter": text("system"),
        "functools.reduce": text("1"),
        "asyncio.run": text("1"),
        "multiprocessing.util.spawnv_passfds": text("/bin/sh"),
        "logging.config.fileConfig": text("/etc/passwd"),
        "distutils.file_util.write_file": text(MARK),
        "ensurepip._run_pip": text("1"),
        "sys.modules": text("1"),
        "sys.setrecursionlimit": number(1),
        "signal.raise_signal": number(9),
        "os._exit": number(0),
        "gc.get_objects": number(0),
        "faulthandler._sigsegv": number(0),
        "copyreg.add_extension": text("os"),
        "warnings.warn": text("x"),
        "codecs.lookup": text("idna"),
        "encodings.search_function": text("uu_codec"),
    }
    return {path: pickled(called(name(*path.rsplit(".", 1)), argument)) for path, argument in named.items()}


def _ways() -> dict[str, bytes]:
    """One harm by every way that a stream has to call."""
    stack_global = text("posix") + text("system") + b"\x93"
    mapping = b"\x80\x02" + b"c" + b"__main__\nbuiltins\n"
    return {
        "INST": pickled(b"(" + COMMAND + b"iposix\nsystem\n"),
        "OBJ": pickled(b"(" + SYSTEM + COMMAND + b"o"),
        "NEWOBJ": pickled(SYSTEM + several(COMMAND) + b"\x81"),
        "NEWOBJ_EX": pickled(SYSTEM + several(COMMAND) + b"}\x92"),
        "STACK_GLOBAL": pickled(stack_global + several(COMMAND) + b"R"),
        "a name out of the memo": pickled(
            text("posix") + b"q\x01" + text("system") + b"q\x0200h\x01h\x02\x93" + several(COMMAND) + b"R"
        ),
        "BUILD": pickled(called(name("a", "T")) + entries(("__setstate__", SYSTEM)) + b"b" + COMMAND + b"b"),
        "BUILD of slots": pickled(name("sys", "modules") + several(b"N", entries(("os", b"N"))) + b"b"),
        "SETITEM on a module table": pickled(name("sys", "modules") + text("os") + b"Ns"),
        "APPEND to a path": pickled(name("sys", "path") + text("/tmp") + b"a"),
        "EXT": pickled(b"\x82\x01" + several(COMMAND) + b"R"),
        "a persistent id": b"P" + MARK.encode() + b"\n.",
        "after the end": pickled(b"N") + pickled(called(SYSTEM, COMMAND)),
        "before a fault": pickled(called(SYSTEM, COMMAND))[:-1] + b"\xff\xff",
        "without an end": pickled(called(SYSTEM, COMMAND))[:-1],
        "in a key": pickled(b"}" + called(SYSTEM, COMMAND) + b"Ns"),
        "in a set": pickled(b"\x8f(" + called(SYSTEM, COMMAND) + b"\x90"),
        "twice around": pickled(called(name("pickle", "loads"), octets(pickled(called(SYSTEM, COMMAND))))),
        "protocol 0": b"cposix\nsystem\n(S'touch /tmp/never'\ntR.",
        "protocol 0, unicode": b"cposix\nsystem\n(V\\u0074ouch\ntR.",
        "odd names": pickled(b"c__builtin__\n\xc3\xa9val\n" + several(text("1")) + b"R"),
        "dotted names": pickled(text("os") + text("path.os.system") + b"\x93" + several(COMMAND) + b"R"),
        "a module of the main program": mapping + several(COMMAND) + b"R.",
        "getattr of a call": pickled(
            called(
                called(name("builtins", "getattr"), called(name("builtins", "__import__"), text("os")), text("system")),
                COMMAND,
            )
        ),
        "a codec that is imported": pickled(called(name("_codecs", "encode"), text("x"), text("idna"))),
        "a codec of bytes": pickled(called(name("_codecs", "encode"), text("x"), text("zlib_codec"))),
        "a decoder": pickled(called(name("_codecs", "decode"), octets(b"x"), text("unicode_escape"))),
        "text in no encoding": b"\x80\x02X\x04\x00\x00\x00\xff\xfe\xfd\xfc.",
        "escapes of Python 2": b"S'\\x41\\777\\q\\N{BULLET}'\n.",
        "a string of Python 2": b"\x80\x02U\x04\xff\xfe\xfd\xfc.",
        "a property that raises": pickled(
            called(name("a", "T")) + entries(("__class__", SYSTEM), ("__dict__", SYSTEM)) + b"b"
        ),
        "a dtype with a hook": pickled(called(name("numpy", "dtype"), SYSTEM)),
        "an array with a hook": pickled(
            called(name("numpy.core.multiarray", "_reconstruct"), SYSTEM, several(number(0)), octets(b"b"))
        ),
        "a tensor of a class": pickled(
            called(name("torch._tensor", "_rebuild_from_type_v2"), SYSTEM, SYSTEM, several(COMMAND), b"}")
        ),
        "a parameter of a call": pickled(
            called(name("torch._utils", "_rebuild_parameter"), called(SYSTEM, COMMAND), b"\x88", b"}")
        ),
        "hooks of a tensor": archive(
            pickled(tensor((2,), (1,)) + entries(("_backward_hooks", called(SYSTEM, COMMAND))) + b"b")
        ),
        "a storage of a class": pickled(several(text("storage"), SYSTEM, text("0"), text("cpu"), number(4)) + b"Q"),
        "a cloudpickle function": pickled(
            called(
                name("cloudpickle.cloudpickle", "_make_function"),
                called(name("types", "CodeType"), number(0), octets(b"d\x00S\x00")),
                b"}",
                b"N",
                b"N",
                b"N",
            )
            + several(b"}", entries(("__name__", text("f"))))
            + b"b"
        ),
        "a partial": pickled(
            called(name("functools", "partial"), SYSTEM) + several(SYSTEM, several(COMMAND), b"}", b"N") + b"b"
        ),
        "omegaconf": pickled(
            called(name("omegaconf.dictconfig", "DictConfig")) + entries(("_content", called(SYSTEM, COMMAND))) + b"b"
        ),
        "an enumeration": pickled(called(name("builtins", "getattr"), SYSTEM, text("__call__"))),
        "a path": pickled(called(name("pathlib", "PosixPath"), text("/dev/zero"))),
        "a pattern": pickled(called(name("re", "_compile"), text("(a+)+$"), number(0))),
        "a date": pickled(called(name("datetime", "datetime"), octets(b"\xff" * 10))),
        "a decimal": pickled(called(name("decimal", "Decimal"), text("1e999999999"))),
        "a range": pickled(called(name("builtins", "range"), number(1 << 80))),
        "a large power": pickled(called(name("operator", "pow"), number(10), number(1 << 40))),
        "bytes of a terabyte": pickled(called(name("builtins", "bytearray"), number(1 << 40))),
    }


STREAMS: dict[str, bytes] = _calls() | _ways()


def _npy(stream: bytes) -> bytes:
    header = b"{'descr': '|O', 'fortran_order': False, 'shape': (1,), }"
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + stream


CONTAINERS: dict[str, Callable[[bytes], bytes]] = {
    ".pkl": lambda stream: stream,
    ".pt": archive,
    ".legacy.pt": lambda stream: legacy(stream.removeprefix(b"\x80\x02").removesuffix(b".")),
    ".npy": _npy,
    ".npz": lambda stream: zip_of({"a.npy": _npy(stream)}),
    ".script.pt": lambda stream: zip_of({"x/data.pkl": stream, "x/constants.pkl": stream, "x/code/a.py": b"import os"}),
    ".zip": lambda stream: zip_of(
        {"inner.zip": zip_of({"x/data.pkl": stream}), "weights.pth": archive(stream), "../a.pkl": stream}
    ),
    ".tar": lambda stream: tar_of({"storages": pickled(b"K\x00"), "tensors": pickled(b"K\x00"), "pickle": stream}),
    ".tar.gz": lambda stream: tar_of({"weights.pth": archive(stream), "/etc/a.pkl": stream}, "w:gz"),
}
"""How a stream is put into a file, by the end of the file's name."""

BENIGN: dict[str, bytes] = {
    f"benign{protocol}": pickle.dumps({"é": [1, 2.5, "µ", b"\xff", {3}, 2**70, None, {"a": (1,)}]}, protocol)
    for protocol in range(6)
} | {"benign tensor": pickled(entries(("w", tensor((2, 2), (2, 1))))), "benign id": pickled(storage("0", 4))}
"""Opened first, so that what is imported late for any file is imported."""
