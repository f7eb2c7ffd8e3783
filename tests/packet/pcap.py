# SPDX-License-Identifier: BSD-3-Clause
"""pcap files (microseconds, Ethernet), read and written as octets, with timestamps that never vary."""
import struct

HEADER = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
MAGICS = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">",  # microseconds
          b"\x4d\x3c\xb2\xa1": "<", b"\xa1\xb2\x3c\x4d": ">"}  # nanoseconds
FIRST_SECOND = 1_600_000_037


def encode(frames):
    records = [HEADER]
    for i, frame in enumerate(frames):
        records.append(struct.pack("<IIII", FIRST_SECOND + i // 1_000_000, i % 1_000_000,
                                   len(frame), len(frame)))
        records.append(frame)
    return b"".join(records)


def decode(data):
    order = MAGICS[data[:4]]
    frames, at = [], 24
    while at + 16 <= len(data):
        captured = struct.unpack_from(order + "I", data, at + 8)[0]
        frames.append(data[at + 16:at + 16 + captured])
        at += 16 + captured
    return frames


def read(path):
    with open(path, "rb") as file:
        return decode(file.read())


def write(path, frames):
    with open(path, "wb") as file:
        file.write(encode(frames))
