"""The log's files: appended by many, durable, and honest after a crash."""

import threading

import pytest

from yiwang.apps.journal.merkle import Hasher, root_of
from yiwang.apps.journal.segments import JournalDamaged, segments
from yiwang.apps.journal.store import Store


def lines(start, count):
    return [b'{"n":%d}' % number for number in range(start, start + count)]


def root(*all_lines):
    hasher = Hasher()
    return root_of(hasher, [hasher.leaf(line) for line in all_lines])


def test_entries_are_numbered_in_order_and_hashed_to_one_root(tmp_path):
    store = Store(tmp_path)

    assert store.append(lines(0, 3)) == range(3)
    assert store.append(lines(3, 2)) == range(3, 5)

    assert store.size_and_root() == (5, root(*lines(0, 5)))


def test_a_log_goes_on_where_it_stopped(tmp_path):
    store = Store(tmp_path)
    store.append(lines(0, 7))
    store.close()

    again = Store(tmp_path)
    again.append(lines(7, 6))

    assert again.size_and_root() == (13, root(*lines(0, 13)))


def test_two_open_logs_on_one_folder_see_each_other(tmp_path):
    one, other = Store(tmp_path), Store(tmp_path)

    one.append(lines(0, 3))
    assert other.append(lines(3, 1)) == range(3, 4)
    assert one.append(lines(4, 1)) == range(4, 5)

    assert one.size_and_root() == other.size_and_root() == (5, root(*lines(0, 5)))


def test_full_segments_are_closed_and_the_next_begins(tmp_path):
    one, other = Store(tmp_path, segment_bytes=200), Store(tmp_path, segment_bytes=200)
    for number in range(0, 40, 2):
        one.append(lines(number, 1))
        other.append(lines(number + 1, 1))

    assert len(segments(tmp_path)) > 3
    assert one.size_and_root() == (40, root(*lines(0, 40)))
    assert Store(tmp_path).size_and_root() == (40, root(*lines(0, 40)))


def test_threads_share_blocks_and_each_gets_its_own_number(tmp_path):
    store, numbers = Store(tmp_path), []

    def write(thread):
        numbers.extend(store.append(lines(thread * 100 + n, 1))[0] for n in range(50))

    threads = [threading.Thread(target=write, args=(thread,)) for thread in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(400))


@pytest.mark.parametrize("kept", [1, 9, 40, 75])
def test_a_block_cut_short_is_removed_and_kept_aside(tmp_path, kept):
    store = Store(tmp_path)
    store.append(lines(0, 3))
    [segment] = segments(tmp_path)
    whole = segment.read_bytes()
    segment.write_bytes(whole + (b'{"n":3}\n=1 4 ' + b"a" * 64)[:kept])

    assert Store(tmp_path).size_and_root() == (3, root(*lines(0, 3)))
    assert segment.read_bytes() == whole
    assert list(tmp_path.glob("torn-*"))


def test_pages_lost_in_a_crash_of_the_machine_are_cut_off(tmp_path):
    store = Store(tmp_path)
    store.append(lines(0, 3))
    [segment] = segments(tmp_path)
    durable = segment.read_bytes()
    store.append(lines(3, 3))
    store.append(lines(6, 3))
    whole = segment.read_bytes()
    segment.write_bytes(durable + b"\0" * 30 + whole[len(durable) + 30 :])
    (tmp_path / "state").write_bytes(b"another boot".ljust(60, b"\0"))

    assert Store(tmp_path).size_and_root() == (3, root(*lines(0, 3)))


def test_a_changed_entry_stops_the_log(tmp_path):
    Store(tmp_path).append(lines(0, 3))
    [segment] = segments(tmp_path)
    segment.write_bytes(segment.read_bytes().replace(b'{"n":1}', b'{"n":7}'))
    (tmp_path / "state").write_bytes(b"another boot".ljust(60, b"\0"))

    with pytest.raises(JournalDamaged):
        Store(tmp_path)


def test_a_lost_file_of_hashes_is_built_again(tmp_path):
    store = Store(tmp_path, segment_bytes=100)
    for number in range(20):
        store.append(lines(number, 1))
    (tmp_path / "hashes").unlink()

    again = Store(tmp_path)

    assert again.size_and_root() == (20, root(*lines(0, 20)))
    assert again.nodes.holds(20)
