// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * The place of one buffer.
 *
 * @param kind "tensor", "workspace", or "second" for the other half of a double buffer
 * @param name of the tensor, or of the operator that takes the workspace
 * @param bytes its size
 * @param pool index into {@link MemoryPlan#pools}
 * @param offset in the pool, in bytes
 * @param firstStep it is live from this step
 * @param lastStep to this one
 */
public record PlannedBuffer(
    String kind, String name, long bytes, int pool, long offset, int firstStep, int lastStep) {}
