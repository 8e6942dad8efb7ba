"""Whatever the child does, the caller gets bytes or a FieldproofError, and nothing is left behind."""

import json
import os
import select
import socket
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fieldproof.core.document import FailureCode
from fieldproof.core.errors import Cancelled, FieldproofError, Invalid, NotFound, ParsingFailed
from fieldproof.sandbox import Limits, Sandbox
from sandbox import victims


@pytest.fixture(scope="module")
def box():
    with Sandbox(Limits(memory_bytes=600_000_000, cpu_s=20, wall_s=60)) as sandbox:
        yield sandbox


class Ears:
    """Hears the process ids that victims tell."""

    def __init__(self, path: Path) -> None:
        self.path = str(path)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        self._socket.setblocking(False)

    def has_heard(self) -> bool:
        return bool(select.select([self._socket], [], [], 0)[0])

    def pid(self) -> int:
        return int(self._socket.recv(100))

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def ears(tmp_path: Path):
    one = Ears(tmp_path / "ears")
    yield one
    one.close()


def code_of(box: Sandbox, function, *args, limits: Limits | None = None) -> FailureCode:
    with pytest.raises(ParsingFailed) as caught:
        box.run(function, *args, limits=limits)
    return caught.value.code


def is_gone(pid: int) -> bool:
    """Waits for the kernel to finish with it."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.02)
    return False


def test_returns_what_the_function_returns(box: Sandbox):
    data = os.urandom(3_000_000)
    assert box.run(victims.echo, data) == data


def test_every_run_has_its_own_process(box: Sandbox):
    assert len({box.run(victims.pid) for _ in range(5)} | {str(os.getpid()).encode()}) == 6


def test_child_has_no_environment_and_its_own_directory(box: Sandbox, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    names, directory, temporary = eval(box.run(victims.environment))
    assert names == ["HOME", "PATH", "TMPDIR"] or set(names) <= {"HOME", "PATH", "TMPDIR", "LC_CTYPE"}
    assert directory == temporary
    assert not Path(directory).exists()


def test_child_inherits_no_open_files(box: Sandbox):
    assert len(eval(box.run(victims.descriptors))) <= 6


def test_directory_is_removed(box: Sandbox):
    assert not Path(box.run(victims.writes_a_file).decode()).exists()


@pytest.mark.parametrize("code", list(FailureCode))
def test_parsing_failures_cross_the_border(box: Sandbox, code: FailureCode):
    with pytest.raises(ParsingFailed) as caught:
        box.run(victims.fails, code.value)
    assert (caught.value.code, caught.value.detail) == (code, "In the child.")


def test_other_kinds_of_errors_cross_the_border(box: Sandbox):
    with pytest.raises(Invalid) as caught:
        box.run(victims.refuses)
    assert caught.value.fields == {"a.b": ["No."]}
    with pytest.raises(NotFound):
        box.run(victims.misses)


def test_an_unexpected_exception_is_a_crash_with_its_trace(box: Sandbox):
    with pytest.raises(ParsingFailed) as caught:
        box.run(victims.raises)
    assert caught.value.code is FailureCode.CRASHED
    assert "something odd" in "".join(caught.value.__notes__)
    assert "something odd" not in caught.value.message


@pytest.mark.parametrize(
    "function", [victims.segfaults, victims.aborts, victims.not_bytes, victims.lies, victims.says_nothing]
)
def test_breakdown_is_a_crash(box: Sandbox, function):
    assert code_of(box, function) is FailureCode.CRASHED


def test_memory_is_limited(box: Sandbox):
    assert code_of(box, victims.eats_memory) is FailureCode.OUT_OF_MEMORY


def test_native_code_that_runs_out_of_memory_is_told_from_a_crash(box: Sandbox):
    assert code_of(box, victims.eats_memory_natively) is FailureCode.OUT_OF_MEMORY


def test_processor_time_is_limited(box: Sandbox):
    assert code_of(box, victims.burns, limits=Limits(cpu_s=1, wall_s=60)) is FailureCode.TIMEOUT


def test_wall_clock_is_limited(box: Sandbox):
    assert code_of(box, victims.sleeps, limits=Limits(wall_s=0.3)) is FailureCode.TIMEOUT


def test_the_whole_group_is_killed(box: Sandbox, ears: Ears):
    assert code_of(box, victims.ignores_and_sleeps, ears.path, limits=Limits(wall_s=3)) is FailureCode.TIMEOUT
    assert is_gone(ears.pid())


def test_nothing_is_left_running_after_success(box: Sandbox, ears: Ears):
    assert box.run(victims.leaves_a_process, ears.path) == b"done"
    assert is_gone(ears.pid())


def test_result_size_is_limited(box: Sandbox):
    limits = Limits(output_bytes=1_000_000)
    assert len(box.run(victims.talks_too_much, 1_000_000, limits=limits)) == 1_000_000
    assert code_of(box, victims.talks_too_much, 1_000_001, limits=limits) is FailureCode.LIMIT_EXCEEDED
    assert code_of(box, victims.shouts, 65_536, limits=limits) is FailureCode.LIMIT_EXCEEDED


def test_file_size_is_limited(box: Sandbox):
    assert code_of(box, victims.fills_the_disk, limits=Limits(file_bytes=5_000_000)) in (
        FailureCode.LIMIT_EXCEEDED,
        FailureCode.CRASHED,
    )


def test_no_network(box: Sandbox):
    if box.isolation == "none":
        pytest.skip("this platform allows neither a network namespace nor seccomp")
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert box.run(victims.dials, "127.0.0.1", server.getsockname()[1]) != b"connected"


def test_nothing_is_changed_outside_of_its_directory(box: Sandbox):
    if "landlock" not in box.isolation:
        pytest.skip("this kernel has no Landlock")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:  # in /tmp, LibreOffice would be allowed to remove files
        victim = Path(folder, "file")
        victim.write_text("before")
        outcome = json.loads(box.run(victims.writes, str(victim)))
        assert "done" not in outcome.values(), outcome
        assert [p.name for p in Path(folder).iterdir()] == ["file"]
        assert victim.read_text() == "before"


def test_many_threads_share_one_sandbox(box: Sandbox):
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda i: box.run(victims.echo, str(i).encode()), range(64)))
    assert answers == [str(i).encode() for i in range(64)]


def test_a_dead_server_is_replaced():
    with Sandbox() as sandbox:
        with pytest.raises(FieldproofError):
            sandbox.run(victims.kills_the_server)
        assert sandbox.run(victims.echo, b"again") == b"again"


def test_close_ends_what_runs():
    sandbox = Sandbox()
    errors: list[BaseException] = []

    def wait() -> None:
        try:
            sandbox.run(victims.sleeps)
        except BaseException as error:
            errors.append(error)

    sandbox.start()
    thread = threading.Thread(target=wait)
    thread.start()
    time.sleep(0.3)
    sandbox.close()
    thread.join(30)
    sandbox.close()
    assert not thread.is_alive()


def test_a_cancelled_run_is_killed(box: Sandbox, ears: Ears):
    with pytest.raises(Cancelled):
        box.run(victims.tells_and_sleeps, ears.path, is_cancelled=ears.has_heard)
    assert is_gone(ears.pid())
    assert box.run(victims.echo, b"next") == b"next"
