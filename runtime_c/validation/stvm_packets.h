/* SPDX-License-Identifier: Apache-2.0 */
/* The packets of ST's validation protocol (ai_runner, versions 3.1 and 3.2) and the protobuf fields inside, both ways
 * without a buffer for a whole message.
 *
 * A packet is a header and 32 bytes. From the host, messages start with their length, the header counts the bytes in
 * use, and the host waits for one byte before each packet but a message's first. To the host, bit 7 of the header marks
 * a message's last packet. Hosts until mid 2025 use a header of one byte, later ones a header of two, high byte first:
 * the first byte of a message tells, since no count is above 32. Answers are in the same form. */
#ifndef STVM_PACKETS_H
#define STVM_PACKETS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STVM_PACKET_BYTES 32

/* The serial line. */
typedef struct stvm_link {
  /* The next byte, or -1 when none came for about half a second. */
  int (*read)(void* line);
  void (*write)(void* line, const uint8_t* bytes, uint32_t count);
  void* line;
  uint8_t header_bytes; /* of the last message from the host: 1 or 2 */
} stvm_link;

/* One message from the host, read field by field. */
typedef struct stvm_reader {
  stvm_link* link;
  uint32_t in_use; /* bytes of the packet still to read */
  uint32_t unused; /* bytes behind them */
  uint32_t left;   /* bytes of the message still to read */
  uint8_t failed;  /* the line went silent, or the message is no message */
} stvm_reader;

/* Waits for a message. 0 when none came, or what came is none. */
int stvm_reader_open(stvm_reader* reader, stvm_link* link);

/* Reads what is left of the message. */
void stvm_reader_close(stvm_reader* reader);

/* A protobuf field's key: number << 3 | wire type. 0 at the end of the message. */
uint32_t stvm_reader_key(stvm_reader* reader);

/* An integer field's value, or a field's length in bytes: the low 32 bits. */
uint32_t stvm_reader_varint(stvm_reader* reader);

/* The next bytes of the message; 0 when it has not that many. `to` may be NULL: they are passed over. */
int stvm_reader_bytes(stvm_reader* reader, uint8_t* to, uint32_t count);

/* Passes over the value of the field with this key. */
void stvm_reader_skip(stvm_reader* reader, uint32_t key);

/* One message to the host; or, without a link, the count of its bytes. */
typedef struct stvm_writer {
  stvm_link* link; /* NULL: only counts */
  uint32_t bytes;  /* of the message so far */
  uint32_t filled;
  uint8_t packet[STVM_PACKET_BYTES];
} stvm_writer;

void stvm_writer_open(stvm_writer* writer, stvm_link* link);
/* Sends the message's last packet. */
void stvm_writer_close(stvm_writer* writer);

/* Fields. Each is number and value; text ends at its NUL. */
void stvm_write_integer(stvm_writer* writer, uint32_t field, uint64_t value);
void stvm_write_signed(stvm_writer* writer, uint32_t field, int32_t value);
void stvm_write_float(stvm_writer* writer, uint32_t field, float value);
void stvm_write_text(stvm_writer* writer, uint32_t field, const char* text, uint32_t longest);
void stvm_write_bytes(stvm_writer* writer, uint32_t field, const void* bytes, uint32_t count);
/* The start of a message inside the message, of this many bytes. */
void stvm_write_message(stvm_writer* writer, uint32_t field, uint32_t count);

#ifdef __cplusplus
}
#endif

#endif /* STVM_PACKETS_H */
