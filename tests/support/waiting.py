"""Free ports, and waiting for something to become true. Nothing in the tests sleeps but this file."""

import random
import socket
import time

# A build under a sanitizer on a busy machine is slow; a test that passes never waits this long.
PATIENCE = 30.0


def free_port():
    """A TCP port of loopback that nobody has now. Below the range that the system gives to outgoing
    connections, so that no dial of another test takes it before its server binds."""
    while True:
        port = random.randint(12000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def listens(port):
    """Whether somebody accepts connections there."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
        return True
    except OSError:
        return False


def wait_until(condition, what, seconds=PATIENCE):
    """Asks until `condition()` is true and returns its answer; a failure of the test that names `what` if it
    never is."""
    deadline = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain: {what}")
        time.sleep(0.01)
