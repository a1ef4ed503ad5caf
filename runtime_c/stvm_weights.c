/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that are stored apart from the program, or read from another place than they are stored in. */
#include <stddef.h>
#include <string.h>

#include "stvm.h"

/* How much is fetched at once to be checked. */
#define PIECE_BYTES 64u

/* CRC-32 (ISO 3309), four bits at a time: a table of 64 bytes. */
uint32_t stvm_add_to_crc(uint32_t crc, const uint8_t* data, uint32_t bytes) {
  static const uint32_t table[16] = {
      UINT32_C(0x00000000), UINT32_C(0x1db71064), UINT32_C(0x3b6e20c8), UINT32_C(0x26d930ac),
      UINT32_C(0x76dc4190), UINT32_C(0x6b6b51f4), UINT32_C(0x4db26158), UINT32_C(0x5005713c),
      UINT32_C(0xedb88320), UINT32_C(0xf00f9344), UINT32_C(0xd6d6a3e8), UINT32_C(0xcb61b38c),
      UINT32_C(0x9b64c2b0), UINT32_C(0x86d3d2d4), UINT32_C(0xa00ae278), UINT32_C(0xbdbdf21c)};
  for (uint32_t i = 0; i < bytes; ++i) {
    crc ^= data[i];
    crc = (crc >> 4) ^ table[crc & 15u];
    crc = (crc >> 4) ^ table[crc & 15u];
  }
  return crc;
}

/* Reads a part of the block, wherever it is stored; 0 for success. */
static int32_t read_stored(const stvm_weights* weights, uint32_t offset, void* to, uint32_t bytes) {
  if (weights->fetch != NULL) {
    return weights->fetch(offset, to, bytes);
  }
  memcpy(to, weights->stored + offset, bytes);
  return 0;
}

static int has_its_header(const stvm_weights* weights, const stvm_weights_header* header) {
  return header->magic == STVM_WEIGHTS_MAGIC && header->layout == weights->layout && header->bytes == weights->bytes;
}

static stvm_status check(const stvm_weights* weights) {
  stvm_weights_header header;
  uint8_t piece[PIECE_BYTES];
  uint32_t crc = UINT32_MAX;
  if (read_stored(weights, 0, &header, sizeof header) != 0 || !has_its_header(weights, &header)) {
    return STVM_ERROR_WEIGHTS;
  }
  for (uint32_t offset = sizeof header; offset < weights->bytes; offset += PIECE_BYTES) {
    const uint32_t rest = weights->bytes - offset;
    const uint32_t bytes = rest < PIECE_BYTES ? rest : PIECE_BYTES;
    if (read_stored(weights, offset, piece, bytes) != 0) {
      return STVM_ERROR_WEIGHTS;
    }
    crc = stvm_add_to_crc(crc, piece, bytes);
  }
  return ~crc == header.crc ? STVM_OK : STVM_ERROR_WEIGHTS;
}

stvm_status stvm_load_weights(const stvm_weights* weights) {
  const stvm_status status = weights->layout == 0 ? STVM_OK : check(weights);
  if (status == STVM_OK && weights->data != NULL && weights->data != weights->stored) {
    return read_stored(weights, 0, weights->data, weights->bytes) == 0 ? STVM_OK : STVM_ERROR_WEIGHTS;
  }
  return status;
}
