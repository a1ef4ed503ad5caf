/* SPDX-License-Identifier: Apache-2.0 */
/* Packets and protobuf fields of the validation protocol. */
#include "stvm_packets.h"

#include <stddef.h>
#include <string.h>

enum { wire_varint = 0, wire_64_bits = 1, wire_bytes = 2, wire_32_bits = 5 };

/* What the host waits for before each packet but a message's first. */
static const uint8_t packet_wanted = 0xAA;

static int next_line_byte(stvm_reader* reader) {
  const int byte = reader->failed != 0 ? -1 : reader->link->read(reader->link->line);
  if (byte < 0) {
    reader->failed = 1;
  }
  return byte;
}

/* Reads a packet's header, whose first byte is at hand. */
static void open_packet(stvm_reader* reader, int first) {
  int count = first;
  if (reader->link->header_bytes == 2) {
    count = first == 0 ? next_line_byte(reader) : -1;
  }
  if (count < 1 || count > STVM_PACKET_BYTES) {
    reader->failed = 1;
    return;
  }
  reader->in_use = (uint32_t)count;
  reader->unused = STVM_PACKET_BYTES - (uint32_t)count;
}

static void close_packet(stvm_reader* reader) {
  for (; reader->unused > 0 && reader->failed == 0; --reader->unused) {
    (void)next_line_byte(reader);
  }
}

/* The next byte that a packet carries. */
static int next_byte(stvm_reader* reader) {
  if (reader->in_use == 0) {
    close_packet(reader);
    reader->link->write(reader->link->line, &packet_wanted, 1);
    open_packet(reader, next_line_byte(reader));
  }
  if (reader->failed != 0) {
    return -1;
  }
  --reader->in_use;
  return next_line_byte(reader);
}

/* The next byte of the message. */
static int message_byte(stvm_reader* reader) {
  if (reader->left == 0) {
    reader->failed = 1;
    return -1;
  }
  --reader->left;
  return next_byte(reader);
}

static uint32_t read_varint(stvm_reader* reader, int (*byte_of)(stvm_reader*)) {
  uint32_t value = 0;
  for (uint32_t shift = 0; shift < 70; shift += 7) {
    const int byte = byte_of(reader);
    if (byte < 0) {
      return 0;
    }
    if (shift < 32) {
      value |= ((uint32_t)byte & 0x7FU) << shift;
    }
    if ((byte & 0x80) == 0) {
      return value;
    }
  }
  reader->failed = 1;
  return 0;
}

int stvm_reader_open(stvm_reader* reader, stvm_link* link) {
  memset(reader, 0, sizeof *reader);
  reader->link = link;
  const int first = next_line_byte(reader);
  if (first < 0) {
    return 0;
  }
  link->header_bytes = first == 0 ? 2 : 1;
  open_packet(reader, first);
  reader->left = read_varint(reader, next_byte);
  return reader->failed == 0;
}

void stvm_reader_close(stvm_reader* reader) {
  while (reader->left > 0 && reader->failed == 0) {
    (void)message_byte(reader);
  }
  reader->unused += reader->in_use;
  reader->in_use = 0;
  close_packet(reader);
}

uint32_t stvm_reader_key(stvm_reader* reader) {
  return reader->left == 0 ? 0 : read_varint(reader, message_byte);
}

uint32_t stvm_reader_varint(stvm_reader* reader) {
  return read_varint(reader, message_byte);
}

int stvm_reader_bytes(stvm_reader* reader, uint8_t* to, uint32_t count) {
  if (count > reader->left) {
    reader->failed = 1;
  }
  for (uint32_t i = 0; i < count && reader->failed == 0; ++i) {
    const int byte = message_byte(reader);
    if (to != NULL && byte >= 0) {
      to[i] = (uint8_t)byte;
    }
  }
  return reader->failed == 0;
}

void stvm_reader_skip(stvm_reader* reader, uint32_t key) {
  switch (key & 7U) {
    case wire_varint:
      (void)stvm_reader_varint(reader);
      break;
    case wire_64_bits:
      (void)stvm_reader_bytes(reader, NULL, 8);
      break;
    case wire_bytes:
      (void)stvm_reader_bytes(reader, NULL, stvm_reader_varint(reader));
      break;
    case wire_32_bits:
      (void)stvm_reader_bytes(reader, NULL, 4);
      break;
    default:
      reader->failed = 1;
      break;
  }
}

void stvm_writer_open(stvm_writer* writer, stvm_link* link) {
  memset(writer, 0, sizeof *writer);
  writer->link = link;
}

static void send_packet(stvm_writer* writer, uint8_t flags) {
  const uint8_t count = (uint8_t)writer->filled;
  const uint8_t two[2] = {flags, count};
  const uint8_t one = (uint8_t)(flags | count);
  memset(writer->packet + writer->filled, 0, STVM_PACKET_BYTES - writer->filled);
  if (writer->link->header_bytes == 2) {
    writer->link->write(writer->link->line, two, 2);
  } else {
    writer->link->write(writer->link->line, &one, 1);
  }
  writer->link->write(writer->link->line, writer->packet, STVM_PACKET_BYTES);
  writer->filled = 0;
}

void stvm_writer_close(stvm_writer* writer) {
  const uint8_t last = 0x80;
  if (writer->link != NULL) {
    send_packet(writer, last);
  }
}

static void put(stvm_writer* writer, const void* bytes, uint32_t count) {
  const uint8_t* const from = (const uint8_t*)bytes;
  writer->bytes += count;
  for (uint32_t i = 0; i < count && writer->link != NULL; ++i) {
    if (writer->filled == STVM_PACKET_BYTES) {
      send_packet(writer, 0);
    }
    writer->packet[writer->filled++] = from[i];
  }
}

static void put_varint(stvm_writer* writer, uint64_t value) {
  uint8_t bytes[10];
  uint32_t count = 0;
  do {
    bytes[count] = (uint8_t)((value & 0x7FU) | (value > 0x7FU ? 0x80U : 0U));
    value >>= 7;
    ++count;
  } while (value != 0 && count < sizeof bytes);
  put(writer, bytes, count);
}

static void put_key(stvm_writer* writer, uint32_t field, uint32_t wire) {
  put_varint(writer, field << 3 | wire);
}

void stvm_write_integer(stvm_writer* writer, uint32_t field, uint64_t value) {
  put_key(writer, field, wire_varint);
  put_varint(writer, value);
}

void stvm_write_signed(stvm_writer* writer, uint32_t field, int32_t value) {
  stvm_write_integer(writer, field, (uint64_t)(int64_t)value);
}

void stvm_write_float(stvm_writer* writer, uint32_t field, float value) {
  uint32_t bits;
  uint8_t bytes[4];
  memcpy(&bits, &value, sizeof bits);
  for (uint32_t i = 0; i < sizeof bytes; ++i) {
    bytes[i] = (uint8_t)(bits >> (8 * i));
  }
  put_key(writer, field, wire_32_bits);
  put(writer, bytes, sizeof bytes);
}

void stvm_write_text(stvm_writer* writer, uint32_t field, const char* text, uint32_t longest) {
  uint32_t count = 0;
  while (count < longest && text[count] != '\0') {
    ++count;
  }
  stvm_write_bytes(writer, field, text, count);
}

void stvm_write_bytes(stvm_writer* writer, uint32_t field, const void* bytes, uint32_t count) {
  stvm_write_message(writer, field, count);
  put(writer, bytes, count);
}

void stvm_write_message(stvm_writer* writer, uint32_t field, uint32_t count) {
  put_key(writer, field, wire_bytes);
  put_varint(writer, count);
}
