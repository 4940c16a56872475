"""Reads topics and schemas with other people's clients: librdkafka, fastavro and the registry's plain HTTP.

Nothing of Verdict is in it.
"""

import io
import json
import time
import urllib.error
import urllib.request
from typing import NamedTuple

import fastavro
from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, TopicPartition


SILENCE = 20  # seconds without a record or an end of a partition


class Record(NamedTuple):
    topic: str
    partition: int
    offset: int
    timestamp: int  # milliseconds
    key: bytes | None
    value: bytes | None
    headers: list

    def header(self, name):
        """The text of the last header of that name, None without one."""
        for key, value in reversed(self.headers):
            if key == name:
                return value.decode()
        return None


class Topics:
    """All committed records of topics, from their begin to their end as it is at the time of the call."""

    def __init__(self, brokers):
        self.consumer = Consumer({
            "bootstrap.servers": brokers,
            "group.id": "readback",
            "isolation.level": "read_committed",
            "enable.auto.commit": False,
            "enable.partition.eof": True,
            "auto.offset.reset": "error",
            "fetch.message.max.bytes": 8 << 20,
        })
        self.partitions = {}

    def read(self, topic, only=None):
        """only: the partition to read; None: all."""
        metadata = self.consumer.list_topics(topic, timeout=20).topics[topic]
        if metadata.error:
            raise SystemExit(f"readback: topic {topic}: {metadata.error}")
        self.partitions[topic] = len(metadata.partitions)
        open_partitions = set(metadata.partitions) if only is None else {only}
        self.consumer.assign([TopicPartition(topic, p, OFFSET_BEGINNING) for p in open_partitions])
        records = []
        deadline = time.monotonic() + SILENCE
        while open_partitions:
            # It waits for all it may take or for the timeout, whatever comes first; hence a short one.
            for m in self.consumer.consume(num_messages=5000, timeout=0.2):
                deadline = time.monotonic() + SILENCE
                if not m.error():
                    records.append(Record(topic, m.partition(), m.offset(), m.timestamp()[1], m.key(), m.value(),
                                          m.headers() or []))
                elif m.error().code() == KafkaError._PARTITION_EOF:
                    open_partitions.discard(m.partition())
                else:
                    raise SystemExit(f"readback: topic {topic}: {m.error()}")
            if time.monotonic() > deadline:
                raise SystemExit(f"readback: topic {topic}: nothing for {SILENCE} s, "
                                 f"not at the end of {sorted(open_partitions)}")
        self.consumer.unassign()
        return records


class UnknownSchema(Exception):
    pass


class Registry:
    """Decodes values in the registry's wire format by the schema that the registry has for their id."""

    def __init__(self, url):
        self.url = url
        self.schemas = {}

    def get(self, path):
        with urllib.request.urlopen(f"{self.url}{path}", timeout=20) as answer:
            return json.load(answer)

    def schema(self, schema_id):
        if schema_id not in self.schemas:
            try:
                answer = self.get(f"/schemas/ids/{schema_id}")
                self.schemas[schema_id] = fastavro.parse_schema(json.loads(answer["schema"]))
            except urllib.error.HTTPError as error:
                if error.code == 404:
                    raise UnknownSchema(schema_id) from error
                raise
        return self.schemas[schema_id]

    def decode(self, value):
        if value[:1] != b"\0" or len(value) < 5:
            raise ValueError("not in the registry's wire format")
        body = io.BytesIO(value[5:])
        decoded = fastavro.schemaless_reader(body, self.schema(int.from_bytes(value[1:5], "big")), None)
        if body.read(1):
            raise ValueError("bytes after the record")
        return decoded

    def ids(self, subject):
        """The ids of all versions of a subject."""
        return {self.get(f"/subjects/{subject}/versions/{v}")["id"] for v in self.get(f"/subjects/{subject}/versions")}


def murmur2(data):
    """Kafka's partition hash of a key, made positive; from its definition (seed 0x9747b28c, 32 bits)."""
    mask, m = 0xFFFFFFFF, 0x5BD1E995
    h = 0x9747B28C ^ len(data)
    whole = len(data) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(data[i:i + 4], "little") * m & mask
        k = (k ^ k >> 24) * m & mask
        h = h * m & mask ^ k
    if tail := data[whole:]:
        h = (h ^ int.from_bytes(tail, "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    return (h ^ h >> 15) & 0x7FFFFFFF
