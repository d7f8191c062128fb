"""Listens to the MQTT between broker and bridge: what was given to the bridge, in order, and what it said it took."""


class Given:
    """What the broker gave of one stream: ids in order, and whether the bridge acknowledged each."""

    def __init__(self):
        self.ids = []
        self.taken = bytearray()


class MqttEar:
    """Of one connection, MQTT 5, QoS 1, topics soak/STREAM."""

    def __init__(self, streams):
        self._streams = streams  # Given, by number
        self._of_packet = {}  # packet identifier: (Given, place)
        self._server, self._client = bytearray(), bytearray()

    def from_server(self, data):
        buffer = self._server
        buffer += data
        at = 0
        while (packet := next_packet(buffer, at)) is not None:
            first, body, end = packet
            if first >> 4 == 3:
                self._publish(first, buffer, body, end)
            at = end
        del buffer[:at]

    def _publish(self, first, buffer, body, end):
        topic_end = body + 2 + (buffer[body] << 8 | buffer[body + 1])
        number = int(buffer[body + 2:topic_end].rsplit(b"/", 1)[1])
        packet_id = None
        if first & 6:
            packet_id = buffer[topic_end] << 8 | buffer[topic_end + 1]
            topic_end += 2
        properties, topic_end = varint(buffer, topic_end)
        given = self._streams[number]
        self._of_packet[packet_id] = (given, len(given.ids))
        given.taken.append(0)
        given.ids.append(id_of(bytes(buffer[topic_end + properties:end])))

    def from_client(self, data):
        buffer = self._client
        buffer += data
        at = 0
        while (packet := next_packet(buffer, at)) is not None:
            first, body, end = packet
            if first >> 4 == 4:
                known = self._of_packet.pop(buffer[body] << 8 | buffer[body + 1], None)
                if known:
                    known[0].taken[known[1]] = 1
            at = end
        del buffer[:at]


def id_of(payload):
    """Of {"id": N} or N."""
    return int(payload[6:-1] if payload.startswith(b"{") else payload)


def varint(buffer, at):
    """The number there, and where it ends."""
    value, shift = 0, 0
    while True:
        byte = buffer[at]
        at += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return value, at


def next_packet(buffer, at):
    """First byte, begin of the body and end of a packet that is there as a whole."""
    size = len(buffer)
    value, shift, place = 0, 0, at + 1
    while place < size:
        byte = buffer[place]
        place += 1
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            return (buffer[at], place, place + value) if place + value <= size else None
    return None
