// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * What a network needs of memory, in bytes.
 *
 * @param ramBytes arena, context and heap, without the stack
 * @param arenaBytes tensors and workspaces
 * @param arenaLowerBoundBytes no plan can be smaller
 * @param contextBytes descriptors of inputs and outputs, state and one handle
 * @param heapBytes what kernels take from a heap
 * @param stackBytes local arrays of the largest kernel
 * @param weightsBytes in flash
 * @param tablesBytes in flash
 */
public record MemoryNeeds(
    long ramBytes,
    long arenaBytes,
    long arenaLowerBoundBytes,
    long contextBytes,
    long heapBytes,
    long stackBytes,
    long weightsBytes,
    long tablesBytes) {}
