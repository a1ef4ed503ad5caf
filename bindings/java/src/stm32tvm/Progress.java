// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * How far a call has come.
 *
 * @param item what was just done: a member of the archive, a part of the emitted tree
 * @param done of the total, in units of the call's own
 * @param total all there is to do
 */
public record Progress(String item, long done, long total) {}
