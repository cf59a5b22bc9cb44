"""Connections whose other end does not read are given up by the kernel."""

import socket
import threading
import time

from webmap import sockets


def test_a_client_that_does_not_read_is_given_up_and_little_is_kept_for_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        sockets.limit_silence(unread_s=1)
        until = time.monotonic() + 5
        while not listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) and time.monotonic() < until:
            time.sleep(0.01)
        with socket.create_connection(listener.getsockname()) as deaf:
            ours, _ = listener.accept()
            with ours:
                taken = 0
                ended: list[float] = []

                def send() -> None:
                    nonlocal taken
                    try:
                        while True:
                            taken += ours.send(b"x" * 8192)
                    except TimeoutError:
                        ended.append(time.monotonic())

                began = time.monotonic()
                sender = threading.Thread(target=send)
                sender.start()
                sender.join(15)
                assert ended, "it waits for ever"
                assert ended[0] - began < 10
                # What the client's own kernel holds, and what ours does.
                received = deaf.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF)
                assert taken < received + 2 * sockets.UNSENT_BYTES


def test_sockets_that_do_not_listen_are_left_alone() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.create_connection(listener.getsockname()) as other:
        found = sockets.listening()
        ports = {one.getsockname()[1] for one in found}
        for one in found:
            one.close()
        assert listener.getsockname()[1] in ports
        assert other.getsockname()[1] not in ports
