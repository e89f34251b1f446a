"""What packages are made for."""

import sys

import pytest

from infra.packaging.bytecode import compile_bytecode, compiler_for
from infra.packaging.target import Target


@pytest.mark.parametrize(("arch", "platform"), [("arm64", "aarch64"), ("x86_64", "x86_64")])
def test_an_architecture_of_lambda_is_a_platform_of_wheels(arch: str, platform: str) -> None:
    assert Target(arch, "3.13").uv_platform == f"{platform}-manylinux_2_28"


@pytest.mark.parametrize("arch", ["", "amd64", "riscv"])
def test_another_architecture_is_refused_by_name(arch: str) -> None:
    with pytest.raises(ValueError, match="ARCH must be arm64 or x86_64"):
        Target(arch, "3.13")


def test_for_a_python_that_is_not_here_nothing_is_compiled() -> None:
    assert compiler_for("2.7") is None
    assert compiler_for(f"{sys.version_info.major}.{sys.version_info.minor}") == sys.executable


def test_modules_are_compiled_beside_their_sources_as_lambda_finds_them() -> None:
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
