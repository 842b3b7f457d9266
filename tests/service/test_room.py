import contextlib
import threading
import time

from service.room import Room


def test_files_wait_until_there_is_room_for_them():
    room, held, most = Room(10), [], []
    lock = threading.Lock()

    def work(size: int) -> None:
        with room.hold(size):
            with lock:
                held.append(size)
                most.append(sum(held))
            time.sleep(0.02)
            with lock:
                held.remove(size)

    threads = [threading.Thread(target=work, args=[size]) for size in [4] * 6 + [9, 1, 1]]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 9
    assert 4 < max(most) <= 10


def test_a_file_larger_than_all_the_room_goes_alone():
    room = Room(10)
    with room.hold(50):
        other = threading.Thread(target=lambda: room.hold(1).__enter__())
        other.start()
        other.join(0.1)
        assert other.is_alive()
    other.join(5)
    assert not other.is_alive()


def test_room_is_given_back_where_the_work_fails():
    room = Room(10)
    for _ in range(3):
        with contextlib.suppress(ZeroDivisionError), room.hold(10):
            _ = 1 / 0
    with room.hold(10):
        pass


def test_a_large_file_is_not_passed_by_small_ones_that_keep_coming():
    room, got, ended = Room(200), threading.Event(), threading.Event()

    def small() -> None:
        while not ended.is_set():
            with room.hold(20):
                time.sleep(0.02)

    def large() -> None:
        with room.hold(100):
            got.set()

    threads = [threading.Thread(target=small) for _ in range(9)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    threads.append(threading.Thread(target=large))
    threads[-1].start()
    assert got.wait(5)
    ended.set()
    for thread in threads:
        thread.join()
