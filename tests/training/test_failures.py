"""Every failure that ends a run is one sentence with what and how much, what is left, and what to do."""

from __future__ import annotations

import errno
import os

import numpy as np
import pytest
import torch

from inspector.core import files
from inspector.training import checkpoint
from inspector.training.failures import sentence_of

LAST = "step_0000120.pt"
KEPT = f"; the last whole checkpoint is {LAST}"

CUDA_FULL = (
    "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 0 has a total capacity of 79.25 GiB of which 3.00 GiB is"
    " free. Including non-PyTorch memory, this process has 76.24 GiB memory in use."
)
LAUNCH_FAILED = (
    "CUDA error: unspecified launch failure\nCUDA kernel errors might be asynchronously reported at some other API call"
)
PEER_GONE = "[../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:42309"


def raised(call, *given):
    with pytest.raises((RuntimeError, MemoryError)) as found:
        call(*given)
    return found.value


def said(error, tmp_path, device="cpu"):
    sentence = sentence_of(error, tmp_path, LAST, device)
    assert sentence is None or "\n" not in sentence
    return sentence


@pytest.mark.parametrize(
    ("make", "amount"), [(lambda: torch.empty(10**15), "4.0 PB"), (lambda: np.empty(10**15), "8.0 PB")]
)
def test_memory_of_the_machine(tmp_path, make, amount):
    sentence = said(raised(make), tmp_path)
    assert sentence.startswith(f"The machine's memory ran out: {amount} more was asked for, ")
    assert "raise optim.accumulate" in sentence
    assert sentence.endswith(KEPT)


def test_memory_of_a_gpu(tmp_path):
    sentence = said(torch.OutOfMemoryError(CUDA_FULL), tmp_path, "cuda:0")
    assert sentence.startswith("The memory of cuda:0 ran out: 21.5 GB more was asked for, 3.2 GB is free; ")
    assert "train.precision to bf16-mixed" in sentence
    assert said(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"), tmp_path, "mps").startswith(
        "The memory of mps ran out; "
    )


def test_a_lost_gpu_and_a_kernel_that_found_a_wrong_value(tmp_path):
    lost = said(RuntimeError(LAUNCH_FAILED), tmp_path, "cuda:0")
    assert lost.startswith("cuda:0 was lost (unspecified launch failure); resume on it once it answers again, or ")
    assert lost.endswith(KEPT)
    wrong = said(RuntimeError("CUDA error: device-side assert triggered\nmore"), tmp_path, "cuda:0")
    assert wrong.startswith("A kernel on cuda:0 found a value out of range (device-side assert triggered); ")


def test_a_kernel_that_does_not_repeat(tmp_path):
    torch.use_deterministic_algorithms(True)
    try:
        error = raised(torch.zeros(3).put_, torch.tensor([0, 0]), torch.ones(2))
    finally:
        torch.use_deterministic_algorithms(False)
    assert said(error, tmp_path, "cuda:0") == (
        f"torch has no kernel on cuda:0 that repeats bit for bit (put_); set train.deterministic to false{KEPT}"
    )


def test_a_lost_process(tmp_path):
    assert said(RuntimeError(PEER_GONE), tmp_path).startswith("Another process of this run was lost (")


def test_a_model_that_cannot_be_compiled(tmp_path):
    error = type("InductorError", (RuntimeError,), {"__module__": "torch._inductor.exc"})(
        "CppCompileError: no g++\nmore"
    )
    assert said(error, tmp_path) == (
        f"torch could not compile the model (CppCompileError: no g++); set train.compile to false{KEPT}"
    )


def test_an_error_of_the_program_is_not_given_another_cause(tmp_path):
    assert said(ValueError("x"), tmp_path) is None
    assert said(RuntimeError("mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"), tmp_path, "cuda:0") is None


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_checkpoint_that_finds_no_room_says_how_much_it_needs(tmp_path, monkeypatch, number):
    class Full:
        def __getattr__(self, name):
            return getattr(os, name)

        def write(self, descriptor, data):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(files, "_os", Full())
    content = {"model": {"weight": torch.zeros(500, 1000)}, "steps": [torch.zeros(250, dtype=torch.float64)]}
    with pytest.raises(OSError, match=LAST) as found:
        checkpoint.save(tmp_path / LAST, content)
    sentence = said(found.value, tmp_path)
    assert sentence.startswith(f"The disk is full: {LAST} needs 2.0 MB, ")
    assert f"free where {tmp_path.name} is; make room or lower train.keep_checkpoints" in sentence
    assert list(tmp_path.iterdir()) == []
