/* SPDX-License-Identifier: Apache-2.0 */
#include "stvm_rpc_frame.h"

#define ESCAPE 0xFFu
#define PACKET_START 0xFDu
#define NOTHING 0xFEu
#define LENGTH_BYTES 4u
#define CRC_BYTES 2u
#define CRC_START 0xFFFFu

enum { OUTSIDE, LENGTH, PAYLOAD, CRC };

/* One byte of CRC-16/CCITT-FALSE: polynomial 0x1021, most significant bit first. */
static uint16_t add_to_crc(uint16_t crc, uint8_t byte) {
  uint32_t value = ((uint32_t)crc >> 8) ^ byte;
  value ^= value >> 4;
  return (uint16_t)(((uint32_t)crc << 8) ^ (value << 12) ^ (value << 5) ^ value);
}

void stvm_rpc_unframer_start(stvm_rpc_unframer* unframer, uint8_t* payload, uint32_t capacity) {
  unframer->payload = payload;
  unframer->capacity = capacity;
  unframer->field = OUTSIDE;
  unframer->escaped = false;
}

static void start_field(stvm_rpc_unframer* unframer, uint8_t field) {
  unframer->field = field;
  unframer->received = 0;
}

static stvm_rpc_frame_event give_up(stvm_rpc_unframer* unframer) {
  const bool inside = unframer->field != OUTSIDE;
  unframer->field = OUTSIDE;
  return inside ? STVM_RPC_FRAME_DAMAGED : STVM_RPC_FRAME_NONE;
}

/* A byte of the packet's contents, its escape removed. */
static stvm_rpc_frame_event take(stvm_rpc_unframer* unframer, uint8_t byte) {
  const uint32_t index = unframer->received++;
  switch (unframer->field) {
    case LENGTH:
      unframer->length |= (uint32_t)byte << (8u * index);
      if (unframer->received == LENGTH_BYTES) {
        start_field(unframer, unframer->length == 0 ? CRC : PAYLOAD);
      }
      return STVM_RPC_FRAME_NONE;
    case PAYLOAD:
      if (index < unframer->capacity) {
        unframer->payload[index] = byte;
      }
      if (unframer->received == unframer->length) {
        start_field(unframer, CRC);
      }
      return STVM_RPC_FRAME_NONE;
    case CRC:
      unframer->sent_crc = (uint16_t)(unframer->sent_crc | (uint32_t)byte << (8u * index));
      if (unframer->received < CRC_BYTES) {
        return STVM_RPC_FRAME_NONE;
      }
      unframer->field = OUTSIDE;
      return unframer->sent_crc == unframer->crc ? STVM_RPC_FRAME_COMPLETE : STVM_RPC_FRAME_DAMAGED;
    default:
      return STVM_RPC_FRAME_NONE;
  }
}

static stvm_rpc_frame_event start_packet(stvm_rpc_unframer* unframer) {
  const stvm_rpc_frame_event event = give_up(unframer);
  unframer->crc = add_to_crc(add_to_crc(CRC_START, ESCAPE), PACKET_START);
  unframer->sent_crc = 0;
  unframer->length = 0;
  start_field(unframer, LENGTH);
  return event;
}

stvm_rpc_frame_event stvm_rpc_unframe(stvm_rpc_unframer* unframer, uint8_t byte) {
  if (unframer->field == LENGTH || unframer->field == PAYLOAD) {
    unframer->crc = add_to_crc(unframer->crc, byte);
  }
  if (!unframer->escaped) {
    unframer->escaped = byte == ESCAPE;
    return unframer->escaped ? STVM_RPC_FRAME_NONE : take(unframer, byte);
  }
  /* Outside a packet nothing is doubled: an FF of noise must not hide the start of a packet behind it. */
  unframer->escaped = byte == ESCAPE && unframer->field == OUTSIDE;
  switch (byte) {
    case ESCAPE:
      return take(unframer, byte);
    case PACKET_START:
      return start_packet(unframer);
    case NOTHING:
      return STVM_RPC_FRAME_NONE;
    default:
      return give_up(unframer);
  }
}

static void put_escaped(stvm_rpc_put put, uint8_t byte, uint16_t* crc) {
  if (byte == ESCAPE) {
    put(ESCAPE);
    *crc = add_to_crc(*crc, ESCAPE);
  }
  put(byte);
  *crc = add_to_crc(*crc, byte);
}

void stvm_rpc_send_frame(stvm_rpc_put put, const uint8_t* payload, uint32_t length) {
  uint16_t crc = add_to_crc(add_to_crc(CRC_START, ESCAPE), PACKET_START);
  put(ESCAPE);
  put(PACKET_START);
  for (uint32_t i = 0; i < LENGTH_BYTES; ++i) {
    put_escaped(put, (uint8_t)(length >> (8u * i)), &crc);
  }
  for (uint32_t i = 0; i < length; ++i) {
    put_escaped(put, payload[i], &crc);
  }
  const uint16_t sent = crc;
  for (uint32_t i = 0; i < CRC_BYTES; ++i) {
    put_escaped(put, (uint8_t)(sent >> (8u * i)), &crc);
  }
}
