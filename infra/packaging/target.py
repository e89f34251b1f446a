"""The target of a package: an architecture and a Python version. They may differ from this machine's."""

import platform
import sys
from dataclasses import dataclass
from typing import Final

ARCHITECTURES: Final = {"arm64": "aarch64", "x86_64": "x86_64"}
_GLIBC: Final = "manylinux_2_28"  # Amazon Linux 2023 has a newer glibc, 2.34


@dataclass(frozen=True)
class Target:
    """`arch`: arm64 or x86_64, as Lambda names them. `python`: for example 3.13."""

    arch: str
    python: str

    def __post_init__(self) -> None:
        if self.arch not in ARCHITECTURES:
            raise ValueError(f"ARCH must be {' or '.join(ARCHITECTURES)}, not {self.arch}")

    @classmethod
    def here(cls) -> "Target":
        """The target of this machine, with the Python of this process."""
        arch = "arm64" if platform.machine() in {"aarch64", "arm64"} else "x86_64"
        return cls(arch, f"{sys.version_info.major}.{sys.version_info.minor}")

    @property
    def name(self) -> str:
        return f"{self.arch}-python{self.python}"

    @property
    def uv_platform(self) -> str:
        return f"{ARCHITECTURES[self.arch]}-{_GLIBC}"

    def markers(self) -> dict[str, str]:
        """The target's values for environment markers of requirements."""
        return {
            "python_version": self.python,
            "python_full_version": f"{self.python}.0",
            "implementation_name": "cpython",
            "implementation_version": f"{self.python}.0",
            "platform_python_implementation": "CPython",
            "platform_machine": ARCHITECTURES[self.arch],
            "platform_system": "Linux",
            "platform_release": "",
            "platform_version": "",
            "os_name": "posix",
            "sys_platform": "linux",
            "extra": "",
        }
