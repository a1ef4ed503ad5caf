/* SPDX-License-Identifier: Apache-2.0 */
/* Events of a network's nodes, for the callback that stai_<name>_set_callback() sets. */
#ifndef STAI_EVENTS_H
#define STAI_EVENTS_H

#include "stai.h"

#define STAI_EVENT_NODE_START (0x01)
#define STAI_EVENT_NODE_STOP (0x02)

/* The payload of both: at START the node's inputs, without weights; at STOP its outputs. */
typedef struct {
  int32_t node_id; /* index in the order of execution */
  stai_array_const_ptr buffers;
} stai_event_node_start_stop;

#endif /* STAI_EVENTS_H */
