/* SPDX-License-Identifier: Apache-2.0 */
/* The one server of the image. */
#ifndef SERVER_H
#define SERVER_H

#include "stvm_rpc.h"

extern stvm_rpc_server server;

#endif /* SERVER_H */
