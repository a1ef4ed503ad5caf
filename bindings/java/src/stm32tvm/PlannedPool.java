// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * A memory of a plan.
 *
 * @param name as {@link PlanOptions#pool} has it
 * @param bytes that are used of it
 */
public record PlannedPool(String name, long bytes) {}
