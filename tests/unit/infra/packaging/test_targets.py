"""Targets of packages: architecture and Python version."""

import sys

import pytest

from infra.packaging.bytecode import compile_bytecode, compiler_for
from infra.packaging.target import Target


@pytest.mark.parametrize(("arch", "platform"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_a_lambda_architecture_maps_to_a_wheel_platform(arch: str, platform: str) -> None:
    assert Target(arch, "3.13").uv_platform == f"{platform}-manylinux_2_28"


@pytest.mark.parametrize("arch", ["", "amd64", "riscv"])
def test_another_architecture_is_refused(arch: str) -> None:
    with pytest.raises(ValueError, match="ARCH must be arm64 or x86_64"):
        Target(arch, "3.13")


def test_there_is_no_compiler_for_a_missing_python_version() -> None:
    assert compiler_for("2.7") is None
    assert compiler_for(f"{sys.version_info.major}.{sys.version_info.minor}") == sys.executable


def test_bytecode_is_placed_beside_the_sources_with_lambdas_paths() -> None:
    sources = {
        "a/__init__.py": b"",
        "a/b.py": b"def c(): raise ValueError\n",
        "a/broken.py": b"def (",
        "data.json": b"{}",
    }
    found = compile_bytecode(sources, sys.executable)
    tag = sys.implementation.cache_tag
    assert set(found) == {f"a/__pycache__/__init__.{tag}.pyc", f"a/__pycache__/b.{tag}.pyc"}
    assert b"/var/task/a/b.py" in found[f"a/__pycache__/b.{tag}.pyc"]
    assert compile_bytecode(sources, sys.executable) == found
