/* SPDX-License-Identifier: Apache-2.0 */
/* Observers of a network's nodes, with X-CUBE-AI's names. Linked only where they are used. */
#ifndef AI_PLATFORM_INTERFACE_H
#define AI_PLATFORM_INTERFACE_H

#include "ai_datatypes_defines.h"
#include "ai_platform.h"

AI_API_DECLARE_BEGIN

/* Events, and what is told with them. No INIT event comes: nodes have nothing to initialise. */
#define AI_OBSERVER_NONE_EVT (0)
#define AI_OBSERVER_INIT_EVT (1 << 0)
#define AI_OBSERVER_PRE_EVT (1 << 1)
#define AI_OBSERVER_POST_EVT (1 << 2)
#define AI_OBSERVER_FIRST_EVT (1 << 8) /* with PRE and POST: of the first node */
#define AI_OBSERVER_LAST_EVT (1 << 9)  /* with PRE and POST: of the last node */
#define AI_OBSERVER_REGISTERED (1 << 24)
#define AI_OBSERVER_MASK_EVT (0xFF)

struct ai_tensor_chain_;
struct ai_node_s;
typedef struct ai_tensor_chain_ ai_tensor_chain;

typedef struct {
  ai_u16 c_idx; /* index of the node in execution order */
  ai_u16 type;  /* ST's number of the layer's type, as far as the kernel's name tells it */
  ai_u16 id;    /* the same as c_idx */
  ai_u16 unused;
  const ai_tensor_chain* inner_tensors; /* NULL: tensors of ST's own form are not here */
  const ai_tensor_chain* tensors;       /* NULL; stvm_step.h gives an operator's tensors */
} ai_observer_node;

/* What it returns is not used. */
typedef ai_u32 (*ai_observer_node_cb)(const ai_handle cookie, const ai_u32 flags, const ai_observer_node* node);

typedef struct {
  ai_observer_node_cb on_node;
  ai_handle cookie;
  ai_u32 flags;          /* of the events that are asked for */
  ai_u16 c_idx;          /* of the node that runs */
  ai_u16 n_nodes;        /* of the network */
  struct ai_node_s* cur; /* NULL */
} ai_observer_exec_ctx;

/* Fills the node of index node_info->c_idx. */
AI_API_ENTRY ai_bool ai_platform_observer_node_info(ai_handle network, ai_observer_node* node_info);
/* A network has one observer at a time: false, and INVALID_PARAM/IN_USE, where it has one. */
AI_API_ENTRY ai_bool ai_platform_observer_register(ai_handle network, ai_observer_node_cb cb, ai_handle cookie,
                                                   ai_u32 flags);
AI_API_ENTRY ai_bool ai_platform_observer_unregister(ai_handle network, ai_observer_node_cb cb, ai_handle cookie);
/* The same with memory of the application's. */
AI_API_ENTRY ai_bool ai_platform_observer_register_s(ai_handle network, ai_observer_exec_ctx* ctx);
AI_API_ENTRY ai_bool ai_platform_observer_unregister_s(ai_handle network, ai_observer_exec_ctx* ctx);

AI_API_DECLARE_END

#endif /* AI_PLATFORM_INTERFACE_H */
