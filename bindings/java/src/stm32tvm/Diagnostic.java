// SPDX-License-Identifier: Apache-2.0
package stm32tvm;

/**
 * What is worth telling of an archive that was read nevertheless.
 *
 * @param kind "note", "repair" or "warning"
 * @param message one sentence
 * @param where the archive's member and the place in it
 */
public record Diagnostic(String kind, String message, String where) {}
