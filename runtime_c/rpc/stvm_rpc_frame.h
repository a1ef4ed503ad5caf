/* SPDX-License-Identifier: Apache-2.0 */
/* Packets of TVM's microTVM RPC on a serial line, as TVM 0.8 to 0.18 write them:
 *
 *   FF FD | length, 4 bytes | payload | CRC, 2 bytes
 *
 * little-endian, every FF behind the first two bytes doubled. The CRC is CRC-16/CCITT-FALSE over the bytes on the line
 * from FF FD to the payload's end. FF FE is nothing, FF FD starts a packet wherever it stands, and what is outside a
 * packet is ignored. */
#ifndef STVM_RPC_FRAME_H
#define STVM_RPC_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sends one byte. */
typedef void (*stvm_rpc_put)(uint8_t byte);

typedef enum stvm_rpc_frame_event {
  STVM_RPC_FRAME_NONE,     /* more bytes are needed */
  STVM_RPC_FRAME_COMPLETE, /* a payload is there; `length` says how much was sent, which may be more than its room */
  STVM_RPC_FRAME_DAMAGED   /* a packet was given up: its CRC was wrong, an escape was, or another started inside it */
} stvm_rpc_frame_event;

/* Receives packets byte by byte. */
typedef struct stvm_rpc_unframer {
  uint8_t* payload;  /* room for `capacity` bytes; a longer payload's first bytes are kept */
  uint32_t capacity; /* bytes */
  uint32_t length;   /* of the payload, as the packet says */
  uint32_t received; /* bytes of the field that is being received */
  uint16_t crc;      /* of the bytes so far */
  uint16_t sent_crc; /* as the packet says */
  uint8_t field;
  bool escaped; /* the last byte was an FF that has yet to get its meaning */
} stvm_rpc_unframer;

void stvm_rpc_unframer_start(stvm_rpc_unframer* unframer, uint8_t* payload, uint32_t capacity);

/* Takes the next byte of the line. After every packet, whole or damaged, nothing is left of it but the payload. */
stvm_rpc_frame_event stvm_rpc_unframe(stvm_rpc_unframer* unframer, uint8_t byte);

/* Sends a packet. */
void stvm_rpc_send_frame(stvm_rpc_put put, const uint8_t* payload, uint32_t length);

#ifdef __cplusplus
}
#endif

#endif /* STVM_RPC_FRAME_H */
