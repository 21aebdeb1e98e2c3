import os
import py_compile

import pytest

from inspector.core.errors import FileError, MissingError
from inspector.core.python_file import run_python_file


def run(path):
    return run_python_file(path, "file_of_the_test", "a file of the test", "mend it")


def test_a_text_as_long_rewritten_within_the_second_is_the_one_that_runs(tmp_path):
    path = tmp_path / "mine.py"
    path.write_text("RATE = 0.7\n")
    told = path.stat()
    py_compile.compile(str(path))
    assert run(path).RATE == 0.7
    path.write_text("RATE = 0.5\n")
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))
    assert run(path).RATE == 0.5


def test_nothing_is_left_in_the_folder_also_of_what_the_file_imports(tmp_path):
    (tmp_path / "beside_the_file.py").write_text("RATE = 0.3\n")
    path = tmp_path / "mine.py"
    path.write_text("from beside_the_file import RATE\n")
    assert run(path).RATE == 0.3
    assert sorted(one.name for one in tmp_path.iterdir()) == ["beside_the_file.py", "mine.py"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("\n1 / 0\n", "ZeroDivisionError: division by zero in line 2"),
        ("a = (\n", "SyntaxError: '(' was never closed in line 1"),
        ("import sys\nsys.exit(3)\n", "SystemExit: 3 in line 2"),
    ],
)
def test_a_file_that_fails_says_in_which_line(tmp_path, text, found):
    path = tmp_path / "mine.py"
    path.write_text(text)
    with pytest.raises(FileError) as error:
        run(path)
    assert error.value.found == found


def test_a_missing_file_is_said(tmp_path):
    with pytest.raises(MissingError, match="no such file"):
        run(tmp_path / "none.py")
